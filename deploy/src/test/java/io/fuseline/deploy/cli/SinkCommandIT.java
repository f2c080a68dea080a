package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.PolicyMode;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.serde.AvroSerializer;
import io.fuseline.schemas.serde.RegistrySettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SinkCommandIT {
  private static final String PREFIX = "sinkcommand.";

  @TempDir private Path folder;

  private final AtomicInteger requests = new AtomicInteger();

  @Test
  void shouldDeliverAndShowWhatWasDelivered() throws Exception {
    LocalStack stack = SharedStack.get();
    run(stack, "topics", "create");
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/hook",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          // Fails first, so that an operator sees two attempts.
          exchange.sendResponseHeaders(requests.incrementAndGet() == 1 ? 503 : 200, -1);
          exchange.close();
        });
    receiver.start();
    int port = freePort();
    CompletableFuture<CommandRun> answer = new CompletableFuture<>();
    Thread sink =
        new Thread(
            () ->
                answer.complete(
                    CommandRun.on(
                        stack,
                        "sink",
                        "--routes",
                        routes(receiver.getAddress().getPort()).toString(),
                        "--http-port",
                        Integer.toString(port),
                        "--topic-prefix",
                        PREFIX)));
    sink.start();
    try {
      write(stack);
      await().atMost(Duration.ofMinutes(1)).until(() -> requests.get() == 2);

      await()
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptions()
          .until(
              () ->
                  metrics(port)
                      .contains(
                          "fuseline_sink_deliveries_total{destination=\"hook\",result=\"delivered\"} 1.0"));
      assertThat(metrics(port))
          .contains("fuseline_sink_retries_total{destination=\"hook\"} 1.0")
          .contains("fuseline_sink_disabled{destination=\"hook\"} 0.0")
          .contains("fuseline_sink_deliveries_total{destination=\"log\",result=\"delivered\"} 1.0");
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(
              () ->
                  assertThat(run(stack, "sink", "deliveries", "--episode", "eps-1").out())
                      .containsPattern("delivered +hook +2 +alert:alt-1:open +HTTP 200"));
      assertThat(run(stack, "sink", "deliveries", "--failed").out()).doesNotContain("alt-1");
    } finally {
      sink.interrupt();
      receiver.stop(0);
    }
    assertThat(answer.get(1, TimeUnit.MINUTES).exitCode()).isEqualTo(ExitCode.INTERRUPTED);
  }

  @Test
  void shouldRefuseARoutesFileWithFileLineAndField() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("routes.yaml"),
            "destinations:\n  hook: {type: fax}\nroutes:\n  - to: nobody\n");

    CommandRun run = CommandRun.of("sink", "--routes", file.toString(), "--check");

    assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(run.err())
        .contains("routes.yaml:2: destinations.hook.type: 'fax' is not known")
        .contains("routes.yaml:4: routes[0].to: 'nobody' is no destination");
  }

  private Path routes(int port) {
    try {
      Files.writeString(folder.resolve("secret"), "0123456789abcdef");
      return Files.writeString(
          folder.resolve("routes.yaml"),
          """
          destinations:
            hook:
              type: webhook
              url: http://127.0.0.1:%d/hook
              secret: {file: secret}
              start: earliest
              retry: {first: 10ms}
              allow_addresses: 127.0.0.0/8
          routes: [{to: hook}]
          """
              .formatted(port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CommandRun run(LocalStack stack, String... args) {
    String[] all = Arrays.copyOf(args, args.length + 2);
    all[args.length] = "--topic-prefix";
    all[args.length + 1] = PREFIX;
    CommandRun run = CommandRun.on(stack, all);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    return run;
  }

  private static String metrics(int port) throws Exception {
    URI url = URI.create("http://127.0.0.1:" + port + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void write(LocalStack stack) throws Exception {
    String topic = PREFIX + "cost-alerts";
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    Alert alert =
        Alert.newBuilder()
            .setAlertId("alt-1")
            .setEpisodeId("eps-1")
            .setSeverity(Severity.CRITICAL)
            .setState(EpisodeState.OPEN)
            .setAction(Action.KILL)
            .setMode(PolicyMode.ENFORCE)
            .setTenantId("acme")
            .setTargetType(TargetType.RUN)
            .setTarget("run-1")
            .setPolicyId("loops")
            .setPolicyVersion("1")
            .setSpend(new BigDecimal("12.500000000000"))
            .setCurrency("USD")
            .setEvidence(
                Evidence.newBuilder()
                    .setRule("exact-cycle")
                    .setMeasured("3")
                    .setThreshold("3")
                    .setUnit("repeats")
                    .setSummary("It loops.")
                    .build())
            .setEventTime(now)
            .setIssuedAt(now)
            .build();
    try (var serializer = new AvroSerializer<>(Alert.class);
        var producer =
            new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", stack.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      serializer.configure(
          Map.of(RegistrySettings.SCHEMA_REGISTRY_URL, stack.registryUrl()), false);
      producer
          .send(
              new ProducerRecord<>(
                  topic,
                  "run-1".getBytes(StandardCharsets.UTF_8),
                  serializer.serialize(topic, alert)))
          .get(30, TimeUnit.SECONDS);
    }
  }
}
