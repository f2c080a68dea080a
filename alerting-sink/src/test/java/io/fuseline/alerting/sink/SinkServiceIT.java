package io.fuseline.alerting.sink;

import static io.fuseline.alerting.Records.alert;
import static io.fuseline.alerting.Records.kill;
import static io.fuseline.alerting.Records.pause;
import static io.fuseline.schemas.TargetType.RUN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fuseline.alerting.TestServers;
import io.fuseline.alerting.TestTopics;
import io.fuseline.alerting.sink.Receiver.Answer;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.json.AvroJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against a real broker, a real registry and a real HTTP receiver. */
class SinkServiceIT {
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
  void shouldDeliverACommandAndAnAlertSigned() {
    var receiver = receiver(Receiver.answering(200));
    var sink = startSink(receiver, 3);
    var kill = kill(RUN, "run-1", 1);

    kafka.write(kill);
    kafka.write(alert("a1", EpisodeState.OPEN));

    await().until(() -> webhook(sink).delivered() == 2);
    assertThat(receiver.requests()).allMatch(request -> request.isSignedWith(Receiver.SECRET));
    assertThat(eventIds(receiver))
        .containsExactlyInAnyOrder("command:KILL-run-1-1", "alert:a1:open");
    var command =
        receiver.requests().stream()
            .filter(request -> request.header("Fuseline-Event-Type").equals("command"))
            .findFirst()
            .orElseThrow();
    assertThat(AvroJson.fromJson(command.json().get("data"), Command.class)).isEqualTo(kill);
  }

  @Test
  void shouldTryAgainAndDeliverOnceWhenTheReceiverComesUp() {
    var receiver = receiver(Receiver.answering(503));
    var sink = startSink(receiver, 1000);
    kafka.write(kill(RUN, "run-1", 1));
    kafka.write(kill(RUN, "run-1", 2));
    await().until(() -> webhook(sink).retried() >= 3);
    assertThat(webhook(sink).delivered()).isZero();

    receiver.answerFromNowOn(200);

    await().until(() -> webhook(sink).delivered() == 2);
    assertThat(eventIds(receiver).stream().distinct())
        .as("the first keeps its place before the second")
        .containsExactly("command:KILL-run-1-1", "command:KILL-run-1-2");
    assertThat(receiver.requests())
        .filteredOn(request -> request.header("Fuseline-Event-Id").endsWith("-2"))
        .hasSize(1);
    assertThat(webhook(sink).failed()).isZero();
  }

  @Test
  void shouldDeliverACommandOnceWhenItIsWrittenTwice() {
    var receiver = receiver(Receiver.answering(200));
    var sink = startSink(receiver, 3);

    kafka.write(kill(RUN, "run-1", 1));
    kafka.write(kill(RUN, "run-1", 1));

    await().until(() -> webhook(sink).duplicates() == 1);
    assertThat(eventIds(receiver)).containsExactly("command:KILL-run-1-1");
  }

  @Test
  void shouldKeepADeadLetterAndGoOnWhenItGivesUp() {
    var receiver = receiver(Receiver.counting(n -> Answer.of(n == 1 ? 400 : 200)));
    var sink = startSink(receiver, 3);

    kafka.write(kill(RUN, "run-1", 1));
    kafka.write(pause(RUN, "run-1", 2));

    await().until(() -> webhook(sink).delivered() == 1);
    assertThat(webhook(sink).failed()).isEqualTo(1);
    assertThat(kafka.readBytes(kafka.topics().deadLetters()))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.key()).isEqualTo("run-1");
              assertThat(header(letter, "fuseline.reason"))
                  .contains("command:KILL-run-1-1")
                  .contains("HTTP 400");
              assertThat(header(letter, "__streams.errors.topic"))
                  .isEqualTo(kafka.topics().agentCommands().name());
              assertThat(header(letter, "__streams.errors.offset")).isEqualTo("0");
            });
  }

  @Test
  void shouldKeepADeadLetterWhenARecordCannotBeRead() {
    var receiver = receiver(Receiver.answering(200));
    var sink = startSink(receiver, 3);
    var bytes = "no Avro at all".getBytes(StandardCharsets.UTF_8);

    kafka.writeBytes(kafka.topics().costAlerts().name(), "run-1", bytes);
    kafka.write(alert("a1", EpisodeState.CLOSED));

    await().until(() -> webhook(sink).delivered() == 1);
    assertThat(kafka.readBytes(kafka.topics().deadLetters()))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.value()).isEqualTo(bytes);
              assertThat(header(letter, "fuseline.reason")).startsWith("cannot be read");
            });
  }

  @Test
  void shouldDeliverAgainAfterARestartOnlyWhatWasUnderWay() throws Exception {
    var hang = new CountDownLatch(1);
    var receiver =
        receiver(
            Receiver.counting(
                n -> {
                  if (n == 2) {
                    awaitQuietly(hang);
                  }
                  return Answer.of(200);
                }));
    var first = startSink(receiver, 3);
    kafka.write(kill(RUN, "run-1", 1));
    kafka.write(kill(RUN, "run-1", 2));
    await().until(() -> receiver.requests().size() == 2);
    first.close();
    hang.countDown();

    var second = startSink(receiver, 3);

    await().until(() -> webhook(second).delivered() == 1);
    assertThat(eventIds(receiver))
        .containsExactly("command:KILL-run-1-1", "command:KILL-run-1-2", "command:KILL-run-1-2");
  }

  private Receiver receiver(Receiver receiver) {
    opened.add(receiver);
    return receiver;
  }

  private SinkService startSink(Receiver receiver, int attempts) {
    var servers = TestServers.get();
    var sink =
        new SinkService(
            SinkSettings.from(
                Map.of(
                    "bootstrap.servers",
                    servers.bootstrapServers(),
                    "schema.registry.url",
                    servers.registryUrl(),
                    "sink.group.id",
                    group,
                    "sink.webhook.url",
                    receiver.url().toString(),
                    "sink.webhook.secret",
                    Receiver.SECRET,
                    "sink.webhook.allow.addresses",
                    "127.0.0.0/8",
                    "sink.webhook.attempts",
                    Integer.toString(attempts),
                    "sink.webhook.delay.first.ms",
                    "20",
                    "sink.webhook.delay.max.ms",
                    "100",
                    "sink.log",
                    "false"),
                kafka.topics()));
    sink.start();
    opened.add(sink);
    return sink;
  }

  private static SinkCounters webhook(SinkService sink) {
    return sink.counters().get("webhook");
  }

  private static List<String> eventIds(Receiver receiver) {
    return receiver.requests().stream().map(r -> r.header("Fuseline-Event-Id")).toList();
  }

  private static String header(ConsumerRecord<?, ?> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
