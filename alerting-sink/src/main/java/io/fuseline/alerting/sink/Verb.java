package io.fuseline.alerting.sink;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.fuseline.alerting.sink.HttpCaller.NoReplyException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Makes one call of the operator's choice for a command; one for each run when the template names
 * the run. A value can neither leave its place in the address nor end the string it stands in.
 */
final class Verb implements SinkTarget {
  static final String IDEMPOTENCY_HEADER = "Idempotency-Key";

  private final VerbSettings settings;
  private final Clock clock;
  private final HttpCaller http;
  private final Signature signature;

  Verb(VerbSettings settings, Clock clock, HttpCaller http) {
    this.settings = settings;
    this.clock = clock;
    this.http = http;
    signature = settings.secret() == null ? null : new Signature(settings.secret().value());
  }

  @Override
  public Answer attempt(Event event, int attempt) throws InterruptedException {
    if (names(Template.AGENT) && event.scope().get(Template.AGENT) == null) {
      return Answer.unfit("the command names no agent, and the address or body does");
    }
    if (!names(Template.RUN)) {
      return call(event, null, attempt);
    }
    var answer = Answer.delivered("no active run");
    for (var run : Template.runs(event.command())) {
      answer = call(event, run, attempt);
      if (!answer.delivered()) {
        return answer;
      }
    }
    return answer;
  }

  private boolean names(String name) {
    return settings.url().names(name) || (settings.body() != null && settings.body().names(name));
  }

  private Answer call(Event event, String run, int attempt) throws InterruptedException {
    var values = Template.values(event, run);
    var url = URI.create(settings.url().filled(values, Template::inUrl));
    var headers = new LinkedHashMap<String, String>();
    var body =
        settings.body() == null
            ? null
            : settings.body().filled(values, escape()).getBytes(StandardCharsets.UTF_8);
    if (body != null) {
      headers.put("Content-Type", settings.contentType());
    }
    var id = Webhook.headerText(run == null ? event.id() : event.id() + ":" + run);
    headers.put(Webhook.EVENT_ID_HEADER, id);
    headers.put(IDEMPOTENCY_HEADER, id);
    headers.put(Webhook.ATTEMPT_HEADER, Integer.toString(attempt));
    if (signature != null) {
      headers.put(
          Signature.HEADER, signature.of(body == null ? new byte[0] : body, clock.instant()));
    }
    for (Map.Entry<String, Secret> header : settings.headers().entrySet()) {
      headers.put(header.getKey(), header.getValue().value());
    }
    try {
      return http.call(settings.method(), url, headers, body).answer();
    } catch (NoReplyException e) {
      return e.answer();
    }
  }

  private UnaryOperator<String> escape() {
    var type = settings.contentType().toLowerCase(Locale.ROOT);
    if (type.contains("json")) {
      return value -> new String(JsonStringEncoder.getInstance().quoteAsString(value));
    }
    return type.contains("urlencoded") ? Template::inUrl : UnaryOperator.identity();
  }

  @Override
  public void close() {
    http.close();
  }
}
