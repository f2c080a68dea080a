package io.fuseline.deploy.chaos;

import io.fuseline.deploy.pipeline.Deployment;
import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Decision;
import io.fuseline.schemas.DecisionType;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.policy.Presets;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The preset "over the cap by 50 % within an hour" and three policies for runs, in five acts:
 * limits are reached; those who were told to stop go on all the same; people restore some of them;
 * all spans come once more, and late ones of before the restore; work goes on, within the new
 * headroom and beyond it. In each act the pipeline is killed with -9 at random points, while it
 * works and while it starts.
 */
public final class Chaos {
  /** Targets that never answer a KILL. */
  static final Set<String> DEAF = Set.of("fast-0", "capped-0");

  static final String DECIDED_BY = "ada";

  private static final String RUN_POLICIES =
      """
      id: capped-run
      match: {workflow: capped}
      rule: {type: budget, per: run, limit: "20"}
      ladder: [{at: 100%, action: kill}]
      ---
      id: resting-run
      match: {workflow: resting}
      rule: {type: budget, per: run, limit: "5"}
      ladder: [{at: 100%, action: pause}]
      ---
      id: loop
      rule: {type: exact-cycle}
      ladder: [{at: 3, action: kill}]
      """;

  /** Which act each crash is in; longer runs begin again. */
  private static final String ACTS_OF_CRASHES = "ADBCEADBAEABDCAABDAB";

  private static final int HEALTHY_PER_CRASH = 1_200;
  private static final int SLICES = 20;
  private static final long SLICE_MILLIS = 100;
  private static final int LONGEST_WORK_MILLIS = 1_500;
  private static final int LONGEST_START_MILLIS = 6_000;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final long LOOK_MILLIS = 50;
  private static final long SETTLED_MILLIS = 700;
  private static final int HOURS_RAISED = 4;

  private final ChaosSettings settings;
  private final Deployment deployment;
  private final PrintWriter out;
  private final Random random;
  private final List<AgentSpan> distinct = new ArrayList<>();
  private Process pipeline;
  private int crashes;
  private int metWork;
  private long sent;

  private Chaos(ChaosSettings settings, Deployment deployment, PrintWriter out) {
    this.settings = settings;
    this.deployment = deployment;
    this.out = out;
    this.random = new Random(settings.seed());
  }

  /**
   * Runs and checks; takes about 12 seconds per crash and a minute more.
   *
   * @param name prefix of its topics, and its application id
   * @param folder for state and log of the pipeline, and for the replay
   * @param out gets a line per crash
   * @throws ChaosException when the pipeline does not come to an end with its work
   */
  public static ChaosReport run(
      LocalStack stack, String name, Path folder, ChaosSettings settings, PrintWriter out) {
    String policies = policies(Instant.now());
    try (Deployment deployment = Deployment.create(stack, name, folder, policies)) {
      stack.attach(deployment); // no pipeline is left behind when we are stopped
      return new Chaos(settings, deployment, out).play(policies, folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChaosException("Interrupted before all was checked.", e);
    }
  }

  /**
   * The same on a broker and a registry of its own, in a temporary folder that is removed when all
   * checks hold and otherwise named.
   */
  public static ChaosReport runOnOwnStack(ChaosSettings settings, PrintWriter out) {
    try {
      Path folder = Files.createTempDirectory("fuseline-chaos-");
      ChaosReport report;
      out.printf("seed %d, folder %s%n", settings.seed(), folder);
      try (LocalStack stack =
          LocalStack.start(folder.resolve("stack"), step -> out.println(step))) {
        report = run(stack, "chaos", folder, settings, out);
      }
      if (report.failures().isEmpty()) {
        delete(folder);
      }
      return report;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private ChaosReport play(String policies, Path folder) throws IOException, InterruptedException {
    Instant start = Instant.now();
    Script script = new Script(random, start);
    Checks checks = new Checks(deployment, out);
    try (Runtimes runtimes = Runtimes.start(deployment, DEAF)) {
      pipeline = deployment.startPipeline();

      List<AgentSpan> breaches = withHealthy(script, script.breaches(), 'A');
      act('A', "limits are reached", breaches, List.of());
      checks.afterBreaches(breaches, policies, folder);

      act('B', "stopped ones go on", withHealthy(script, script.leaks(), 'B'), List.of());
      checks.afterLeaks();

      Map<String, Decision> decisions = decisions(Instant.now());
      new CompactedTopic<>(
              deployment.topics().decisions().name(), Decision.class, deployment.clientSettings())
          .write(decisions, stored -> {});
      act('C', "some are restored", withHealthy(script, List.of(), 'C'), List.of());
      checks.afterRestore(decisions);

      List<AgentSpan> old = List.copyOf(distinct);
      act('D', "old spans come again", script.stale(), old);
      checks.afterReplay();

      Instant now = Instant.now();
      act('E', "work goes on", withHealthy(script, script.afterRestore(now), 'E'), List.of());
      checks.atTheEnd(distinct);
      runtimes.close();
    }
    return new ChaosReport(
        settings,
        metWork,
        distinct.size(),
        sent,
        Duration.between(start, Instant.now()),
        checks.all());
  }

  /**
   * The preset as it is shipped. Its day is that of UTC; around midnight it is counted where it is
   * about noon, so that the run does not see the end of a day.
   */
  private static String policies(Instant now) {
    String preset = Presets.named("over-cap-page").orElseThrow().text();
    OffsetDateTime utc = now.atOffset(ZoneOffset.UTC);
    int minute = utc.getHour() * 60 + utc.getMinute();
    if (minute < 100 || minute > 23 * 60) {
      ZoneOffset noon = ZoneOffset.ofHours(utc.getHour() < 12 ? 12 : -11);
      preset = preset.replace("window: day,", "window: day, zone: \"" + noon + "\",");
    }
    return preset + "---\n" + RUN_POLICIES;
  }

  private static Map<String, Decision> decisions(Instant now) {
    Map<String, Decision> decisions = new LinkedHashMap<>();
    for (int i = 2; i < Script.FAST; i++) {
      put(decisions, TargetType.AGENT, "fast-" + i, Script.AGENT_RAISE, now);
    }
    for (int i = 0; i < Script.RESTING - 1; i++) {
      put(decisions, TargetType.RUN, "resting-" + i, Script.RUN_RAISE, now);
    }
    return decisions;
  }

  private static void put(
      Map<String, Decision> decisions,
      TargetType type,
      String target,
      BigDecimal amount,
      Instant now) {
    decisions.put(
        target,
        Decision.newBuilder()
            .setDecisionId("raise-" + target)
            .setType(DecisionType.RAISE_CAP)
            .setTenantId("default")
            .setTargetType(type)
            .setTarget(target)
            .setAmount(amount.setScale(12))
            .setUntil(now.plus(Duration.ofHours(HOURS_RAISED)))
            .setDecidedBy(DECIDED_BY)
            .setReason("the work is worth it")
            .setDecidedAt(now)
            .build());
  }

  private List<AgentSpan> withHealthy(Script script, List<AgentSpan> spans, char act) {
    List<AgentSpan> all = new ArrayList<>(spans);
    all.addAll(script.healthy(HEALTHY_PER_CRASH * Math.max(1, crashesIn(act))));
    return all;
  }

  private int crashesIn(char act) {
    int count = 0;
    for (int i = 0; i < settings.crashes(); i++) {
      count += ACTS_OF_CRASHES.charAt(i % ACTS_OF_CRASHES.length()) == act ? 1 : 0;
    }
    return count;
  }

  /**
   * Sends spans in as many parts as there are crashes in this act, and crashes in each.
   *
   * @param fresh spans that were not sent before; some are sent twice
   * @param again spans that were
   */
  private void act(char act, String title, List<AgentSpan> fresh, List<AgentSpan> again)
      throws InterruptedException {
    distinct.addAll(fresh);
    List<AgentSpan> records = new ArrayList<>(fresh);
    records.addAll(again);
    for (AgentSpan span : fresh) {
      if (random.nextInt(8) == 0) {
        records.add(span);
      }
    }
    Collections.shuffle(records, random);
    int parts = Math.max(1, crashesIn(act));
    for (int i = 0; i < parts; i++) {
      List<AgentSpan> part =
          records.subList(records.size() * i / parts, records.size() * (i + 1) / parts);
      if (crashesIn(act) == 0) {
        send(part, 0);
      } else {
        crash(title, part, i > 0 && random.nextInt(3) == 0);
      }
    }
    awaitSettled();
  }

  /**
   * @param whileStarting kills the pipeline soon after its last start, whatever it has come to;
   *     else once it has committed something of what is sent now
   */
  private void crash(String title, List<AgentSpan> part, boolean whileStarting)
      throws InterruptedException {
    crashes++;
    long committed = deployment.committed();
    int delay = random.nextInt(whileStarting ? LONGEST_START_MILLIS : LONGEST_WORK_MILLIS);
    CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(part, SLICE_MILLIS));
    if (!whileStarting) {
      await("the pipeline to commit", () -> deployment.committed() > committed);
    }
    TimeUnit.MILLISECONDS.sleep(delay);
    Deployment.kill(pipeline);
    long lag = deployment.lag();
    metWork += lag > 0 ? 1 : 0;
    out.printf(
        "crash %d of %d: %s; killed %d ms after %s; %d records not committed%n",
        crashes,
        settings.crashes(),
        title,
        delay,
        whileStarting ? "its start" : "it had begun to work",
        lag);
    out.flush();
    restart();
    sending.join();
  }

  private void restart() {
    try {
      pipeline = deployment.startPipeline();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every seventh record has no key, as from a producer that knows nothing of root runs. */
  @SuppressWarnings("FutureReturnValueIgnored") // A lost record shows in what is checked.
  private void send(List<AgentSpan> records, long pauseMillis) {
    try (KafkaProducer<String, AgentSpan> producer = deployment.spanProducer()) {
      String topic = deployment.topics().agentSpans().name();
      for (int i = 0; i < records.size(); i++) {
        AgentSpan span = records.get(i);
        String key = i % 7 == 0 ? null : span.getRootRunId();
        producer.send(new ProducerRecord<>(topic, key, span));
        if (pauseMillis > 0 && i % (records.size() / SLICES + 1) == 0) {
          TimeUnit.MILLISECONDS.sleep(pauseMillis);
        }
      }
      sent += records.size();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChaosException("Interrupted while spans were sent.", e);
    }
  }

  /** All is committed; looked at twice, since a hop of a record may just be on its way. */
  private void awaitSettled() throws InterruptedException {
    do {
      await("all records to be committed", () -> deployment.lag() == 0);
      TimeUnit.MILLISECONDS.sleep(SETTLED_MILLIS);
    } while (deployment.lag() != 0);
  }

  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new ChaosException("Waited %d s for %s.".formatted(PATIENCE.toSeconds(), what));
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }
}
