package io.fuseline.deploy.bench;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;

/** A registry that has one schema and is asked for it once: deserializers want one. */
final class SchemaAnswer implements AutoCloseable {
  static final int ID = 1;

  private final HttpServer server;

  private SchemaAnswer(HttpServer server) {
    this.server = server;
  }

  static SchemaAnswer of(Schema schema) throws IOException {
    byte[] answer =
        ("{\"schema\": \"" + schema.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"}")
            .getBytes(StandardCharsets.UTF_8);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/schemas/ids/" + ID,
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, answer.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(answer);
          }
        });
    server.start();
    return new SchemaAnswer(server);
  }

  String url() {
    InetSocketAddress address = server.getAddress();
    return "http://" + address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
