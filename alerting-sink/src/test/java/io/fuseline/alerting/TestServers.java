package io.fuseline.alerting;

import static org.awaitility.Awaitility.await;

import io.fuseline.schemas.serde.RegistrySettings;
import io.fuseline.schemas.serde.SchemaRegistration;
import io.fuseline.schemas.topics.Topics;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.awaitility.Awaitility;

/**
 * A real broker and a real registry, each in a process of its own on the loopback interface;
 * started once for all integration tests, ended with this process. Tests keep apart by topic
 * prefix.
 */
public final class TestServers {
  private static final String HOST = "127.0.0.1";
  private static final Path TARGET = Path.of("target");
  private static TestServers running;

  private final String bootstrapServers;
  private final String registryUrl;

  private TestServers() {
    try {
      var folder = Files.createTempDirectory(Files.createDirectories(TARGET), "servers-");
      var registryPort = freePort();
      registryUrl = "http://" + HOST + ":" + registryPort + "/apis/ccompat/v7";
      var brokerPort = freePort();
      bootstrapServers = HOST + ":" + brokerPort;
      startRegistry(folder, registryPort);
      startBroker(folder, brokerPort);
      await().atMost(Duration.ofSeconds(90)).ignoreExceptions().until(this::answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static synchronized TestServers get() {
    if (running == null) {
      // Several processes share the machine with the tests; a slow one is no failure.
      Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
      running = new TestServers();
    }
    return running;
  }

  public String bootstrapServers() {
    return bootstrapServers;
  }

  public String registryUrl() {
    return registryUrl;
  }

  /**
   * The topics as shipped, under a prefix of their own, created and with their schemas registered.
   */
  public Topics newTopics() {
    var topics = Topics.defaults().withPrefix("t" + UUID.randomUUID() + ".");
    try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      var created =
          topics.all().stream()
              .map(
                  spec ->
                      new NewTopic(spec.name(), Optional.of(spec.partitions()), Optional.empty())
                          .configs(spec.configs()))
              .toList();
      admin.createTopics(created).all().get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException("Topics could not be created", e);
    }
    SchemaRegistration.registerAll(
        Map.of(RegistrySettings.SCHEMA_REGISTRY_URL, registryUrl), topics.all());
    return topics;
  }

  private boolean answer() throws Exception {
    try (var admin =
        Admin.create(
            Map.of(
                "bootstrap.servers", bootstrapServers,
                "request.timeout.ms", 2000,
                "default.api.timeout.ms", 2000))) {
      admin.describeCluster().nodes().get(3, TimeUnit.SECONDS);
    }
    var request = HttpRequest.newBuilder(URI.create(registryUrl + "/subjects")).build();
    var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding());
    return response.statusCode() == 200;
  }

  private static void startRegistry(Path folder, int port) throws IOException {
    List<Path> jars;
    try (var files = Files.walk(TARGET.resolve("registry"))) {
      jars = files.filter(file -> file.toString().endsWith("-runner.jar")).toList();
    }
    var builder =
        new ProcessBuilder(
            java(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-jar",
            jars.get(0).toAbsolutePath().toString());
    builder.environment().put("QUARKUS_HTTP_HOST", HOST);
    builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
    start("registry", builder, folder);
  }

  private static void startBroker(Path folder, int port) throws IOException {
    var controllerPort = freePort();
    var listeners =
        "PLAINTEXT://" + HOST + ":" + port + ",CONTROLLER://" + HOST + ":" + controllerPort;
    var settings = folder.resolve("server.properties").toAbsolutePath();
    Files.write(
        settings,
        List.of(
            "process.roles=broker,controller",
            "node.id=1",
            "listeners=" + listeners,
            "advertised.listeners=" + listeners,
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names=CONTROLLER",
            "controller.quorum.bootstrap.servers=" + HOST + ":" + controllerPort,
            "log.dirs=" + folder.resolve("log").toAbsolutePath(),
            "offsets.topic.replication.factor=1",
            "offsets.topic.num.partitions=4",
            "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1",
            "transaction.state.log.num.partitions=4",
            "group.initial.rebalance.delay.ms=0",
            "auto.create.topics.enable=false"));
    var format =
        start(
            "format",
            broker(
                "kafka.tools.StorageTool",
                "format",
                "--standalone",
                "--cluster-id",
                Uuid.randomUuid().toString(),
                "--config",
                settings.toString()),
            folder);
    await().atMost(Duration.ofSeconds(60)).until(() -> !format.isAlive());
    if (format.exitValue() != 0) {
      throw new IllegalStateException("Formatting failed; see " + folder.resolve("format.log"));
    }
    start("broker", broker("kafka.Kafka", settings.toString()), folder);
  }

  private static ProcessBuilder broker(String... mainAndArguments) {
    // The broker's jars are on the class path of the tests; the tests themselves do not use them.
    var command =
        new ArrayList<>(List.of(java(), "-Xmx512m", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(mainAndArguments));
    return new ProcessBuilder(command);
  }

  private static Process start(String name, ProcessBuilder builder, Path folder)
      throws IOException {
    var log = folder.resolve(name + ".log").toFile();
    var process = builder.redirectErrorStream(true).redirectOutput(log).start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return process;
  }

  private static String java() {
    return System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
      return socket.getLocalPort();
    }
  }
}
