package io.fuseline.alerting.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.IntFunction;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A receiver on a real HTTP server; checks signatures by the recipe in docs/sink.md. */
final class Receiver implements AutoCloseable {
  static final String SECRET = "whsec-0123456789abcdef";

  private final List<Request> requests = new ArrayList<>();
  private final HttpServer server;
  private volatile Function<Request, Answer> answers;

  /**
   * What came in.
   *
   * @param number from 1
   */
  record Request(int number, String method, String path, Headers headers, byte[] body) {

    String header(String name) {
      return headers.getFirst(name);
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    JsonNode json() {
      try {
        return new ObjectMapper().readTree(body);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    boolean isSignedWith(String secret) {
      var parts = header("Fuseline-Signature").split(",", 2);
      var time = parts[0].substring("t=".length());
      var given = parts[1].substring("v1=".length());
      try {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        var message = time + "." + new String(body, StandardCharsets.UTF_8);
        var expected = new StringBuilder();
        for (byte b : mac.doFinal(message.getBytes(StandardCharsets.UTF_8))) {
          expected.append(String.format("%02x", b));
        }
        return given.contentEquals(expected);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** What is answered. */
  record Answer(int status, Map<String, String> headers, String body) {
    static Answer of(int status) {
      return new Answer(status, Map.of(), "");
    }

    static Answer of(int status, String body) {
      return new Answer(status, Map.of(), body);
    }

    static Answer retryAfter(int status, String value) {
      return new Answer(status, Map.of("Retry-After", value), "");
    }
  }

  private Receiver(Function<Request, Answer> answers) {
    this.answers = answers;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(
        Executors.newCachedThreadPool(
            task -> {
              var thread = new Thread(task, "receiver");
              thread.setDaemon(true);
              return thread;
            }));
    server.createContext("/", this::handle);
    server.start();
  }

  /** Answers each request as it deserves. */
  static Receiver of(Function<Request, Answer> answers) {
    return new Receiver(answers);
  }

  /** Answers by number of the request, from 1. */
  static Receiver counting(IntFunction<Answer> answers) {
    return new Receiver(request -> answers.apply(request.number()));
  }

  static Receiver answering(int... statuses) {
    return counting(n -> Answer.of(statuses[Math.min(n, statuses.length) - 1]));
  }

  void answerFromNowOn(int status) {
    answers = request -> Answer.of(status);
  }

  URI url() {
    return url("/hook?token=t0p");
  }

  URI url(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  int port() {
    return server.getAddress().getPort();
  }

  List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = exchange.getRequestBody().readAllBytes();
      Request request;
      synchronized (requests) {
        request =
            new Request(
                requests.size() + 1,
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                exchange.getRequestHeaders(),
                body);
        requests.add(request);
      }
      var answer = answers.apply(request);
      answer.headers().forEach(exchange.getResponseHeaders()::add);
      var bytes = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
      if (bytes.length > 0) {
        exchange.getResponseBody().write(bytes);
      }
    }
  }
}
