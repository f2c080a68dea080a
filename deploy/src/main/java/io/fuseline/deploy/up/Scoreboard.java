package io.fuseline.deploy.up;

import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.TargetType;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Adds up what is read from the output topics. Money of spans that ended after a breach is booked
 * to the command that answered it, whichever of the two is read first. Safe for use by many
 * threads.
 */
final class Scoreboard {
  /** A command is read at most so long after a span that ended later than its breach. */
  private static final Duration SPANS_KEPT = Duration.ofMinutes(1);

  private static final Duration RATE_OVER = Duration.ofSeconds(5);
  private static final int ALERTS_KEPT = 10_000;

  private final Map<String, Tracked> commands = new LinkedHashMap<>();
  private final Map<String, Alert> alerts = new LinkedHashMap<>();
  private final Deque<Booked> recent = new ArrayDeque<>();
  private final Deque<Booked> counted = new ArrayDeque<>();
  private final List<CommandAck> early = new ArrayList<>();
  private long spans;
  private long unpriced;
  private BigDecimal cost = BigDecimal.ZERO;
  private Instant firstSpanRead;

  private record Booked(
      Instant readAt, Instant ended, String rootRunId, String agentId, BigDecimal cost) {}

  /** A snapshot of everything. */
  record View(
      long spans,
      double spansPerSecond,
      long unpriced,
      BigDecimal cost,
      List<Sighting> commands,
      List<Alert> alerts) {
    View {
      commands = List.copyOf(commands);
      alerts = List.copyOf(alerts);
    }

    /**
     * What the stopped targets spent between breach and stop, each span counted once per target.
     */
    BigDecimal spentAfterBreach() {
      Set<String> targets = new HashSet<>();
      return commands.stream()
          .filter(Sighting::stops)
          .filter(seen -> targets.add(seen.command().getTargetType() + seen.command().getTarget()))
          .map(Sighting::spentAfter)
          .reduce(BigDecimal.ZERO, BigDecimal::add);
    }
  }

  synchronized void onSpan(PricedSpan span, Instant readAt) {
    if (span.getProvisional()) {
      return; // its final writing follows
    }
    Booked booked =
        new Booked(
            readAt,
            span.getEventTime(),
            span.getRootRunId(),
            span.getAgentId(),
            span.getContractedCost());
    spans++;
    cost = cost.add(booked.cost());
    if (span.getStatus() == CostStatus.UNPRICED || span.getStatus() == CostStatus.PARTIAL) {
      unpriced++;
    }
    if (firstSpanRead == null) {
      firstSpanRead = readAt;
    }
    forgetBefore(recent, readAt.minus(SPANS_KEPT));
    recent.add(booked);
    forgetBefore(counted, readAt.minus(RATE_OVER));
    counted.add(booked);
    commands.values().forEach(command -> command.book(booked));
  }

  synchronized void onCommand(Command command, Instant readAt) {
    Tracked known = commands.get(command.getCommandId());
    if (known != null) {
      known.times++;
      return;
    }
    Tracked tracked = new Tracked(command, readAt);
    commands.put(command.getCommandId(), tracked);
    recent.forEach(tracked::book);
    early.removeIf(tracked::answer);
  }

  synchronized void onAck(CommandAck ack) {
    Tracked command = commands.get(ack.getCommandId());
    if (command == null) {
      early.add(ack);
    } else {
      command.answer(ack);
    }
  }

  synchronized void onAlert(Alert alert) {
    alerts.putIfAbsent(alert.getAlertId(), alert);
    if (alerts.size() > ALERTS_KEPT) {
      alerts.remove(alerts.keySet().iterator().next());
    }
  }

  synchronized View view(Instant now) {
    forgetBefore(counted, now.minus(RATE_OVER));
    return new View(
        spans,
        rate(now),
        unpriced,
        cost,
        commands.values().stream().map(Tracked::sighting).toList(),
        List.copyOf(alerts.values()));
  }

  private double rate(Instant now) {
    if (firstSpanRead == null) {
      return 0;
    }
    Duration since = Duration.between(firstSpanRead, now);
    Duration over = since.compareTo(RATE_OVER) < 0 ? since : RATE_OVER;
    return counted.size() * 1000.0 / Math.max(1_000, over.toMillis());
  }

  private static void forgetBefore(Deque<Booked> spans, Instant time) {
    while (!spans.isEmpty() && spans.peek().readAt().isBefore(time)) {
      spans.remove();
    }
  }

  /** A command and what came after it. */
  private static final class Tracked {
    private final Command command;
    private final Instant readAt;
    private final Set<String> rootRuns;
    private final List<CommandAck> acks = new ArrayList<>();
    private int times = 1;
    private long spansAfter;
    private Instant lastSpanAt;
    private BigDecimal spentAfter = BigDecimal.ZERO;

    Tracked(Command command, Instant readAt) {
      this.command = command;
      this.readAt = readAt;
      this.rootRuns = Set.copyOf(command.getRootRunIds());
    }

    void book(Booked span) {
      if (concerns(span) && span.ended().isAfter(command.getEventTime())) {
        spansAfter++;
        spentAfter = spentAfter.add(span.cost());
        if (lastSpanAt == null || span.ended().isAfter(lastSpanAt)) {
          lastSpanAt = span.ended();
        }
      }
    }

    boolean answer(CommandAck ack) {
      return ack.getCommandId().equals(command.getCommandId()) && acks.add(ack);
    }

    Sighting sighting() {
      return new Sighting(command, readAt, times, acks, spansAfter, lastSpanAt, spentAfter);
    }

    /** A span does not name its team or tenant here; the command names its active runs. */
    private boolean concerns(Booked span) {
      return command.getTargetType() == TargetType.AGENT
          ? span.agentId().equals(command.getTarget())
          : rootRuns.contains(span.rootRunId());
    }
  }
}
