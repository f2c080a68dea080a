package io.fuseline.alerting.sink;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.alerting.sink.HttpCaller.NoReplyException;
import io.fuseline.alerting.sink.HttpCaller.Reply;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Set;

/**
 * Posts messages to Slack. What spans say stands in plain text objects, where Slack reads no
 * markup; in the fallback text, which notifications show, the three characters that begin markup
 * are escaped. Limits as in Slack's Block Kit reference.
 */
final class Slack implements SinkTarget {
  private static final int MAX_HEADER = 150;
  private static final int MAX_SECTION = 3000;
  private static final int MAX_FIELD = 2000;
  private static final int MAX_FIELDS = 10;
  private static final int MAX_TEXT = 4000;

  /** Errors of chat.postMessage that pass by themselves; it answers them with HTTP 200. */
  private static final Set<String> PASSING =
      Set.of(
          "ratelimited",
          "rate_limited",
          "message_limit_exceeded",
          "internal_error",
          "fatal_error",
          "request_timeout",
          "service_unavailable",
          "team_added_to_org");

  /** Of an event's summary, what the message says elsewhere. */
  private static final Set<String> SAID = Set.of("summary", "reason", "target", "target_type");

  private final SlackSettings settings;
  private final HttpCaller http;

  Slack(SlackSettings settings, HttpCaller http) {
    this.settings = settings;
    this.http = http;
  }

  @Override
  public Answer attempt(Event event, int attempt) throws InterruptedException {
    var headers = new LinkedHashMap<String, String>();
    if (settings.token() != null) {
      headers.put("Authorization", "Bearer " + settings.token().value());
    }
    try {
      var reply =
          http.post(
              settings.url(), headers, message(event).toString().getBytes(StandardCharsets.UTF_8));
      return settings.token() == null ? reply.answer() : ofMethod(reply);
    } catch (NoReplyException e) {
      return e.answer();
    }
  }

  /** The Web API says in the body whether it worked. */
  private static Answer ofMethod(Reply reply) {
    var answer = reply.answer();
    if (!answer.delivered()) {
      return answer;
    }
    var json = reply.json();
    if (json.path("ok").asBoolean()) {
      return answer.saying("ts " + Text.oneLine(json.path("ts").asText(), 40));
    }
    var error = Text.oneLine(json.path("error").asText("no JSON"), 100);
    return new Answer(
        false, PASSING.contains(error), false, reply.retryAfter(), "Slack says " + error);
  }

  private ObjectNode message(Event event) {
    var message = JsonNodeFactory.instance.objectNode();
    if (settings.channel() != null) {
      message.put("channel", settings.channel());
    }
    message.put("text", escaped(Text.oneLine(event.title() + ": " + event.text(), MAX_TEXT)));
    message.put("unfurl_links", false).put("unfurl_media", false);
    var blocks = message.putArray("blocks");
    var header = blocks.addObject().put("type", "header");
    header.set("text", plain(icon(event) + " " + Text.oneLine(event.title(), MAX_HEADER - 3)));
    var section = blocks.addObject().put("type", "section");
    section.set("text", plain(Text.cut(event.text(), MAX_SECTION)));
    var fields = JsonNodeFactory.instance.arrayNode();
    event.summary().entrySet().stream()
        .filter(entry -> !SAID.contains(entry.getKey()) && !entry.getValue().isBlank())
        .limit(MAX_FIELDS)
        .map(entry -> plain(entry.getKey() + ": " + Text.oneLine(entry.getValue(), MAX_FIELD - 30)))
        .forEach(fields::add);
    if (!fields.isEmpty()) {
      blocks.addObject().put("type", "section").set("fields", fields);
    }
    var context = blocks.addObject().put("type", "context").putArray("elements");
    context.add(plain(Text.oneLine("Fuseline " + event.id(), MAX_FIELD)));
    if (settings.page() != null) {
      context
          .addObject()
          .put("type", "mrkdwn")
          .put("text", "<" + escaped(settings.page().toString()) + "|Open Fuseline>");
    }
    return message;
  }

  private static String icon(Event event) {
    if (event.severity() == null || event.severity().ordinal() < 1) {
      return "🔵";
    }
    return event.severity().ordinal() == 1 ? "🟡" : "🔴";
  }

  private static ObjectNode plain(String text) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "plain_text")
        .put("text", text.isBlank() ? "-" : text)
        .put("emoji", false);
  }

  /** Slack's three control characters, so that no text from a span links, mentions or pings. */
  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  @Override
  public void close() {
    http.close();
  }
}
