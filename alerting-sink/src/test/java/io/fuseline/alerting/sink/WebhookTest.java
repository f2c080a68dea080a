package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.alerting.Records;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.json.AvroJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a real HTTP server. */
class WebhookTest {
  private static final Command KILL = Records.kill(TargetType.RUN, "run-1", 3);
  private static final Event EVENT = Event.of(KILL);

  @Test
  void shouldPostASignedEnvelope() throws Exception {
    try (var receiver = Receiver.answering(204)) {
      assertThat(attempt(receiver.url(), EVENT).delivered()).isTrue();

      var request = receiver.requests().get(0);
      assertThat(request.method()).isEqualTo("POST");
      assertThat(request.path()).isEqualTo("/hook?token=t0p");
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

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 599})
  void shouldBeWorthAnotherAttemptWhenTheReceiverFails(int status) throws Exception {
    try (var receiver = Receiver.answering(status)) {
      var answer = attempt(receiver.url(), EVENT);

      assertThat(answer.delivered()).isFalse();
      assertThat(answer.mayChange()).isTrue();
      assertThat(answer.what()).isEqualTo("HTTP " + status);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 404, 410, 422})
  void shouldBeFinalWhenTheReceiverRefuses(int status) throws Exception {
    try (var receiver = Receiver.answering(status)) {
      var answer = attempt(receiver.url(), EVENT);

      assertThat(answer.delivered()).isFalse();
      assertThat(answer.mayChange()).isFalse();
      assertThat(answer.what()).isEqualTo("HTTP " + status).doesNotContain("t0p");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void shouldNotFollowARedirect(int status) throws Exception {
    try (var other = Receiver.answering(200);
        var receiver =
            Receiver.counting(
                n -> new Receiver.Answer(status, Map.of("Location", other.url().toString()), ""))) {
      var answer = attempt(receiver.url(), EVENT);

      assertThat(answer.delivered()).isFalse();
      assertThat(answer.mayChange()).isFalse();
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void shouldPassOnWhatTheReceiverAsksFor() throws Exception {
    try (var receiver =
        Receiver.counting(
            n ->
                Receiver.Answer.retryAfter(
                    429, n == 1 ? "7" : n == 2 ? "Sun, 01 Mar 2026 12:00:09 GMT" : "soon"))) {
      assertThat(attempt(receiver.url(), EVENT).retryAfter()).isEqualTo(Duration.ofSeconds(7));
      assertThat(attempt(receiver.url(), EVENT).retryAfter()).isEqualTo(Duration.ofSeconds(9));
      assertThat(attempt(receiver.url(), EVENT).retryAfter()).isNull();
    }
  }

  @Test
  void shouldBeWorthAnotherAttemptWhenNobodyListens() throws Exception {
    URI gone;
    try (var receiver = Receiver.answering(200)) {
      gone = receiver.url();
    }

    var answer = attempt(gone, EVENT);

    assertThat(answer.mayChange()).isTrue();
    assertThat(answer.what()).contains("refused").doesNotContain("t0p");
  }

  @Test
  void shouldEndAtTheDeadlineWhenTheAnswerTakesTooLong() throws Exception {
    var release = new CountDownLatch(1);
    try (var receiver =
        Receiver.counting(
            number -> {
              awaitQuietly(release);
              return Receiver.Answer.of(200);
            })) {
      var answer = attempt(receiver.url(), EVENT, Duration.ofMillis(300));

      assertThat(answer.mayChange()).isTrue();
      assertThat(answer.what()).isEqualTo("no answer within 300 ms");
      release.countDown();
    }
  }

  @Test
  void shouldEndAtTheDeadlineWhenTheAnswerTricklesOnForEver() throws Exception {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var trickle = new Thread(() -> trickle(server), "trickle");
      trickle.setDaemon(true);
      trickle.start();
      var url = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");

      var answer = attempt(url, EVENT, Duration.ofMillis(500));

      assertThat(answer.what()).isEqualTo("no answer within 500 ms");
    }
  }

  @Test
  void shouldNotReadAnAnswerWithoutEnd() throws Exception {
    var long_ = "x".repeat(10_000_000);
    try (var receiver = Receiver.counting(n -> Receiver.Answer.of(400, long_))) {
      assertThat(attempt(receiver.url(), EVENT).what()).hasSizeLessThan(300);
    }
  }

  @Test
  void shouldCarryAnyIdInTheHeader() throws Exception {
    try (var receiver = Receiver.answering(200)) {
      var odd = Records.kill(TargetType.RUN, "Zürich 100%\n", 1);
      attempt(receiver.url(), Event.of(odd));

      assertThat(receiver.requests().get(0).header("Fuseline-Event-Id"))
          .isEqualTo("command:KILL-Z%C3%BCrich%20100%25%0A-1");
      assertThat(receiver.requests().get(0).json().get("event_id").asText())
          .isEqualTo("command:KILL-Zürich 100%\n-1");
    }
  }

  @Test
  void shouldGiveEachStateOfAnAlertItsOwnId() {
    assertThat(Events.alert(EpisodeState.OPEN).id()).isEqualTo("alert:a1:open");
    assertThat(Events.alert(EpisodeState.CLOSED).id()).isEqualTo("alert:a1:closed");
  }

  private static Answer attempt(URI url, Event event) throws InterruptedException {
    return attempt(url, event, Duration.ofSeconds(30));
  }

  private static Answer attempt(URI url, Event event, Duration timeout)
      throws InterruptedException {
    var settings =
        new WebhookSettings(
            url, new Secret(Receiver.SECRET), new HttpSettings(timeout, HttpCaller.LOOPBACK));
    try (var webhook =
        new Webhook(settings, Events.NOON, new HttpCaller(settings.http(), Events.NOON))) {
      return webhook.attempt(event, 1);
    }
  }

  private static void trickle(ServerSocket server) {
    try (var socket = server.accept()) {
      var out = socket.getOutputStream();
      out.write(
          "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      while (true) {
        out.write('x');
        out.flush();
        Thread.sleep(50);
      }
    } catch (IOException | InterruptedException e) {
      // The sink hung up, as it should.
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
