package io.fuseline.alerting.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.alerting.Records;
import io.fuseline.alerting.sink.Receiver.Answer;
import io.fuseline.alerting.sink.SinkTarget.GivenUpException;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.json.AvroJson;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a real HTTP server; waits are written down instead of slept. */
class WebhookTest {
  private static final Command KILL = Records.kill(TargetType.RUN, "run-1", 3);
  private static final Event EVENT = Event.of(KILL);

  private final List<Duration> waits = new ArrayList<>();
  private final AtomicInteger retries = new AtomicInteger();

  @Test
  void shouldPostASignedEnvelope() throws Exception {
    try (var receiver = Receiver.answering(204)) {
      webhook(receiver.url()).deliver(EVENT);

      var request = receiver.requests().get(0);
      assertThat(request.isSignedWith(Receiver.SECRET)).isTrue();
      assertThat(request.isSignedWith("another-secret-0123")).isFalse();
      assertThat(request.header("Fuseline-Signature")).startsWith("t=1772366400,v1=");
      assertThat(request.header("Fuseline-Event-Id")).isEqualTo("command:KILL-run-1-3");
      assertThat(request.header("Fuseline-Event-Type")).isEqualTo("command");
      assertThat(request.header("Fuseline-Attempt")).isEqualTo("1");
      assertThat(request.header("Content-Type")).isEqualTo("application/json");
      var envelope = request.json();
      assertThat(envelope.properties())
          .extracting(field -> field.getKey())
          .containsExactly("event_id", "type", "sent_at", "data");
      assertThat(envelope.get("event_id").asText()).isEqualTo("command:KILL-run-1-3");
      assertThat(envelope.get("type").asText()).isEqualTo("command");
      assertThat(envelope.get("sent_at").asText()).isEqualTo("2026-03-01T12:00:00Z");
      assertThat(AvroJson.fromJson(envelope.get("data"), Command.class)).isEqualTo(KILL);
    }
  }

  @Test
  void shouldSendTheSameBodyAgainWhenTheReceiverFailsFirst() throws Exception {
    try (var receiver = Receiver.answering(500, 503, 408, 200)) {
      webhook(receiver.url()).deliver(EVENT);

      assertThat(receiver.requests()).hasSize(4);
      assertThat(receiver.requests()).allMatch(request -> request.isSignedWith(Receiver.SECRET));
      assertThat(receiver.requests())
          .extracting(request -> request.header("Fuseline-Attempt"))
          .containsExactly("1", "2", "3", "4");
      assertThat(receiver.requests())
          .extracting(request -> new String(request.body(), UTF_8))
          .containsOnly(new String(receiver.requests().get(0).body(), UTF_8));
      assertThat(retries).hasValue(3);
      assertThat(waits).hasSize(3).isSorted();
    }
  }

  @Test
  void shouldWaitAsLongAsTheReceiverAsks() throws Exception {
    var answers =
        List.of(
            new Answer(429, "7"),
            new Answer(503, "Sun, 01 Mar 2026 12:00:09 GMT"),
            new Answer(429, "86400"),
            new Answer(429, "soon"),
            Answer.of(200));
    try (var receiver = new Receiver(n -> answers.get(n - 1))) {
      webhook(receiver.url()).deliver(EVENT);

      assertThat(waits.subList(0, 3))
          .containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(9), Duration.ofSeconds(60));
      assertThat(waits.get(3)).isLessThan(Duration.ofSeconds(7));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 307, 400, 401, 404, 410, 422})
  void shouldNotTryAgainWhenTheReceiverRefuses(int status) {
    try (var receiver = Receiver.answering(status)) {
      assertThatThrownBy(() -> webhook(receiver.url()).deliver(EVENT))
          .isInstanceOf(GivenUpException.class)
          .hasMessageContaining("HTTP " + status)
          .hasMessageNotContaining("t0p");
      assertThat(receiver.requests()).hasSize(1);
    }
  }

  @Test
  void shouldGiveUpWhenTheLastAttemptFails() {
    try (var receiver = Receiver.answering(500)) {
      assertThatThrownBy(() -> webhook(receiver.url()).deliver(EVENT))
          .isInstanceOf(GivenUpException.class)
          .hasMessageContaining("failed 5 times")
          .hasMessageContaining("HTTP 500");
      assertThat(receiver.requests()).hasSize(5);
    }
  }

  @Test
  void shouldTryAgainWhenNobodyListens() {
    URI gone;
    try (var receiver = Receiver.answering(200)) {
      gone = receiver.url();
    }

    assertThatThrownBy(() -> webhook(gone).deliver(EVENT))
        .isInstanceOf(GivenUpException.class)
        .hasMessageContaining("ConnectException");
    assertThat(waits).hasSize(4);
  }

  @Test
  void shouldTryAgainWhenTheAnswerTakesTooLong() throws Exception {
    var release = new CountDownLatch(1);
    try (var receiver =
        new Receiver(
            number -> {
              if (number == 1) {
                awaitQuietly(release);
              }
              return Answer.of(200);
            })) {
      webhook(receiver.url(), Duration.ofMillis(500)).deliver(EVENT);

      assertThat(receiver.requests()).hasSizeGreaterThan(1);
      assertThat(retries.get()).isPositive();
      release.countDown();
    }
  }

  @Test
  void shouldCarryAnyIdInTheHeader() throws Exception {
    try (var receiver = Receiver.answering(200)) {
      var odd = Records.kill(TargetType.RUN, "Zürich 100%\n", 1);
      webhook(receiver.url()).deliver(Event.of(odd));

      assertThat(receiver.requests().get(0).header("Fuseline-Event-Id"))
          .isEqualTo("command:KILL-Z%C3%BCrich%20100%25%0A-1");
      assertThat(receiver.requests().get(0).json().get("event_id").asText())
          .isEqualTo("command:KILL-Zürich 100%\n-1");
    }
  }

  @Test
  void shouldGiveEachStateOfAnAlertItsOwnId() {
    assertThat(Event.of(Records.alert("a1", EpisodeState.OPEN)).id()).isEqualTo("alert:a1:open");
    assertThat(Event.of(Records.alert("a1", EpisodeState.CLOSED)).id())
        .isEqualTo("alert:a1:closed");
  }

  private Webhook webhook(URI url) {
    return webhook(url, Duration.ofSeconds(30));
  }

  private Webhook webhook(URI url, Duration timeout) {
    var retry = new RetryPolicy(5, Duration.ofMillis(100), Duration.ofSeconds(60));
    return new Webhook(
        new WebhookSettings(url, Receiver.SECRET, timeout, retry),
        Clock.fixed(Records.NOON, ZoneOffset.UTC),
        new Random(42),
        waits::add,
        retries::incrementAndGet);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
