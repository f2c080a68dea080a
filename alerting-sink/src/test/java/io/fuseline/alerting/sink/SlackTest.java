package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.alerting.sink.Receiver.Request;
import io.fuseline.schemas.EpisodeState;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Against a server that checks what Slack documents of incoming webhooks, chat.postMessage and
 * Block Kit, and answers as Slack does.
 */
class SlackTest {
  private static final String TOKEN = "xoxb-1-2-3";

  @Test
  void shouldPostBlocksByWebhook() throws Exception {
    try (var slack = Receiver.of(SlackTest::webhook)) {
      var answer = byWebhook(slack, Events.alert(EpisodeState.OPEN));

      assertThat(answer.what()).isEqualTo("HTTP 200");
      assertThat(answer.delivered()).isTrue();
      var message = slack.requests().get(0).json();
      assertThat(message.has("channel")).isFalse();
      assertThat(message.path("text").asText())
          .isEqualTo(
              "CRITICAL open: run run-1 (loops): search → read, three times with equal results");
      assertThat(message.path("blocks").get(0).path("text").path("text").asText())
          .isEqualTo("🔴 CRITICAL open: run run-1 (loops)");
      assertThat(message.path("blocks").toString())
          .contains("spend: 12.5", "tenant: acme", "alert:a1:open")
          .contains("<https://fuseline.example.com/?a=1&amp;b=2|Open Fuseline>");
    }
  }

  @Test
  void shouldPostToAChannelWithAToken() throws Exception {
    try (var slack = Receiver.of(SlackTest::postMessage)) {
      var answer = byToken(slack, Events.alert(EpisodeState.CLOSED));

      assertThat(answer.delivered()).isTrue();
      assertThat(answer.what()).isEqualTo("ts 1503435956.000247");
      var request = slack.requests().get(0);
      assertThat(request.header("Authorization")).isEqualTo("Bearer " + TOKEN);
      assertThat(request.json().path("channel").asText()).isEqualTo("C123");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'<!channel> <@U1> <https://evil.example|click> & *bold* `code`'",
    "'\u202eevil\n\n<!here>'",
    "' '"
  })
  void shouldSayWhatSpansSayAndNothingThatSlackReadsAsMarkup(String text) throws Exception {
    try (var slack = Receiver.of(SlackTest::webhook)) {
      assertThat(byWebhook(slack, Events.saying(text)).delivered()).isTrue();

      var message = slack.requests().get(0).json();
      assertThat(message.path("text").asText()).doesNotContain("<", ">").doesNotContain("\u202e");
      for (JsonNode block : message.path("blocks")) {
        for (JsonNode element : block.findParents("type")) {
          if (element.path("type").asText().equals("mrkdwn")) {
            assertThat(element.path("text").asText()).startsWith("<https://fuseline.example.com/");
          }
        }
      }
    }
  }

  @Test
  void shouldStayWithinTheLimitsWhenTextsAreLong() throws Exception {
    try (var slack = Receiver.of(SlackTest::webhook)) {
      assertThat(byWebhook(slack, Events.saying("<😀&".repeat(20_000))).delivered()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, invalid_payload, false",
    "403, action_prohibited, false",
    "404, channel_not_found, false",
    "410, channel_is_archived, false",
    "500, rollup_error, true",
    "503, , true"
  })
  void shouldTryAgainOnlyWhenAWebhooksErrorMayPass(int status, String body, boolean mayChange)
      throws Exception {
    try (var slack = Receiver.counting(n -> Receiver.Answer.of(status, body == null ? "" : body))) {
      var answer = byWebhook(slack, Events.alert(EpisodeState.OPEN));

      assertThat(answer.delivered()).isFalse();
      assertThat(answer.mayChange()).isEqualTo(mayChange);
      assertThat(answer.what()).isEqualTo("HTTP " + status + (body == null ? "" : " " + body));
    }
  }

  @Test
  void shouldWaitAsLongAsSlackSaysWhenItIsTooFast() throws Exception {
    try (var slack = Receiver.counting(n -> Receiver.Answer.retryAfter(429, "30"))) {
      var answer = byWebhook(slack, Events.alert(EpisodeState.OPEN));

      assertThat(answer.mayChange()).isTrue();
      assertThat(answer.retryAfter()).isEqualTo(Duration.ofSeconds(30));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "invalid_auth, false",
    "not_in_channel, false",
    "channel_not_found, false",
    "invalid_blocks, false",
    "ratelimited, true",
    "internal_error, true",
    "service_unavailable, true"
  })
  void shouldHeedWhatTheMethodSaysAlthoughItIsHttp200(String error, boolean mayChange)
      throws Exception {
    try (var slack =
        Receiver.counting(
            n -> Receiver.Answer.of(200, "{\"ok\":false,\"error\":\"" + error + "\"}"))) {
      var answer = byToken(slack, Events.alert(EpisodeState.OPEN));

      assertThat(answer.delivered()).isFalse();
      assertThat(answer.mayChange()).isEqualTo(mayChange);
      assertThat(answer.what()).isEqualTo("Slack says " + error);
    }
  }

  @Test
  void shouldNotTakeAProxysPageForSuccess() throws Exception {
    try (var proxy = Receiver.counting(n -> Receiver.Answer.of(200, "<html>login</html>"))) {
      assertThat(byToken(proxy, Events.alert(EpisodeState.OPEN)).delivered()).isFalse();
    }
  }

  private static Answer byWebhook(Receiver slack, Event event) throws InterruptedException {
    return attempt(
        new SlackSettings(slack.url("/services/T0/B0/s3cret"), null, null, page(), Events.LOCAL),
        event);
  }

  private static Answer byToken(Receiver slack, Event event) throws InterruptedException {
    return attempt(
        new SlackSettings(
            slack.url("/api/chat.postMessage"), new Secret(TOKEN), "C123", null, Events.LOCAL),
        event);
  }

  private static URI page() {
    return URI.create("https://fuseline.example.com/?a=1&b=2");
  }

  private static Answer attempt(SlackSettings settings, Event event) throws InterruptedException {
    try (var slack = new Slack(settings, Events.caller())) {
      return slack.attempt(event, 1);
    }
  }

  private static Receiver.Answer webhook(Request request) {
    var fault = fault(request);
    return fault == null ? Receiver.Answer.of(200, "ok") : Receiver.Answer.of(400, fault);
  }

  private static Receiver.Answer postMessage(Request request) {
    var fault = request.json().path("channel").asText().isEmpty() ? "no_channel" : fault(request);
    if (!request.header("Authorization").equals("Bearer " + TOKEN)) {
      fault = "invalid_auth";
    }
    return Receiver.Answer.of(
        200,
        fault == null
            ? "{\"ok\":true,\"channel\":\"C123\",\"ts\":\"1503435956.000247\"}"
            : "{\"ok\":false,\"error\":\"" + fault + "\"}");
  }

  /** What Slack's reference forbids; null when all is well. */
  private static String fault(Request request) {
    if (!request.header("Content-Type").startsWith("application/json")) {
      return "invalid_payload";
    }
    var message = request.json();
    var text = message.path("text").asText();
    if (text.isEmpty() || text.length() > 40_000) {
      return "no_text";
    }
    var blocks = message.path("blocks");
    if (blocks.size() > 50) {
      return "invalid_blocks: more than 50";
    }
    for (JsonNode block : blocks) {
      var type = block.path("type").asText();
      var fault =
          switch (type) {
            case "header" -> text(block.path("text"), 150, true);
            case "section" ->
                block.has("text")
                    ? text(block.path("text"), 3000, false)
                    : texts(block.path("fields"), 10, 2000);
            case "context" -> texts(block.path("elements"), 10, 3000);
            default -> "invalid_blocks: type " + type;
          };
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }

  private static String texts(JsonNode texts, int most, int limit) {
    if (texts.isEmpty() || texts.size() > most) {
      return "invalid_blocks: " + texts.size() + " elements";
    }
    for (JsonNode text : texts) {
      if (text(text, limit, false) != null) {
        return text(text, limit, false);
      }
    }
    return null;
  }

  private static String text(JsonNode text, int limit, boolean plainOnly) {
    var type = text.path("type").asText();
    var value = text.path("text").asText();
    if (!type.equals("plain_text") && (plainOnly || !type.equals("mrkdwn"))) {
      return "invalid_blocks: text type " + type;
    }
    if (type.equals("mrkdwn") && (text.has("emoji"))) {
      return "invalid_blocks: emoji";
    }
    return value.isEmpty() || value.length() > limit
        ? "invalid_blocks: text of " + value.length()
        : null;
  }
}
