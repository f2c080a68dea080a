package io.fuseline.alerting.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.fuseline.alerting.sink.AddressGuard.ForbiddenAddressException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;

/**
 * Calls one destination by HTTP: only addresses the guard lets through, no redirects, no cookies,
 * no proxy, one deadline for the whole call. What is answered is read up to a limit.
 */
final class HttpCaller implements AutoCloseable {
  /** More than any receiver has to say; the rest is not read. */
  private static final int MAX_ANSWER_BYTES = 64 * 1024;

  private static final int MAX_CONNECTIONS = 32;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Duration timeout;
  private final Clock clock;
  private final CloseableHttpClient http;
  private final ExecutorService threads;

  /**
   * What came back.
   *
   * @param retryAfter what the receiver asked for, or null
   */
  record Reply(int status, Duration retryAfter, byte[] body) {

    /** The body as JSON; a missing node when it is none. */
    JsonNode json() {
      try {
        var json = JSON.readTree(body);
        return json == null ? MissingNode.getInstance() : json;
      } catch (IOException e) {
        return MissingNode.getInstance();
      }
    }

    /** The first line of the body, shortened, for messages. */
    String said() {
      var text = new String(body, StandardCharsets.UTF_8);
      var line = Text.oneLine(text.lines().findFirst().orElse(""), 200);
      return line.isEmpty() ? "" : " " + line;
    }

    /** 2xx is delivered; 408, 425, 429 and 5xx may change; all else is final. */
    Answer answer() {
      var passing = status == 408 || status == 425 || status == 429 || status >= 500;
      return new Answer(
          status >= 200 && status < 300, passing, false, retryAfter, "HTTP " + status + quoted());
    }

    private String quoted() {
      return status >= 200 && status < 300 ? "" : said();
    }
  }

  /** A call that brought no reply. */
  static final class NoReplyException extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean mayChange;

    NoReplyException(String message, boolean mayChange) {
      super(message);
      this.mayChange = mayChange;
    }

    Answer answer() {
      return mayChange ? Answer.failed(getMessage()) : Answer.refused(getMessage());
    }
  }

  HttpCaller(HttpSettings settings, Clock clock) {
    this(settings, clock, InetAddress::getAllByName);
  }

  HttpCaller(HttpSettings settings, Clock clock, AddressGuard.Lookup lookup) {
    this.timeout = settings.timeout();
    this.clock = clock;
    var patience = Timeout.of(timeout);
    http =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setDnsResolver(new AddressGuard(settings.allowAddresses(), lookup))
                    .setMaxConnTotal(MAX_CONNECTIONS)
                    .setMaxConnPerRoute(MAX_CONNECTIONS)
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom()
                            .setConnectTimeout(patience)
                            .setSocketTimeout(patience)
                            .build())
                    .build())
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setConnectionRequestTimeout(patience)
                    .setResponseTimeout(patience)
                    .build())
            // A signed body goes to the address that was configured, and nowhere else.
            .disableRedirectHandling()
            // We count and space the attempts ourselves.
            .disableAutomaticRetries()
            .disableCookieManagement()
            .disableAuthCaching()
            .setUserAgent("fuseline")
            .build();
    threads =
        Executors.newCachedThreadPool(
            task -> {
              var thread = new Thread(task, "fuseline-sink-call");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Calls and reads the reply.
   *
   * @param body null for none
   * @throws NoReplyException when there is none within the deadline
   * @throws InterruptedException when the sink closes
   */
  Reply call(String method, URI url, Map<String, String> headers, byte[] body)
      throws NoReplyException, InterruptedException {
    var request = new HttpUriRequestBase(method, url);
    headers.forEach(request::setHeader);
    if (body != null) {
      // The content type is among the headers.
      request.setEntity(new ByteArrayEntity(body, null));
    }
    var sending = threads.submit(() -> http.execute(request, this::read));
    try {
      // Timeouts of sockets begin again with each byte; a reply may trickle on for ever.
      return sending.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new NoReplyException("no answer within " + timeout.toMillis() + " ms", true);
    } catch (ExecutionException e) {
      throw new NoReplyException(
          describe(e.getCause()), !(e.getCause() instanceof ForbiddenAddressException));
    } finally {
      request.abort();
    }
  }

  /** Posts JSON and reads the reply. */
  Reply post(URI url, Map<String, String> headers, byte[] json)
      throws NoReplyException, InterruptedException {
    var all = new LinkedHashMap<>(headers);
    all.putIfAbsent("Content-Type", "application/json; charset=utf-8");
    return call("POST", url, all, json);
  }

  private Reply read(ClassicHttpResponse response) throws IOException {
    var entity = response.getEntity();
    var body = new byte[0];
    if (entity != null) {
      // The client skips what is beyond; the deadline bounds that too.
      body = entity.getContent().readNBytes(MAX_ANSWER_BYTES);
    }
    var retryAfter = response.getFirstHeader("Retry-After");
    return new Reply(
        response.getCode(), retryAfter == null ? null : parse(retryAfter.getValue()), body);
  }

  private static String describe(Throwable failure) {
    if (failure instanceof ForbiddenAddressException) {
      return failure.getMessage();
    }
    if (failure instanceof UnknownHostException) {
      return "unknown host " + failure.getMessage();
    }
    var name = failure.getClass().getSimpleName();
    return failure.getMessage() == null ? name : name + ": " + failure.getMessage();
  }

  /** Seconds, or an HTTP date (RFC 9110, section 10.2.3); null when it is neither or over. */
  private Duration parse(String value) {
    try {
      if (value.matches("\\d{1,9}")) {
        return Duration.ofSeconds(Long.parseLong(value));
      }
      var at = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      var wait = Duration.between(clock.instant(), at);
      return wait.isNegative() ? null : wait;
    } catch (DateTimeException e) {
      return null;
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    http.close(CloseMode.IMMEDIATE);
  }

  /** Ranges to be called for tests and demonstrations on one machine. */
  static final List<AddressRange> LOOPBACK = AddressRange.parseAll("127.0.0.0/8", "::1");
}
