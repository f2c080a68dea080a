package io.fuseline.alerting.sink;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.alerting.sink.HttpCaller.NoReplyException;
import io.fuseline.schemas.EpisodeState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * Triggers an incident when an episode opens or escalates, and resolves it when the episode closes.
 * The episode's id is the dedup key, so that repetitions and escalations join the same incident.
 */
final class PagerDuty implements SinkTarget {
  private static final int MAX_DEDUP_KEY = 255;
  private static final int MAX_SUMMARY = 1024;
  // An event may have 512 KB. Details are as many as the record has and each is cut.
  private static final int MAX_DETAIL = 4000;
  private static final int MAX_DETAILS = 60;
  private static final int ACCEPTED = 202;

  private final PagerDutySettings settings;
  private final HttpCaller http;

  PagerDuty(PagerDutySettings settings, HttpCaller http) {
    this.settings = settings;
    this.http = http;
  }

  @Override
  public Answer attempt(Event event, int attempt) throws InterruptedException {
    try {
      var reply =
          http.post(
              settings.url(), Map.of(), body(event).toString().getBytes(StandardCharsets.UTF_8));
      var answer = reply.answer();
      // Any other 2xx would be a proxy's, not PagerDuty's.
      return answer.delivered() && reply.status() != ACCEPTED
          ? Answer.refused("HTTP " + reply.status() + ", expected 202")
          : answer;
    } catch (NoReplyException e) {
      return e.answer();
    }
  }

  private ObjectNode body(Event event) {
    var body = JsonNodeFactory.instance.objectNode();
    body.put("routing_key", settings.routingKey().value());
    body.put("dedup_key", dedupKey(event.episode()));
    if (event.state() == EpisodeState.CLOSED) {
      return body.put("event_action", "resolve");
    }
    body.put("event_action", "trigger");
    body.put("client", "Fuseline");
    if (settings.page() != null) {
      body.put("client_url", settings.page().toString());
    }
    var payload = body.putObject("payload");
    payload.put("summary", Text.oneLine(event.title() + ": " + event.text(), MAX_SUMMARY));
    payload.put("source", Text.oneLine(source(event), MAX_SUMMARY));
    payload.put("severity", severity(event));
    payload.put("timestamp", event.issuedAt().toString());
    if (event.scope().get("agent") != null) {
      payload.put("component", Text.oneLine(event.scope().get("agent"), MAX_SUMMARY));
    }
    if (event.scope().get("team") != null) {
      payload.put("group", Text.oneLine(event.scope().get("team"), MAX_SUMMARY));
    }
    if (!event.rule().isEmpty()) {
      payload.put("class", Text.oneLine(event.rule(), MAX_SUMMARY));
    }
    var details = payload.putObject("custom_details");
    event.summary().entrySet().stream()
        .limit(MAX_DETAILS)
        .forEach(entry -> details.put(entry.getKey(), Text.cut(entry.getValue(), MAX_DETAIL)));
    details.put("event_id", Text.cut(event.id(), MAX_DETAIL));
    return body;
  }

  private static String source(Event event) {
    return event.summary().get("target_type") + " " + event.summary().get("target");
  }

  private static String severity(Event event) {
    return switch (event.severity()) {
      case PAGE -> "critical";
      case CRITICAL -> "error";
      case WARNING -> "warning";
      case INFO -> "info";
    };
  }

  /** Ids are short; one that is not is replaced by its hash, since a cut one could meet another. */
  static String dedupKey(String episode) {
    if (episode.length() <= MAX_DEDUP_KEY) {
      return episode;
    }
    try {
      var hash =
          MessageDigest.getInstance("SHA-256").digest(episode.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
