package io.fuseline.alerting.sink;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts events, signed, to one address. Network errors, timeouts, 408, 429 and 5xx are tried again
 * with rising waits; every other answer but 2xx is final, redirects included.
 */
final class Webhook implements SinkTarget {
  private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);
  static final String EVENT_ID_HEADER = "Fuseline-Event-Id";
  static final String EVENT_TYPE_HEADER = "Fuseline-Event-Type";
  static final String ATTEMPT_HEADER = "Fuseline-Attempt";

  private final WebhookSettings settings;
  private final Clock clock;
  private final RandomGenerator random;
  private final Runnable onRetry;
  private final Pause pause;
  private final Signature signature;
  private final HttpClient http;

  /** Waits between attempts. */
  @FunctionalInterface
  interface Pause {
    void sleep(Duration time) throws InterruptedException;
  }

  /**
   * @param onRetry called before each further attempt
   */
  Webhook(
      WebhookSettings settings,
      Clock clock,
      RandomGenerator random,
      Pause pause,
      Runnable onRetry) {
    this.settings = settings;
    this.clock = clock;
    this.random = random;
    this.pause = pause;
    this.onRetry = onRetry;
    signature = new Signature(settings.secret());
    http =
        HttpClient.newBuilder()
            // Plain receivers stumble over the upgrade to HTTP/2 that is offered by default.
            .version(HttpClient.Version.HTTP_1_1)
            // A signed body goes to the address that was configured, and nowhere else.
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.timeout())
            .build();
  }

  @Override
  public String name() {
    return settings.toString();
  }

  @Override
  public void deliver(Event event) throws GivenUpException, InterruptedException {
    var body = event.body(clock.instant());
    for (var attempt = 1; ; attempt++) {
      var answer = attempt(event, body, attempt);
      if (answer.delivered()) {
        return;
      }
      if (!answer.mayChange()) {
        throw new GivenUpException(name() + " refused it: " + answer.what());
      }
      if (attempt >= settings.retry().maxAttempts()) {
        throw new GivenUpException(
            name() + " failed " + attempt + " times, at last: " + answer.what());
      }
      var delay = settings.retry().delayAfter(attempt, answer.retryAfter(), random);
      LOG.warn(
          "{}: attempt {} of {} for {} failed ({}); next in {} ms",
          name(),
          attempt,
          settings.retry().maxAttempts(),
          event.id(),
          answer.what(),
          delay.toMillis());
      onRetry.run();
      pause.sleep(delay);
    }
  }

  /**
   * How an attempt ended.
   *
   * @param mayChange whether the next attempt may end otherwise
   * @param retryAfter what the receiver asked for, or null
   */
  private record Answer(boolean delivered, boolean mayChange, Duration retryAfter, String what) {}

  private Answer attempt(Event event, byte[] body, int attempt) throws InterruptedException {
    var request =
        HttpRequest.newBuilder(settings.url())
            .header("Content-Type", "application/json")
            .header("User-Agent", "fuseline")
            .header(EVENT_ID_HEADER, headerText(event.id()))
            .header(EVENT_TYPE_HEADER, event.type())
            .header(ATTEMPT_HEADER, Integer.toString(attempt))
            .header(Signature.HEADER, signature.of(body, clock.instant()))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    var sending = http.sendAsync(request, HttpResponse.BodyHandlers.discarding());
    try {
      // The request's own timeout ends with the head of the answer; a body may trickle on for ever.
      return read(sending.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return failed("no answer within " + settings.timeout());
    } catch (ExecutionException e) {
      return failed(describe(e.getCause()));
    } finally {
      sending.cancel(true);
    }
  }

  private static Answer failed(String what) {
    return new Answer(false, true, null, what);
  }

  private static String describe(Throwable failure) {
    var name = failure.getClass().getSimpleName();
    return failure.getMessage() == null ? name : name + ": " + failure.getMessage();
  }

  private Answer read(HttpResponse<?> response) {
    var status = response.statusCode();
    var delivered = status >= 200 && status < 300;
    var mayChange = status == 408 || status == 429 || status >= 500;
    var retryAfter = response.headers().firstValue("Retry-After").flatMap(this::parseRetryAfter);
    return new Answer(delivered, mayChange, retryAfter.orElse(null), "HTTP " + status);
  }

  /** Seconds, or an HTTP date (RFC 9110, section 10.2.3); anything else is not heeded. */
  private Optional<Duration> parseRetryAfter(String value) {
    try {
      if (value.matches("\\d{1,9}")) {
        return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
      }
      var at = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      var wait = Duration.between(clock.instant(), at);
      return wait.isNegative() ? Optional.empty() : Optional.of(wait);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Ids may hold names from anywhere; what a header cannot carry is percent-encoded. */
  private static String headerText(String value) {
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
}
