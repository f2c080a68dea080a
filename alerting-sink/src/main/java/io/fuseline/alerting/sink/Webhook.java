package io.fuseline.alerting.sink;

import io.fuseline.alerting.sink.HttpCaller.NoReplyException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;

/** Posts events, signed, to one address. */
final class Webhook implements SinkTarget {
  static final String EVENT_ID_HEADER = "Fuseline-Event-Id";
  static final String EVENT_TYPE_HEADER = "Fuseline-Event-Type";
  static final String ATTEMPT_HEADER = "Fuseline-Attempt";

  private final WebhookSettings settings;
  private final Clock clock;
  private final Signature signature;
  private final HttpCaller http;

  Webhook(WebhookSettings settings, Clock clock, HttpCaller http) {
    this.settings = settings;
    this.clock = clock;
    this.http = http;
    signature = new Signature(settings.secret().value());
  }

  @Override
  public Answer attempt(Event event, int attempt) throws InterruptedException {
    var now = clock.instant();
    var body = event.body(now);
    var headers = new LinkedHashMap<String, String>();
    headers.put("Content-Type", "application/json");
    headers.put(EVENT_ID_HEADER, headerText(event.id()));
    headers.put(EVENT_TYPE_HEADER, event.type());
    headers.put(ATTEMPT_HEADER, Integer.toString(attempt));
    headers.put(Signature.HEADER, signature.of(body, now));
    try {
      return http.call("POST", settings.url(), headers, body).answer();
    } catch (NoReplyException e) {
      return e.answer();
    }
  }

  /** Ids may hold names from anywhere; what a header cannot carry is percent-encoded. */
  static String headerText(String value) {
    var text = new StringBuilder();
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      if (b > ' ' && b < 0x7f && b != '%') {
        text.append((char) b);
      } else {
        text.append("%%%02X".formatted(b));
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    http.close();
  }
}
