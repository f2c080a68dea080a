package io.fuseline.schemas.serde;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntUnaryOperator;
import javax.net.ssl.SSLContext;

/**
 * Stands before a real registry as a gateway would: asks for credentials, speaks TLS, notes who
 * came, and can turn callers away for a while. Everything else is the registry's answer.
 */
final class Doorman implements AutoCloseable {
  private static final String PATH = "/registry";

  private final HttpServer server;
  private final String scheme;
  private final URI registry;
  private final HttpClient client = HttpClient.newHttpClient();
  private final Queue<String> requests = new ConcurrentLinkedQueue<>();
  private String wantedAuthorization;
  private IntUnaryOperator refusals = visit -> 0;

  private Doorman(HttpServer server, String scheme, String registry) {
    this.server = server;
    this.scheme = scheme;
    this.registry = URI.create(registry);
    server.createContext(PATH, this::pass);
    server.start();
  }

  static Doorman before(String registry) throws IOException {
    return new Doorman(HttpServer.create(anyPort(), 0), "http", registry);
  }

  static Doorman withTls(String registry, SSLContext tls) throws IOException {
    HttpsServer server = HttpsServer.create(anyPort(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    return new Doorman(server, "https", registry);
  }

  /** Answers 401 to whoever does not bring this header. */
  Doorman wanting(String authorization) {
    wantedAuthorization = authorization;
    return this;
  }

  /** Answers with the status the rule gives for the n-th visit, from 1; 0 lets the visitor in. */
  Doorman refusing(IntUnaryOperator statusOfVisit) {
    refusals = statusOfVisit;
    return this;
  }

  String url() {
    return scheme + "://localhost:" + server.getAddress().getPort() + PATH;
  }

  /** Method and path of every request so far. */
  Queue<String> requests() {
    return requests;
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private void pass(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().toString().substring(PATH.length());
    requests.add(exchange.getRequestMethod() + " " + path);
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    int refusal = refusals.applyAsInt(requests.size());
    try (exchange) {
      if (refusal != 0) {
        exchange.sendResponseHeaders(refusal, -1);
      } else if (wantedAuthorization != null && !wantedAuthorization.equals(authorization)) {
        exchange.sendResponseHeaders(401, -1);
      } else {
        HttpResponse<byte[]> answer = forward(exchange, path);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
        exchange.getResponseBody().write(answer.body());
      }
    }
  }

  private HttpResponse<byte[]> forward(HttpExchange exchange, String path) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(registry + path))
            .method(
                exchange.getRequestMethod(),
                BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .build();
    try {
      return client.send(request, BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
