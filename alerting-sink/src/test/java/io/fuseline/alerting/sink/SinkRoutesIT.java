package io.fuseline.alerting.sink;

import static io.fuseline.alerting.Records.kill;
import static io.fuseline.schemas.TargetType.RUN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.alerting.Records;
import io.fuseline.alerting.TestServers;
import io.fuseline.alerting.TestTopics;
import io.fuseline.alerting.sink.Receiver.Answer;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Severity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A routes file against a real broker, a real registry and real HTTP receivers. */
class SinkRoutesIT {
  private static final String RETRY = "retry: {attempts: 2, first: 10ms, max: 10ms}";

  @TempDir private Path folder;

  private final TestTopics kafka = new TestTopics();
  private final String group = "sink-" + UUID.randomUUID();
  private final List<AutoCloseable> opened = new ArrayList<>(List.of(kafka));

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  @Test
  void shouldServeTheOthersWhenOneDestinationHangs() throws Exception {
    var release = new CountDownLatch(1);
    var hangs =
        receiver(
            Receiver.counting(
                n -> {
                  awaitQuietly(release);
                  return Answer.of(200);
                }));
    var works = receiver(Receiver.answering(200));
    start(
        "destinations:\n"
            + webhook("hangs", hangs)
            + webhook("works", works)
            + "routes: [{to: [hangs, works]}]");

    for (int i = 1; i <= 20; i++) {
      kafka.write(kill(RUN, "run-1", i));
    }

    await().until(() -> works.requests().size() == 20);
    assertThat(eventIds(works))
        .as("in order")
        .isEqualTo(IntStream.rangeClosed(1, 20).mapToObj(i -> "command:KILL-run-1-" + i).toList());
    assertThat(hangs.requests()).hasSize(1);
    release.countDown();
    await().until(() -> hangs.requests().size() == 20);
    assertThat(eventIds(hangs)).isEqualTo(eventIds(works));
  }

  @Test
  void shouldStopOtherRunsWhileTheEndpointOfOneHangs() throws Exception {
    var release = new CountDownLatch(1);
    var runtime =
        receiver(
            Receiver.of(
                request -> {
                  if (request.path().contains("/run-1/")) {
                    awaitQuietly(release);
                  }
                  return Answer.of(200);
                }));
    start(
        """
        destinations:
          runtime:
            type: http
            url: http://127.0.0.1:%d/runs/{{run}}/stop
            start: earliest
            allow_addresses: [127.0.0.0/8]
        routes: [{to: runtime}]
        """
            .formatted(runtime.port()));

    for (int i = 1; i <= 60; i++) {
      kafka.write(kill(RUN, "run-" + i, 1)); // ten in each partition, on an average
    }

    await().until(() -> runtime.requests().size() == 60);
    release.countDown();
  }

  @Test
  void shouldPutOnRecordWhatBecameOfEachEvent() throws Exception {
    var flaky = receiver(Receiver.counting(n -> Answer.of(n == 1 ? 503 : 200)));
    var refuses = receiver(Receiver.counting(n -> Answer.of(404, "no such hook\nand more")));
    start(
        "destinations:\n"
            + webhook("flaky", flaky)
            + webhook("refuses", refuses)
            + "routes: [{to: [flaky, refuses]}]");

    kafka.write(Records.alert("a1", EpisodeState.OPEN));

    await().until(() -> deliveries().size() == 2);
    assertThat(deliveries("flaky"))
        .singleElement()
        .satisfies(
            delivery -> {
              assertThat(delivery.path("event_id").asText()).isEqualTo("alert:a1:open");
              assertThat(delivery.path("episode_id").asText()).isEqualTo("episode-a1");
              assertThat(delivery.path("result").asText()).isEqualTo("delivered");
              assertThat(delivery.path("attempts").asInt()).isEqualTo(2);
              assertThat(delivery.path("detail").asText()).isEqualTo("HTTP 200");
              assertThat(Instant.parse(delivery.path("ended_at").asText()))
                  .isAfterOrEqualTo(Instant.parse(delivery.path("first_attempt_at").asText()));
            });
    assertThat(deliveries("refuses"))
        .singleElement()
        .satisfies(
            delivery -> {
              assertThat(delivery.path("result").asText()).isEqualTo("given_up");
              assertThat(delivery.path("detail").asText())
                  .isEqualTo("refused: HTTP 404 no such hook");
            });
  }

  @Test
  void shouldDisableADestinationThatFailsAndTellTheOthers() throws Exception {
    var broken = receiver(Receiver.answering(410));
    var works = receiver(Receiver.answering(200));
    var sink =
        start(
            "destinations:\n"
                + webhook("broken", broken)
                + webhook("works", works)
                + "routes: [{to: broken}, {to: works, match: {team: nobody}}]");

    for (int i = 1; i <= 12; i++) {
      kafka.write(kill(RUN, "run-1", i));
    }

    await().until(() -> sink.counters().get("broken").skipped() == 2);
    assertThat(broken.requests()).hasSize(10);
    assertThat(sink.counters().get("broken").disabled()).isTrue();
    await().until(() -> works.requests().size() == 1);
    var told = works.requests().get(0).json().path("data");
    assertThat(told.path("policy_id").asText()).isEqualTo("fuseline-sink");
    assertThat(told.path("evidence").path("summary").asText())
        .contains("no longer reach broken", "10 failures in a row", "HTTP 410");
    await().until(() -> kafka.readBytes(kafka.topics().deadLetters()).size() == 12);
    assertThat(deliveries("broken"))
        .extracting(delivery -> delivery.path("result").asText())
        .containsOnly("given_up", "skipped");
  }

  @Test
  void shouldTellMildEventsTogetherAndLoudOnesAtOnce() throws Exception {
    var receiver = receiver(Receiver.answering(200));
    start(
        "destinations:\n"
            + webhook("hook", receiver)
            + "routes: [{to: hook, digest: {below: critical, every: 2s, max: 3}}]");

    for (int i = 1; i <= 5; i++) {
      kafka.write(alert("mild-" + i, Severity.WARNING));
    }
    kafka.write(alert("loud", Severity.CRITICAL));

    await().until(() -> receiver.requests().stream().mapToLong(SinkRoutesIT::told).sum() == 6);
    var digests =
        receiver.requests().stream()
            .filter(request -> request.header("Fuseline-Event-Type").equals("digest"))
            .map(Receiver.Request::json)
            .toList();
    assertThat(receiver.requests()).hasSize(digests.size() + 1);
    assertThat(digests).hasSizeLessThanOrEqualTo(2); // an interval may end between two writes
    assertThat(digests)
        .allSatisfy(
            digest -> {
              assertThat(digest.path("event_id").asText()).startsWith("digest:hook:0:");
              assertThat(digest.path("data").path("events").size()).isLessThanOrEqualTo(3);
            });
  }

  @Test
  void shouldLoseNoMildEventWhenTheSinkStopsBeforeTheDigest() throws Exception {
    var receiver = receiver(Receiver.answering(200));
    var yaml =
        "destinations:\n"
            + webhook("hook", receiver)
            + "routes: [{to: hook, digest: {below: critical, every: 4s}}]";
    var first = start(yaml);
    kafka.write(alert("mild-1", Severity.WARNING));
    kafka.write(alert("mild-2", Severity.INFO));
    first.close();

    start(yaml);

    await().until(() -> receiver.requests().stream().mapToLong(SinkRoutesIT::told).sum() == 2);
  }

  private static long told(Receiver.Request request) {
    return request.header("Fuseline-Event-Type").equals("digest")
        ? request.json().path("data").path("count").asLong()
        : 1;
  }

  private static Alert alert(String id, Severity severity) {
    return Alert.newBuilder(Records.alert(id, EpisodeState.OPEN))
        .setSeverity(severity)
        .setIssuedAt(Instant.now().truncatedTo(ChronoUnit.MICROS))
        .build();
  }

  private String webhook(String name, Receiver receiver) {
    var secret = folder.resolve("secret");
    try {
      Files.writeString(secret, Receiver.SECRET);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "  %s: {type: webhook, url: '%s', secret: {file: secret}, start: earliest, allow_addresses: 127.0.0.0/8, timeout: 1m, %s}\n"
        .formatted(name, receiver.url(), RETRY);
  }

  private SinkService start(String yaml) throws IOException {
    var servers = TestServers.get();
    var routes = Routes.read(Files.writeString(folder.resolve("routes.yaml"), yaml), Map.of());
    var sink =
        new SinkService(
            new SinkSettings(
                servers.bootstrapServers(),
                servers.registryUrl(),
                Map.of(),
                kafka.topics(),
                group,
                routes));
    sink.start();
    opened.add(sink);
    return sink;
  }

  private List<JsonNode> deliveries(String destination) {
    return deliveries().stream()
        .filter(delivery -> delivery.path("destination").asText().equals(destination))
        .toList();
  }

  private List<JsonNode> deliveries() {
    return kafka.readBytes(kafka.topics().sinkDeliveries()).stream()
        .map(
            record -> {
              try {
                return new ObjectMapper().readTree(record.value());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .toList();
  }

  private Receiver receiver(Receiver receiver) {
    opened.add(receiver);
    return receiver;
  }

  private static List<String> eventIds(Receiver receiver) {
    return receiver.requests().stream().map(r -> r.header("Fuseline-Event-Id")).toList();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
