package io.fuseline.deploy.clients;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

/** Stands between an exporter and the pipeline, and keeps what the exporter sends. */
final class OtlpTap implements AutoCloseable {
  /** What was posted; the encodings are empty when the header is missing. */
  record Request(String contentType, String contentEncoding, byte[] body) {
    /** The batch, no longer compressed. */
    byte[] batch() {
      if (!contentEncoding.equals("gzip")) {
        return body;
      }
      try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Optional<URI> pipeline;
  private final HttpServer server;

  private OtlpTap(Optional<URI> pipeline) throws IOException {
    this.pipeline = pipeline;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/traces", this::receive);
    server.start();
  }

  /** Passes nothing on and acknowledges all. */
  static OtlpTap keeping() throws IOException {
    return new OtlpTap(Optional.empty());
  }

  /** Passes all on; the answer to the first request is lost on its way back. */
  static OtlpTap losingTheFirstAnswer(URI pipeline) throws IOException {
    return new OtlpTap(Optional.of(pipeline));
  }

  /** Where an exporter should send. */
  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** All requests so far, in the order they came. */
  List<Request> requests() {
    return List.copyOf(requests);
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      Request request =
          new Request(
              header(exchange, "Content-Type"),
              header(exchange, "Content-Encoding"),
              exchange.getRequestBody().readAllBytes());
      requests.add(request);
      if (pipeline.isEmpty()) {
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      HttpResponse<byte[]> answer = passOn(request);
      if (requests.size() == 1) {
        return; // closes the connection
      }
      exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
      exchange.getResponseBody().write(answer.body());
    }
  }

  private HttpResponse<byte[]> passOn(Request request) throws IOException {
    HttpRequest.Builder copy =
        HttpRequest.newBuilder(pipeline.orElseThrow().resolve("/v1/traces"))
            .header("Content-Type", request.contentType())
            .POST(HttpRequest.BodyPublishers.ofByteArray(request.body()));
    if (!request.contentEncoding().isEmpty()) {
      copy.header("Content-Encoding", request.contentEncoding());
    }
    try {
      return http.send(copy.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
