package io.fuseline.schemas.serde;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real schema registry (Apicurio) in a process of its own, on a free port of the loopback
 * interface, with its memory as storage. The build unpacks it before the integration tests.
 */
final class LocalRegistryProcess implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

  private static LocalRegistryProcess shared;

  private final int port;
  private final Process process;

  private LocalRegistryProcess(int port, Process process) {
    this.port = port;
    this.process = process;
  }

  /** One for all tests that leave it running; ends with this JVM. */
  static synchronized LocalRegistryProcess shared() {
    if (shared == null) {
      shared = start(freePort());
      Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
    }
    return shared;
  }

  static LocalRegistryProcess start(int port) {
    Path home = Path.of(System.getProperty("fuseline.test.registry", "target/registry"));
    try {
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx256m",
              "-jar",
              runner(home).toString());
      builder
          .environment()
          .putAll(
              Map.of("QUARKUS_HTTP_HOST", "127.0.0.1", "QUARKUS_HTTP_PORT", String.valueOf(port)));
      builder
          .redirectErrorStream(true)
          .redirectOutput(home.resolve("registry-" + port + ".log").toFile());
      LocalRegistryProcess registry = new LocalRegistryProcess(port, builder.start());
      await("registry answers").atMost(START_TIMEOUT).until(registry::answers);
      return registry;
    } catch (IOException e) {
      throw new IllegalStateException("Cannot start the registry in " + home, e);
    }
  }

  /** A port nobody listens on now. */
  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException("No free port", e);
    }
  }

  static String url(int port) {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  String url() {
    return url(port);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private boolean answers() throws InterruptedException {
    if (!process.isAlive()) {
      throw new IllegalStateException("The registry ended with " + process.exitValue());
    }
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(url() + "/subjects")).build();
      return HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode()
          == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static Path runner(Path home) throws IOException {
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(home, "*-runner.jar")) {
      return jars.iterator().next();
    }
  }
}
