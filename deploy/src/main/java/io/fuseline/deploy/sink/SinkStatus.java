package io.fuseline.deploy.sink;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fuseline.alerting.sink.SinkCounters;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The sink's metrics in Prometheus' text format, and whether it lives, by HTTP. */
public final class SinkStatus implements AutoCloseable {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final HttpServer server;

  private SinkStatus(HttpServer server, Map<String, SinkCounters> counters) {
    this.server = server;
    counters.forEach((destination, counts) -> bind(registry, destination, counts));
    server.createContext("/metrics", exchange -> answer(exchange, "/metrics", registry.scrape()));
    server.createContext("/health", exchange -> answer(exchange, "/health/live", "ok\n"));
  }

  /**
   * Starts answering.
   *
   * @param port 0 for any free one
   * @throws IOException if the port is taken
   */
  public static SinkStatus start(String host, int port, Map<String, SinkCounters> counters)
      throws IOException {
    var address = new InetSocketAddress(host, port);
    HttpServer server;
    try {
      server = HttpServer.create(address, 0);
    } catch (IOException e) {
      throw new IOException(
          "Cannot listen on "
              + host
              + ":"
              + port
              + ": "
              + e.getMessage()
              + ". Choose another with --http-port.",
          e);
    }
    var status = new SinkStatus(server, counters);
    server.start();
    return status;
  }

  /** Where it listens. */
  public int port() {
    return server.getAddress().getPort();
  }

  private static void bind(MeterRegistry registry, String destination, SinkCounters counts) {
    var tags = Tags.of("destination", destination);
    var deliveries = "fuseline.sink.deliveries";
    count(registry, deliveries, tags.and("result", "delivered"), counts, SinkCounters::delivered);
    count(registry, deliveries, tags.and("result", "given_up"), counts, SinkCounters::failed);
    count(registry, deliveries, tags.and("result", "skipped"), counts, SinkCounters::skipped);
    count(registry, "fuseline.sink.retries", tags, counts, SinkCounters::retried);
    count(registry, "fuseline.sink.duplicates", tags, counts, SinkCounters::duplicates);
    Gauge.builder("fuseline.sink.disabled", counts, one -> one.disabled() ? 1 : 0)
        .tags(tags)
        .register(registry);
  }

  private static void count(
      MeterRegistry registry,
      String name,
      Tags tags,
      SinkCounters counts,
      ToDoubleFunction<SinkCounters> count) {
    FunctionCounter.builder(name, counts, count).tags(tags).register(registry);
  }

  private static void answer(HttpExchange exchange, String path, String text) throws IOException {
    try (exchange) {
      if (!exchange.getRequestURI().getPath().equals(path)) {
        exchange.sendResponseHeaders(404, -1);
      } else if (!exchange.getRequestMethod().equals("GET")) {
        exchange.sendResponseHeaders(405, -1);
      } else {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", TEXT);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    registry.close();
  }
}
