package io.fuseline.deploy.stack;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real schema registry (Apicurio Registry, speaking Confluent's API) in a process of its own, on
 * 127.0.0.1. Its database stays in the data folder: records on the topics carry schema ids, so a
 * registry that forgot them would make the records unreadable.
 */
public final class LocalRegistry implements AutoCloseable {
  private static final String NAME = "registry";
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final ServerProcess process;
  private final int port;

  private LocalRegistry(ServerProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts a registry and returns when it serves clients.
   *
   * @param folder its data folder, made when missing
   * @param ports where it may listen; a port that is taken after all is replaced by the next
   * @throws StackException when it does not come up; the message ends with the last lines of its
   *     log
   */
  static LocalRegistry start(Distribution distribution, Path folder, Ports ports, AtExit atExit) {
    Path home = folder.toAbsolutePath().normalize();
    String lastLines = "";
    for (int attempt = 1; attempt <= Ports.ATTEMPTS; attempt++) {
      LocalRegistry registry = launch(distribution, home, ports.next(), atExit);
      if (registry.awaitReady()) {
        return registry;
      }
      lastLines = registry.process.lastLogLines();
    }
    throw new StackException(
        "Found no free port for the registry in " + Ports.ATTEMPTS + " attempts." + lastLines);
  }

  /** Address of the Confluent API, such as {@code http://127.0.0.1:8081/apis/ccompat/v7}. */
  public String url() {
    return "http://" + Ports.HOST + ":" + port + "/apis/ccompat/v7";
  }

  /** Process id of the running registry. */
  public long pid() {
    return process.pid();
  }

  /** Stops the registry in an orderly way; killed when that takes more than 20 s. */
  @Override
  public void close() {
    process.close();
  }

  private static LocalRegistry launch(
      Distribution distribution, Path folder, int port, AtExit atExit) {
    List<String> arguments =
        List.of(
            "-Xmx256m",
            // Little work, so a quick start is worth more than fast code.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-jar",
            distribution.registryJar().toString());
    Map<String, String> environment =
        Map.of(
            "QUARKUS_HTTP_HOST",
            Ports.HOST,
            "QUARKUS_HTTP_PORT",
            Integer.toString(port),
            // The database is in memory by default. WRITE_DELAY: a registered schema is on disk
            // when the answer is sent.
            "QUARKUS_DATASOURCE_JDBC_URL",
            "jdbc:h2:file:" + folder.resolve("schemas") + ";WRITE_DELAY=0");
    return new LocalRegistry(
        ServerProcess.start(NAME, arguments, environment, folder, atExit), port);
  }

  /** False when the port was taken. */
  private boolean awaitReady() {
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    while (process.isAlive() && System.nanoTime() < deadline) {
      if (serves() && process.isAlive()) {
        return true;
      }
      pause();
    }
    if (!process.isAlive()
        && (process.logMentions("in use by another process")
            || process.logMentions("Address already in use"))) {
      return false;
    }
    String problem =
        process.isAlive()
            ? "did not answer within " + START_TIMEOUT.toSeconds() + " s"
            : "ended while starting";
    process.kill();
    throw new StackException("The registry " + problem + "." + process.lastLogLines());
  }

  private boolean serves() {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/subjects"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      return process.logMentions("Listening on")
          && http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(100);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static StackException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new StackException("Interrupted while the registry started.", e);
  }
}
