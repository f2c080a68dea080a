package io.fuseline.alerting.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * Answers questions for admission on a real HTTP server: by a budget, unless a test says otherwise.
 */
final class AdmissionServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Asked> asked = new ArrayList<>(); // guarded by itself
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private volatile Function<Asked, Answer> answers;

  /** A question, or a lease that is given back. */
  record Asked(String path, String authorization, JsonNode body) {
    boolean isRelease() {
      return path.endsWith("/release");
    }
  }

  /** What is answered; null: nothing at all. */
  record Answer(int status, String body, Map<String, String> headers) {
    static Answer ok(String body) {
      return new Answer(200, body, Map.of());
    }

    static Answer of(int status, String body) {
      return new Answer(status, body, Map.of());
    }
  }

  AdmissionServer(Function<Asked, Answer> answers) {
    this.answers = answers;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void answer(Function<Asked, Answer> now) {
    answers = now;
  }

  /** Questions so far, in the order in which they came. */
  List<JsonNode> questions() {
    synchronized (asked) {
      return asked.stream().filter(each -> !each.isRelease()).map(Asked::body).toList();
    }
  }

  List<Asked> all() {
    synchronized (asked) {
      return List.copyOf(asked);
    }
  }

  List<JsonNode> releases() {
    synchronized (asked) {
      return asked.stream().filter(Asked::isRelease).map(Asked::body).toList();
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    var question =
        new Asked(
            exchange.getRequestURI().getPath(),
            exchange.getRequestHeaders().getFirst("Authorization"),
            JSON.readTree(exchange.getRequestBody().readAllBytes()));
    synchronized (asked) {
      asked.add(question);
    }
    var answer = answers.apply(question);
    if (answer == null) {
      return;
    }
    answer.headers().forEach(exchange.getResponseHeaders()::set);
    var body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** What was granted and what was spent stays below a limit. */
  static final class Budget implements Function<Asked, Answer> {
    private final BigDecimal limit;
    private final BigDecimal most;
    private final long ttlMillis;
    private final Map<String, BigDecimal> leases = new HashMap<>();
    private BigDecimal spent = BigDecimal.ZERO;
    private int granted;

    /**
     * @param most of one lease
     */
    Budget(String limit, String most, long ttlMillis) {
      this.limit = new BigDecimal(limit);
      this.most = new BigDecimal(most);
      this.ttlMillis = ttlMillis;
    }

    /** With leases as large as asked for, for five seconds. */
    Budget(String limit) {
      this(limit, limit, 5_000);
    }

    synchronized BigDecimal spent() {
      return spent;
    }

    @Override
    public synchronized Answer apply(Asked question) {
      var body = question.body();
      if (leases.remove(body.path("lease_id").asText()) != null) {
        spent = spent.add(new BigDecimal(body.get("used").asText()));
      }
      if (question.isRelease()) {
        return Answer.of(204, "");
      }
      var estimate = new BigDecimal(body.get("estimate").asText());
      var headroom =
          limit
              .subtract(spent)
              .subtract(leases.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add));
      if (estimate.compareTo(headroom) > 0) {
        return new Answer(
            429,
            """
            {"type": "urn:fuseline:problem:budget-exhausted", "detail": "Run %s has spent %s of %s USD.", "decision": "DENY",
             "scope_type": "RUN", "scope": "%s", "policy_id": "cap", "unit": "USD", "spend": "%s", "limit": "%s",
             "currency": "USD", "reset": "2026-11-26T00:00:00Z"}
            """
                .formatted(
                    body.get("root_run_id").asText(),
                    spent,
                    limit,
                    body.get("root_run_id").asText(),
                    spent,
                    limit),
            Map.of("Retry-After", "7"));
      }
      var lease = "null";
      if (body.has("lease")) {
        var id = "lease-" + ++granted;
        var amount = new BigDecimal(body.get("lease").asText()).min(most).min(headroom);
        amount = amount.max(estimate);
        leases.put(id, amount);
        lease =
            "{\"lease_id\": \"%s\", \"amount\": \"%s\", \"ttl_ms\": %d}"
                .formatted(id, amount, ttlMillis);
      } else {
        spent = spent.add(estimate); // what was allowed without a lease is taken as spent
      }
      return Answer.ok("{\"decision\": \"ALLOW\", \"caps\": null, \"lease\": %s}".formatted(lease));
    }
  }
}
