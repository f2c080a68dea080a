package io.fuseline.stream.metrics;

import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.CorrectionReason;
import io.fuseline.schemas.Severity;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The pipeline's own meters. All of a fixed set are registered at once, so that a rate over them is
 * right from the first event and the hot path adds to a counter it already holds. Safe for all
 * threads.
 *
 * <p>The meters count what this process did: records that are processed again after a crash are
 * counted again. The ledger, not a meter, says what was spent.
 */
public final class FuselineMetrics {
  /**
   * Every series costs memory in the monitoring system; a reason that carries ids must not multiply
   * them.
   */
  private static final int MOST_REASONS = 32;

  private static final String OTHER_REASON = "other";

  private static final String STALE = "stale";

  private static final String ACHIEVED = "achieved";
  private static final String MISSED = "missed";
  private static final String DUPLICATE = "duplicate";

  static final Duration[] LATENCY_BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10)
  };

  private final MeterRegistry registry;
  private final Counter spans;
  private final Counter duplicates;
  private final Counter late;
  private final Counter clamped;
  private final Counter miskeyed;
  private final Counter unpriced;
  private final Counter usageMissing;
  private final Map<String, Counter> deadLetters = new ConcurrentHashMap<>();
  private final Map<Action, Counter> commands = new EnumMap<>(Action.class);
  private final Map<Severity, Counter> alerts = new EnumMap<>(Severity.class);
  private final Timer spanToCommand;
  private final Map<CorrectionReason, Counter> corrections = new EnumMap<>(CorrectionReason.class);
  private final AtomicReference<BigDecimal> correctedUp = new AtomicReference<>(BigDecimal.ZERO);
  private final AtomicReference<BigDecimal> correctedDown = new AtomicReference<>(BigDecimal.ZERO);
  private final Set<String> repricingTasks = ConcurrentHashMap.newKeySet();
  private final Counter repricedSpans;
  private final Counter restored;
  private final AtomicLong restoreRemaining = new AtomicLong();
  private final IngestMetrics ingest;
  private final Map<String, Counter> outcomes = new HashMap<>();
  private final AdmissionMetrics admission;
  private final Map<String, Counter> acknowledgements = new ConcurrentHashMap<>();
  private final Map<Action, Counter> escalations = new EnumMap<>(Action.class);
  private final Timer commandToAck;
  private final AtomicReference<BigDecimal> stopLeak = new AtomicReference<>(BigDecimal.ZERO);

  /**
   * @param currency ISO 4217 currency of {@link #stopLeak} and {@link #correction}
   */
  public FuselineMetrics(MeterRegistry registry, String currency) {
    this.registry = registry;
    spans = counter("fuseline.spans", "Spans read from the input topic, duplicates included.");
    duplicates =
        counter("fuseline.duplicates", "Spans seen before and therefore not booked again.");
    late =
        counter(
            "fuseline.late",
            "Spans booked after the minute of their event time had left the minute cells.");
    clamped =
        counter(
            "fuseline.clamped", "Spans whose time lay in the future and was set to the present.");
    miskeyed =
        counter(
            "fuseline.miskeyed", "Spans not keyed by their root run, sent on under the right key.");
    unpriced =
        counter("fuseline.unpriced", "Spans with a usage that has no price; bounded, never free.");
    usageMissing =
        counter(
            "fuseline.usage.missing",
            "Model calls that told no usage and did not fail: what they cost is not known.");
    deadLetters.put(OTHER_REASON, deadLetterCounter(OTHER_REASON));
    for (Action action : Action.values()) {
      commands.put(
          action,
          Counter.builder("fuseline.commands")
              .description("Commands written, by action.")
              .tag("action", lowerCase(action))
              .register(registry));
    }
    for (Severity severity : Severity.values()) {
      alerts.put(
          severity,
          Counter.builder("fuseline.alerts")
              .description("Alerts written, by severity.")
              .tag("severity", lowerCase(severity))
              .register(registry));
    }
    for (CorrectionReason reason : CorrectionReason.values()) {
      corrections.put(
          reason,
          Counter.builder("fuseline.corrections")
              .description("Corrections of booked spans after prices changed, by reason.")
              .tag("reason", lowerCase(reason))
              .register(registry));
    }
    corrected("up", correctedUp, currency);
    corrected("down", correctedDown, currency);
    repricedSpans =
        counter("fuseline.repriced.spans", "Kept spans looked at again after prices changed.");
    Gauge.builder("fuseline.repricing.tasks", repricingTasks, Set::size)
        .description("Tasks whose kept spans are being looked at again; 0: all stand by the book.")
        .register(registry);
    restored = counter("fuseline.restored", "Entries of changelogs read back into local state.");
    Gauge.builder("fuseline.restore.remaining", restoreRemaining, AtomicLong::get)
        .description(
            "Entries of changelogs still to be read before their partitions are judged; 0: nothing is restored.")
        .register(registry);
    spanToCommand =
        Timer.builder("fuseline.span.to.command")
            .description(
                "From the arrival of the span that proves a breach to the command that answers it.")
            .serviceLevelObjectives(LATENCY_BUCKETS)
            .register(registry);
    for (String result : List.of(ACHIEVED, MISSED, DUPLICATE)) {
      outcomes.put(
          result,
          Counter.builder("fuseline.outcomes")
              .description(
                  "Outcomes of runs read, by what they tell; those seen before change nothing.")
              .tag("result", result)
              .register(registry));
    }
    acknowledgementCounter(STALE);
    for (AckResult result : AckResult.values()) {
      acknowledgementCounter(lowerCase(result));
    }
    for (Action action : Action.values()) {
      escalations.put(
          action,
          Counter.builder("fuseline.escalations")
              .description("Commands that were not obeyed by their deadline, by action.")
              .tag("action", lowerCase(action))
              .register(registry));
    }
    commandToAck =
        Timer.builder("fuseline.command.to.ack")
            .description("From the issue of a command to the answer that nothing was left to do.")
            .serviceLevelObjectives(LATENCY_BUCKETS)
            .register(registry);
    ingest = new IngestMetrics(registry);
    admission = new AdmissionMetrics(registry);
    FunctionCounter.builder("fuseline.stop.leak", stopLeak, FuselineMetrics::approximate)
        .description("Spend booked for a target after it was told to stop, in currency units.")
        .tag("currency", currency)
        .register(registry);
  }

  /** Meters of the ways in other than the span topic. */
  public IngestMetrics ingest() {
    return ingest;
  }

  /** Meters of admission. */
  public AdmissionMetrics admission() {
    return admission;
  }

  /** So many entries of a changelog were read back. */
  public void restored(long entries) {
    restored.increment(entries);
  }

  /** So many entries of changelogs are still to be read back. */
  public void restoreRemaining(long entries) {
    restoreRemaining.set(entries);
  }

  /** A span was read. */
  public void span() {
    spans.increment();
  }

  /** A span was seen before. */
  public void duplicate() {
    duplicates.increment();
  }

  /** An outcome was counted. */
  public void outcome(boolean achieved) {
    outcomes.get(achieved ? ACHIEVED : MISSED).increment();
  }

  /** An outcome was seen before. */
  public void duplicateOutcome() {
    outcomes.get(DUPLICATE).increment();
  }

  /** So many spans came after the horizon of the minute cells. */
  public void late(int spans) {
    late.increment(spans);
  }

  /** A span's time lay in the future. */
  public void clamped() {
    clamped.increment();
  }

  /** A span's record key was not its root run. */
  public void miskeyed() {
    miskeyed.increment();
  }

  /** At least one usage of a span has no price. */
  public void unpriced() {
    unpriced.increment();
  }

  /** A model call that did not fail told no usage: what it cost is not known. */
  public void usageMissing() {
    usageMissing.increment();
  }

  /**
   * A record went to the dead letters.
   *
   * @param reason one of a few fixed words such as {@code undecodable}; from the 32nd on they are
   *     counted as {@code other}
   */
  public void deadLetter(String reason) {
    Counter counter = deadLetters.get(reason);
    if (counter == null) {
      counter =
          deadLetters.size() < MOST_REASONS
              ? deadLetters.computeIfAbsent(reason, this::deadLetterCounter)
              : deadLetters.get(OTHER_REASON);
    }
    counter.increment();
  }

  /** A command was written. */
  public void command(Action action) {
    commands.get(action).increment();
  }

  /** An alert was written. */
  public void alert(Severity severity) {
    alerts.get(severity).increment();
  }

  /**
   * How long it took from the arrival of a span to the command it led to; a negative duration,
   * which two clocks can give, counts as zero.
   */
  public void spanToCommand(Duration latency) {
    spanToCommand.record(latency.isNegative() ? Duration.ZERO : latency);
  }

  /**
   * A runtime has answered a command.
   *
   * @param stale the command was over; then it is counted as {@code stale}, whatever it says
   */
  public void acknowledgement(AckResult result, boolean stale) {
    acknowledgements.get(stale ? STALE : lowerCase(result)).increment();
  }

  /** A command was not obeyed by its deadline. */
  public void escalation(Action action) {
    escalations.get(action).increment();
  }

  /** How long it took from a command to the answer that ended the wait for it; 0 or more. */
  public void commandToAck(Duration latency) {
    commandToAck.record(latency);
  }

  private void acknowledgementCounter(String result) {
    acknowledgements.put(
        result,
        Counter.builder("fuseline.acknowledgements")
            .description("Answers of runtimes to commands, by result.")
            .tag("result", result)
            .register(registry));
  }

  /**
   * Spend that was booked after a stop.
   *
   * @param amount currency units, 0 or more; added up exactly, rounded only when read by the
   *     monitoring system
   */
  public void stopLeak(BigDecimal amount) {
    stopLeak.accumulateAndGet(amount, BigDecimal::add);
  }

  /**
   * The cost of a booked span was corrected.
   *
   * @param amount currency units, signed
   */
  public void correction(CorrectionReason reason, BigDecimal amount) {
    corrections.get(reason).increment();
    if (amount.signum() != 0) {
      (amount.signum() > 0 ? correctedUp : correctedDown)
          .accumulateAndGet(amount.abs(), BigDecimal::add);
    }
  }

  /** A task has begun, or has ended, to look at its kept spans again. */
  public void repricing(String task, boolean underWay) {
    if (underWay) {
      repricingTasks.add(task);
    } else {
      repricingTasks.remove(task);
    }
  }

  /** So many kept spans were looked at again. */
  public void repriced(long spans) {
    repricedSpans.increment(spans);
  }

  private void corrected(String direction, AtomicReference<BigDecimal> amount, String currency) {
    FunctionCounter.builder("fuseline.corrected", amount, FuselineMetrics::approximate)
        .description("Sum of corrections that raised or lowered booked costs, in currency units.")
        .tag("currency", currency)
        .tag("direction", direction)
        .register(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private Counter deadLetterCounter(String reason) {
    return Counter.builder("fuseline.dead.letters")
        .description("Records that could not be processed, by reason.")
        .tag("reason", reason)
        .register(registry);
  }

  private static String lowerCase(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** Monitoring systems hold doubles; this is the only place where money becomes one. */
  private static double approximate(AtomicReference<BigDecimal> money) {
    return money.get().doubleValue();
  }
}
