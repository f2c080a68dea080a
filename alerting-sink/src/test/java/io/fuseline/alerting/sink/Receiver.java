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
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A webhook receiver on a real HTTP server; checks signatures by the recipe in docs/kill-switch.md.
 */
final class Receiver implements AutoCloseable {
  static final String SECRET = "whsec-0123456789abcdef";

  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private volatile IntFunction<Answer> answers;

  /** What came in. */
  record Request(Headers headers, byte[] body) {

    String header(String name) {
      return headers.getFirst(name);
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

  /**
   * @param retryAfter value of the header, or null
   */
  record Answer(int status, String retryAfter) {
    static Answer of(int status) {
      return new Answer(status, null);
    }
  }

  /**
   * @param answers by number of the request, from 1
   */
  Receiver(IntFunction<Answer> answers) {
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
    server.createContext("/hook", this::handle);
    server.start();
  }

  static Receiver answering(int... statuses) {
    return new Receiver(n -> Answer.of(statuses[Math.min(n, statuses.length) - 1]));
  }

  void answerFromNowOn(int status) {
    answers = n -> Answer.of(status);
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook?token=t0p");
  }

  List<Request> requests() {
    return requests;
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      int number;
      synchronized (requests) {
        requests.add(
            new Request(exchange.getRequestHeaders(), exchange.getRequestBody().readAllBytes()));
        number = requests.size();
      }
      var answer = answers.apply(number);
      if (answer.retryAfter() != null) {
        exchange.getResponseHeaders().add("Retry-After", answer.retryAfter());
      }
      exchange.sendResponseHeaders(answer.status(), -1);
    }
  }
}
