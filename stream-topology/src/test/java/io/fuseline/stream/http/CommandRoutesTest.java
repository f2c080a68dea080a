package io.fuseline.stream.http;

import static io.fuseline.stream.command.CommandDraft.kill;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.command.CommandStream;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over real HTTP. */
@Timeout(60)
class CommandRoutesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final CommandStream commands = new CommandStream();
  private HttpServer server;

  @BeforeEach
  void start() {
    ExampleQueries fleet = ExampleQueries.fleet(Clock.systemUTC());
    server =
        HttpServer.start(
            new HttpSettings(HttpSettings.LOOPBACK, 0, Set.of(), Duration.ZERO),
            HttpServerFixture.ingest(),
            fleet,
            fleet,
            null,
            null,
            null,
            commands,
            () -> "");
  }

  @AfterEach
  void stop() {
    commands.close();
    server.close();
  }

  @Test
  void shouldSendWhatWasWrittenAndWhatIsWrittenThen() throws Exception {
    commands.offer(kill(1, TargetType.RUN, "run-1"));
    commands.offer(kill(2, TargetType.RUN, "run-2"));
    try (BufferedReader lines = subscribe("/v1/commands?run=run-1&tenant=acme", null)) {
      Event first = next(lines);
      assertThat(first.name()).isEqualTo("command");
      assertThat(first.id()).isEqualTo("cmd-1");
      assertThat(first.data().path("action").asText()).isEqualTo("KILL");
      assertThat(first.data().path("target").asText()).isEqualTo("run-1");

      assertThat(event(lines).name()).isEqualTo("current");
      commands.offer(kill(3, TargetType.RUN, "run-1"));
      assertThat(event(lines).id()).isEqualTo("cmd-3");
    }
  }

  @Test
  void shouldSayThatAllIsKnownWhenThereWasNothing() throws Exception {
    try (BufferedReader lines = subscribe("/v1/commands?run=run-1", null)) {
      assertThat(event(lines).name()).isEqualTo("current");
    }
  }

  @Test
  void shouldSendAllOfATenantWhenNobodyElseIsNamed() throws Exception {
    commands.offer(kill(1, TargetType.RUN, "run-1"));
    commands.offer(
        Command.newBuilder(kill(2, TargetType.RUN, "run-1")).setTenantId("other").build());
    commands.offer(kill(3, TargetType.TEAM, "support"));
    try (BufferedReader lines = subscribe("/v1/commands?tenant=acme", null)) {
      assertThat(next(lines).id()).isEqualTo("cmd-1");
      assertThat(next(lines).id()).isEqualTo("cmd-3");
    }
  }

  @Test
  void shouldGoOnWhereTheClientWas() throws Exception {
    for (int i = 1; i <= 3; i++) {
      commands.offer(kill(i, TargetType.AGENT, "a/b"));
    }
    try (BufferedReader lines = subscribe("/v1/commands?agent=a%2Fb&tenant=acme", "cmd-2")) {
      assertThat(next(lines).id()).isEqualTo("cmd-3");
    }
  }

  @Test
  void shouldSayWhyWhenTheStreamEnds() throws Exception {
    try (BufferedReader lines = subscribe("/v1/commands?run=run-1", null)) {
      assertThat(lines.readLine()).isEqualTo(": subscribed");
      commands.close();
      Event end = next(lines);
      assertThat(end.name()).isEqualTo("end");
      assertThat(end.data().path("reason").asText()).isEqualTo("closed");
    }
  }

  @Test
  void shouldForgetAClientThatHasGone() throws Exception {
    subscribe("/v1/commands?run=run-1&tenant=acme", null).close();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              // What is written to it shows that it has gone.
              commands.offer(kill((int) System.nanoTime(), TargetType.RUN, "run-1"));
              assertThat(commands.subscribers()).isZero();
            });
  }

  @Test
  void shouldSayWhatIsWrongWithTheRequest() throws Exception {
    assertThat(problem("/v1/commands", true)).contains("bad-parameter", "root run id");
    assertThat(problem("/v1/commands?runs=1", true)).contains("bad-parameter", "runs");
    assertThat(problem("/v1/commands?run=1", false)).contains("bad-request", "text/event-stream");
    commands.close();
    HttpResponse<String> full =
        http.send(request("/v1/commands?run=1", true).build(), BodyHandlers.ofString());
    assertThat(full.statusCode()).isEqualTo(429);
    assertThat(full.headers().firstValue("Retry-After")).hasValue("5");
  }

  private record Event(String name, String id, JsonNode data) {}

  /** Passes over comments, and over the word that what follows is new. */
  private static Event next(BufferedReader lines) throws Exception {
    Event event = event(lines);
    return event.name().equals("current") ? event(lines) : event;
  }

  private static Event event(BufferedReader lines) throws Exception {
    String name = null;
    String id = null;
    StringBuilder data = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty() && name != null) {
        return new Event(name, id, JSON.readTree(data.toString()));
      }
      int colon = line.indexOf(':');
      String value = colon < 0 ? "" : line.substring(colon + 1).strip();
      switch (colon < 0 ? line : line.substring(0, colon)) {
        case "event" -> name = value;
        case "id" -> id = value;
        case "data" -> data.append(value);
        default -> {}
      }
    }
    throw new AssertionError("The stream has ended");
  }

  private BufferedReader subscribe(String address, String lastEventId) throws Exception {
    HttpRequest.Builder request = request(address, true);
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/event-stream");
    return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  private String problem(String address, boolean events) throws Exception {
    HttpResponse<String> response =
        http.send(request(address, events).build(), BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(400);
    return response.body();
  }

  private HttpRequest.Builder request(String address, boolean events) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + address));
    return events ? request.header("Accept", "text/event-stream") : request;
  }
}
