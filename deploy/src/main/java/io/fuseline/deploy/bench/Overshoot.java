package io.fuseline.deploy.bench;

import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.service.ServiceSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;

/**
 * How much a run spends beyond its cap, by what guards it: on a real broker, against a pipeline in
 * a process of its own. The fixtures are those in public use: a hundred calls of 0.18 USD, and one
 * call of 0.01 USD every 50 ms, against 1.00 USD for the run.
 */
public final class Overshoot {
  /** Of each run, in dollars; at it, the run is killed. */
  static final BigDecimal CAP = new BigDecimal("1.00");

  /** An input token of it costs 0.000005 USD, so that calls cost what they should to the digit. */
  static final String MODEL = "claude-opus-4-5";

  static final BigDecimal DEAR = new BigDecimal("0.18");
  static final BigDecimal CHEAP = new BigDecimal("0.01");

  private static final int MOST_DEAR_CALLS = 100;
  private static final int MOST_CHEAP_CALLS = 1_000;
  private static final String NAME = "bench-overshoot";
  private static final String POLICY =
      """
      id: run-cap
      rule: {type: budget, per: run, limit: "1.00"}
      ladder: [{at: 100%, action: kill}]
      """;

  /** The compiler has then seen what commands and questions go through. */
  private static final int WARM_UP_ROUNDS = 5;

  private final OvershootSettings settings;
  private final PrintWriter err;

  Overshoot(OvershootSettings settings, PrintWriter err) {
    this.settings = settings;
    this.err = err;
  }

  /**
   * Measures on a broker and a registry of its own, started for the purpose and removed afterwards.
   *
   * @param err gets the progress
   * @throws BenchException when a step fails
   * @throws io.fuseline.deploy.stack.StackException when broker or registry do not start
   */
  public static OvershootReport run(OvershootSettings settings, PrintWriter err) {
    return Bench.inTemporaryFolder(
        folder -> {
          Overshoot overshoot = new Overshoot(settings, err);
          try (LocalStack stack = LocalStack.start(folder.resolve("stack"), overshoot::say)) {
            return overshoot.measure(stack, folder);
          }
        });
  }

  /** Measures on a stack that runs. */
  OvershootReport measure(LocalStack stack, Path folder) {
    Machine machine = Machine.current();
    Instant at = Instant.now();
    try (Admin admin =
        Admin.create(
            Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers()))) {
      BenchCluster cluster = new BenchCluster(stack, folder, admin, RungProcess.JVM_OPTIONS);
      cluster.prepare(POLICY);
      String spans = NAME + "." + Topics.defaults().agentSpans().name();
      Topics topics = Topics.load(cluster.topicsFile(NAME, spans));
      cluster.create(topics);
      int port = freePort();
      try (RungProcess pipeline =
              RungProcess.start(
                  cluster.jvmOptions(), NAME, process(cluster, spans, port, folder), folder);
          CappedRuns runs = new CappedRuns(cluster, topics, "http://127.0.0.1:" + port)) {
        pipeline.awaitReady();
        runs.awaitReady(pipeline);
        return new OvershootReport(at, machine, measure(runs));
      }
    }
  }

  private List<Overspend> measure(CappedRuns runs) {
    say("warm-up");
    for (int round = 1; round <= WARM_UP_ROUNDS; round++) {
      for (Guarding guarding : settings.guardings()) {
        runs.spend(guarding, new Fixture(DEAR, Duration.ofMillis(20), MOST_DEAR_CALLS), -round);
      }
    }
    List<Overspend> all = new ArrayList<>();
    for (int round = 1; round <= settings.rounds(); round++) {
      for (Fixture fixture : fixtures()) {
        for (Guarding guarding : Guarding.values()) {
          if (settings.guardings().contains(guarding)) {
            Overspend spent = runs.spend(guarding, fixture, round);
            say("round " + round + " of " + settings.rounds() + ": " + spent);
            all.add(spent);
          }
        }
      }
    }
    return all;
  }

  private List<Fixture> fixtures() {
    List<Fixture> fixtures = new ArrayList<>();
    settings.dearPaces().forEach(pace -> fixtures.add(new Fixture(DEAR, pace, MOST_DEAR_CALLS)));
    settings.cheapPaces().forEach(pace -> fixtures.add(new Fixture(CHEAP, pace, MOST_CHEAP_CALLS)));
    return fixtures;
  }

  private static Properties process(BenchCluster cluster, String spans, int port, Path folder) {
    Map<String, String> service = LadderRun.pipeline(cluster, NAME, spans, true, folder);
    service.put(ServiceSettings.HTTP_PORT, String.valueOf(port));
    return RungProcess.ungated(service);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new BenchException("The system has no free port: " + e.getMessage(), e);
    }
  }

  private void say(String line) {
    err.println("overshoot: " + line);
    err.flush();
  }
}
