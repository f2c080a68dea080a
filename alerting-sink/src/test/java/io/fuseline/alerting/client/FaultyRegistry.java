package io.fuseline.alerting.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands before the real registry and passes reads on; answers 503 while it is told to fail. */
final class FaultyRegistry implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicInteger failures = new AtomicInteger();
  private final URI real;
  private final HttpServer server;
  private volatile boolean failing;

  FaultyRegistry(String realUrl) {
    real = URI.create(realUrl);
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + real.getPath();
  }

  void fail() {
    failing = true;
  }

  void recover() {
    failing = false;
  }

  int failures() {
    return failures.get();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (failing) {
        failures.incrementAndGet();
        exchange.sendResponseHeaders(503, -1);
        return;
      }
      var request =
          HttpRequest.newBuilder(real.resolve(exchange.getRequestURI().toString()))
              .header("Content-Type", "application/json")
              .method(
                  exchange.getRequestMethod(),
                  HttpRequest.BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()))
              .build();
      var answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      answer
          .headers()
          .firstValue("Content-Type")
          .ifPresent(type -> exchange.getResponseHeaders().add("Content-Type", type));
      exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
      exchange.getResponseBody().write(answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
