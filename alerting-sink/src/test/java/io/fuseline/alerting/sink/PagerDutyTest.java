package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.alerting.sink.Receiver.Request;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Severity;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a server that checks what PagerDuty documents of its Events API v2. */
class PagerDutyTest {
  private static final String KEY = "e93facc04764012d7bfb002500d5d1a6";

  @Test
  void shouldTriggerAnIncidentWhenAnEpisodeOpens() throws Exception {
    try (var pagerDuty = Receiver.of(PagerDutyTest::enqueue)) {
      var answer = attempt(pagerDuty, Events.alert(EpisodeState.OPEN));

      assertThat(answer.what()).isEqualTo("HTTP 202");
      assertThat(answer.delivered()).isTrue();
      var body = pagerDuty.requests().get(0).json();
      assertThat(body.path("event_action").asText()).isEqualTo("trigger");
      assertThat(body.path("dedup_key").asText()).isEqualTo("episode-a1");
      assertThat(body.path("client_url").asText()).isEqualTo("https://fuseline.example.com");
      assertThat(body.path("payload").path("source").asText()).isEqualTo("RUN run-1");
      assertThat(body.path("payload").path("class").asText()).isEqualTo("exact-cycle");
      assertThat(body.path("payload").path("timestamp").asText()).isEqualTo("2026-03-01T12:00:00Z");
      assertThat(body.path("payload").path("custom_details").path("spend").asText())
          .isEqualTo("12.5");
    }
  }

  @Test
  void shouldJoinTheSameIncidentFromOpeningToClosing() throws Exception {
    try (var pagerDuty = Receiver.of(PagerDutyTest::enqueue)) {
      for (var state : EpisodeState.values()) {
        assertThat(attempt(pagerDuty, Events.alert(state)).delivered()).isTrue();
      }

      assertThat(pagerDuty.requests())
          .extracting(request -> request.json().path("event_action").asText())
          .containsExactly("trigger", "trigger", "resolve");
      assertThat(pagerDuty.requests())
          .extracting(request -> request.json().path("dedup_key").asText())
          .containsOnly("episode-a1");
    }
  }

  @ParameterizedTest
  @CsvSource({"PAGE, critical", "CRITICAL, error", "WARNING, warning", "INFO, info"})
  void shouldTranslateTheSeverity(Severity severity, String expected) throws Exception {
    try (var pagerDuty = Receiver.of(PagerDutyTest::enqueue)) {
      attempt(pagerDuty, Events.alert(severity, "researcher"));

      var payload = pagerDuty.requests().get(0).json().path("payload");
      assertThat(payload.path("severity").asText()).isEqualTo(expected);
      assertThat(payload.path("component").asText()).isEqualTo("researcher");
    }
  }

  @Test
  void shouldStayWithinTheLimitsWhenTextsAreLong() throws Exception {
    try (var pagerDuty = Receiver.of(PagerDutyTest::enqueue)) {
      var answer = attempt(pagerDuty, Events.saying("😀\n".repeat(200_000)));

      assertThat(answer.what()).isEqualTo("HTTP 202");
    }
  }

  @Test
  void shouldKeepDedupKeysApartWhenTheyAreTooLong() {
    var one = PagerDuty.dedupKey("x".repeat(300) + "1");

    assertThat(one)
        .hasSizeLessThanOrEqualTo(255)
        .isEqualTo(PagerDuty.dedupKey("x".repeat(300) + "1"));
    assertThat(one).isNotEqualTo(PagerDuty.dedupKey("x".repeat(300) + "2"));
  }

  @ParameterizedTest
  @CsvSource({"400, false", "403, false", "200, false", "429, true", "500, true", "502, true"})
  void shouldTryAgainWhatPagerDutySaysIsToBeTriedAgain(int status, boolean mayChange)
      throws Exception {
    try (var pagerDuty =
        Receiver.counting(n -> new Receiver.Answer(status, Map.of("Retry-After", "9"), ""))) {
      var answer = attempt(pagerDuty, Events.alert(EpisodeState.OPEN));

      assertThat(answer.delivered()).isFalse();
      assertThat(answer.mayChange()).isEqualTo(mayChange);
      if (mayChange) {
        assertThat(answer.retryAfter()).isEqualTo(Duration.ofSeconds(9));
      }
    }
  }

  private static Answer attempt(Receiver pagerDuty, Event event) throws InterruptedException {
    var settings =
        new PagerDutySettings(
            pagerDuty.url("/v2/enqueue"),
            new Secret(KEY),
            URI.create("https://fuseline.example.com"),
            Events.LOCAL);
    try (var target = new PagerDuty(settings, Events.caller())) {
      return target.attempt(event, 1);
    }
  }

  private static Receiver.Answer enqueue(Request request) {
    var fault = fault(request);
    return fault == null
        ? Receiver.Answer.of(
            202,
            "{\"status\":\"success\",\"message\":\"Event processed\",\"dedup_key\":\""
                + request.json().path("dedup_key").asText()
                + "\"}")
        : Receiver.Answer.of(400, "{\"status\":\"invalid event\",\"errors\":[\"" + fault + "\"]}");
  }

  /** What the reference forbids; null when all is well. */
  private static String fault(Request request) {
    if (request.body().length > 512 * 1024) {
      return "event is larger than 512 KB";
    }
    var body = request.json();
    if (body.path("routing_key").asText().length() != 32) {
      return "Length of 'routing_key' is incorrect (should be 32 characters)";
    }
    var action = body.path("event_action").asText();
    if (!Set.of("trigger", "acknowledge", "resolve").contains(action)) {
      return "'event_action' is invalid";
    }
    var key = body.path("dedup_key").asText();
    if (key.length() > 255 || (key.isEmpty() && !action.equals("trigger"))) {
      return "'dedup_key' is invalid";
    }
    return action.equals("trigger") ? fault(body.path("payload")) : null;
  }

  private static String fault(JsonNode payload) {
    var summary = payload.path("summary").asText();
    if (summary.isEmpty() || summary.length() > 1024) {
      return "'payload.summary' is missing, blank or too long";
    }
    if (payload.path("source").asText().isBlank()) {
      return "'payload.source' is missing or blank";
    }
    if (!Set.of("critical", "error", "warning", "info")
        .contains(payload.path("severity").asText())) {
      return "'payload.severity' is invalid";
    }
    return payload.path("custom_details").isObject() ? null : "'custom_details' must be an object";
  }
}
