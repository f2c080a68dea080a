package io.fuseline.deploy.stack;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;

/**
 * A real Kafka broker with its own controller (KRaft, one node, combined) in a process of its own,
 * on 127.0.0.1. Its log stays in the data folder, so a broker started again there has its topics
 * and records back.
 *
 * <p>Not safe for use by several threads.
 */
public final class LocalBroker implements AutoCloseable {
  private static final String NAME = "broker";
  private static final Duration FORMAT_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final String LOG_SETTINGS = "broker-log4j2.properties";

  private final Distribution distribution;
  private final Path folder;
  private final Ports ports;
  private final AtExit atExit;
  private int port;
  private int controllerPort;
  private ServerProcess process;

  private LocalBroker(Distribution distribution, Path folder, Ports ports, AtExit atExit) {
    this.distribution = distribution;
    this.folder = folder;
    this.ports = ports;
    this.atExit = atExit;
  }

  /**
   * Starts a broker and returns when it serves clients.
   *
   * @param folder its data folder, made when missing
   * @param ports where it may listen; a port that is taken after all is replaced by the next
   * @throws StackException when it does not come up; the message ends with the last lines of its
   *     log
   */
  static LocalBroker start(Distribution distribution, Path folder, Ports ports, AtExit atExit) {
    LocalBroker broker =
        new LocalBroker(distribution, folder.toAbsolutePath().normalize(), ports, atExit);
    broker.prepareFolder();
    broker.startOnFreePorts();
    return broker;
  }

  /** Address for clients, such as {@code 127.0.0.1:9092}. */
  public String bootstrapServers() {
    return Ports.HOST + ":" + port;
  }

  /** Process id of the running broker. */
  public long pid() {
    return process.pid();
  }

  /** Ends the broker as {@code kill -9} does, leaving its files as they are at that moment. */
  public void kill() {
    process.kill();
  }

  /**
   * Starts the broker again after {@link #kill()}, on the same data and the same ports.
   *
   * @throws StackException when it does not come up
   */
  public void restart() {
    if (process.isAlive()) {
      throw new IllegalStateException("The broker is running; kill or close it first.");
    }
    if (!tryStart()) {
      throw new StackException(
          "Port "
              + port
              + " or "
              + controllerPort
              + " of the broker was taken while it was down."
              + process.lastLogLines());
    }
  }

  /** Stops the broker in an orderly way; killed when that takes more than 20 s. */
  @Override
  public void close() {
    process.close();
  }

  private void startOnFreePorts() {
    for (int attempt = 1; attempt <= Ports.ATTEMPTS; attempt++) {
      port = ports.next();
      controllerPort = Ports.free().next();
      if (port != controllerPort && tryStart()) {
        return;
      }
    }
    throw new StackException(
        "Found no free port for the broker in "
            + Ports.ATTEMPTS
            + " attempts."
            + process.lastLogLines());
  }

  /** False when a port was taken. */
  private boolean tryStart() {
    Path settings = writeSettings();
    String clusterId = formattedClusterId(settings);
    process =
        ServerProcess.start(
            NAME,
            List.of(
                "-Xms128m",
                "-Xmx512m",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.awt.headless=true",
                "-Dlog4j2.configurationFile=" + distribution.conf().resolve(LOG_SETTINGS),
                "-cp",
                distribution.brokerClassPath(),
                "kafka.Kafka",
                settings.toString()),
            Map.of(),
            folder,
            atExit);
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    while (process.isAlive() && System.nanoTime() < deadline) {
      if (Ports.answers(port) && serves(clusterId) && process.isAlive()) {
        return true;
      }
      pause();
    }
    if (!process.isAlive() && process.logMentions("Address already in use")) {
      return false;
    }
    String problem;
    if (process.isAlive()) {
      problem = "did not answer within " + START_TIMEOUT.toSeconds() + " s";
    } else if (process.logMentions("UnsupportedVersionException")) {
      problem =
          "cannot read "
              + folder
              + ": a newer one than "
              + distribution.brokerVersion()
              + " has written it; use another data folder";
    } else {
      problem = "ended while starting";
    }
    process.kill();
    throw new StackException("The broker " + problem + "." + process.lastLogLines());
  }

  /** Whether it is our broker that answers: another process may have taken the port. */
  private boolean serves(String clusterId) {
    Map<String, Object> settings =
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers(),
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 2000,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 3000);
    try (Admin admin = Admin.create(settings)) {
      var cluster = admin.describeCluster();
      boolean hasNode = !cluster.nodes().get(4, TimeUnit.SECONDS).isEmpty();
      return hasNode && clusterId.equals(cluster.clusterId().get(4, TimeUnit.SECONDS));
    } catch (ExecutionException | TimeoutException notYet) {
      return false;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void prepareFolder() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new StackException("Cannot make the data folder " + folder + ": " + e.getMessage(), e);
    }
  }

  /** Formats the log folder the first time; gives the cluster id it carries. */
  private String formattedClusterId(Path settings) {
    Path meta = logFolder().resolve("meta.properties");
    if (!Files.exists(meta)) {
      String tool = "broker-format";
      int exit =
          ServerProcess.run(
              tool,
              List.of(
                  "-XX:TieredStopAtLevel=1",
                  "-Dlog4j2.configurationFile=" + distribution.conf().resolve(LOG_SETTINGS),
                  "-cp",
                  distribution.brokerClassPath(),
                  "kafka.tools.StorageTool",
                  "format",
                  "--standalone",
                  "--cluster-id",
                  Uuid.randomUuid().toString(),
                  "--config",
                  settings.toString()),
              folder,
              FORMAT_TIMEOUT,
              atExit);
      if (exit != 0) {
        throw new StackException(
            "Formatting "
                + logFolder()
                + " for the broker failed; see "
                + folder.resolve(tool + ".log"));
      }
    }
    try (InputStream in = Files.newInputStream(meta)) {
      var properties = new java.util.Properties();
      properties.load(in);
      return properties.getProperty("cluster.id");
    } catch (IOException e) {
      throw new StackException("Cannot read " + meta + ": " + e.getMessage(), e);
    }
  }

  private Path writeSettings() {
    String listeners =
        "PLAINTEXT://"
            + Ports.HOST
            + ":"
            + port
            + ",CONTROLLER://"
            + Ports.HOST
            + ":"
            + controllerPort;
    List<String> lines =
        List.of(
            "process.roles=broker,controller",
            "node.id=1",
            "listeners=" + listeners,
            "advertised.listeners=" + listeners,
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names=CONTROLLER",
            "controller.quorum.bootstrap.servers=" + Ports.HOST + ":" + controllerPort,
            "log.dirs=" + logFolder(),
            "# One node: every internal topic has one copy.",
            "offsets.topic.replication.factor=1",
            "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1",
            "share.coordinator.state.topic.replication.factor=1",
            "share.coordinator.state.topic.min.isr=1",
            "# The default of 50 partitions each is for clusters; few are made faster.",
            "offsets.topic.num.partitions=4",
            "transaction.state.log.num.partitions=4",
            "# After a kill -9 the controller refuses the new broker until the old one's session is over: 4 s instead of 9 s.",
            "broker.session.timeout.ms=4000",
            "broker.heartbeat.interval.ms=1000",
            "# Nobody else is coming: do not wait 3 s for more group members.",
            "group.initial.rebalance.delay.ms=0",
            "# The shortest session that a pipeline may ask for.",
            "group.min.session.timeout.ms=3000",
            "# What a dead instance has left open is aborted a second after its time, not 10 s.",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000",
            "# How soon the next transaction tries again while the last one's markers are being written; 20 ms would hold up commands.",
            "add.partitions.to.txn.retry.backoff.ms=2",
            "# A topic that nobody created is a mistake in a setting, not a wish.",
            "auto.create.topics.enable=false");
    try {
      return Files.write(folder.resolve("server.properties"), lines);
    } catch (IOException e) {
      throw new StackException(
          "Cannot write the broker settings in " + folder + ": " + e.getMessage(), e);
    }
  }

  private Path logFolder() {
    return folder.resolve("log");
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(100);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static StackException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new StackException("Interrupted while the broker started.", e);
  }
}
