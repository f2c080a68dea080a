package io.fuseline.stream.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.stream.command.CommandStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpServerTest {
  private static final Instant NOON = Instant.parse("2026-05-04T12:00:30Z");
  private static final Clock CLOCK = Clock.fixed(NOON, ZoneOffset.UTC);
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final MovingQueries ROUTED = new MovingQueries(ExampleQueries.fleet(CLOCK));
  private static final MovingQueries LOCAL = new MovingQueries(ExampleQueries.fleet(CLOCK));
  private static final RecordingQueries ASKED = new RecordingQueries(ROUTED);
  private static volatile Health.Status ready;
  private static HttpServer server;

  @BeforeAll
  static void start() {
    var health =
        new Health() {
          @Override
          public Status live() {
            return new Status(true, Map.of("threads", 2));
          }

          @Override
          public Status ready() {
            return ready;
          }
        };
    var settings =
        new HttpSettings(
            HttpSettings.LOOPBACK, 0, Set.of("costs.example.com"), Duration.ofMillis(400));
    server =
        HttpServer.start(
            settings,
            HttpServerFixture.ingest(),
            ASKED,
            LOCAL,
            null,
            null,
            health,
            new CommandStream(),
            () -> "fuseline_spans_total 7.0\n",
            CLOCK);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void settle() {
    ready = new Health.Status(true, Map.of("state", "RUNNING"));
    ROUTED.moveFor(0);
    LOCAL.moveFor(0);
  }

  @Test
  void shouldGiveCostsByMinuteOfTheLastHourWhenNothingElseIsSaid() throws Exception {
    JsonNode costs = ok("/v1/costs/agent/code-review?tenant=acme");

    assertThat(costs.path("currency").asText()).isEqualTo("USD");
    assertThat(costs.path("dimension").asText()).isEqualTo("agent");
    assertThat(costs.path("window").asText()).isEqualTo("1m");
    assertThat(costs.path("cells")).hasSize(60);
    assertThat(costs.path("cells").path(0).path("start").asText())
        .isEqualTo("2026-05-04T11:01:00Z");
    assertThat(costs.path("cells").path(0).path("cost").isTextual()).isTrue();
    assertThat(costs.path("cells").path(0).path("cost").asText()).matches("\\d+\\.\\d+");
    assertThat(costs.path("staleness").path("instance").asText()).isEqualTo("pipeline-0:8080");
  }

  @ParameterizedTest
  @CsvSource({
    "window=1h, 24",
    "window=1d, 30",
    "window=1m&from=-15m, 15",
    "window=1m&from=2026-05-04T11:00:00Z&to=2026-05-04T11:30:00Z, 30",
    "window=1m&from=2026-05-04T13:00:00%2B02:00&to=-15m, 46",
    "window=1h&from=-2d&to=now, 48"
  })
  void shouldGiveTheWindowsOfTheRangeWhenOneIsGiven(String query, int windows) throws Exception {
    assertThat(ok("/v1/costs/agent/code-review?tenant=acme&" + query).path("cells"))
        .hasSize(windows);
  }

  @Test
  void shouldAskForTheTenantItselfWhenTheDimensionIsTenant() throws Exception {
    assertThat(ok("/v1/costs/tenant/globex").path("cells")).isNotEmpty();
    assertThat(ok("/v1/costs/agent/code-review").path("tenant").asText()).isEqualTo("default");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mcp/files/read",
        "a+b c",
        "100 %",
        "?x=1#y",
        "..",
        ".",
        "\"quoted\"",
        "<b>",
        "ünïcödé 漢字 🔥",
        "a;b=c",
        "back\\slash",
        "line\nbreak",
        "a//b/",
        "'",
        "%2F"
      })
  void shouldPassAnyCharacterWhenAValueIsEncoded(String value) throws Exception {
    String encoded =
        java.net.URLEncoder.encode(value, StandardCharsets.UTF_8)
            .replace("+", "%20")
            .replace(".", "%2E");
    assertThat(ok("/v1/costs/cost-centre/" + encoded + "?tenant=" + encoded).path("value").asText())
        .isEqualTo(value);
    assertThat(ASKED.value).isEqualTo(value);
    assertThat(ASKED.tenant).isEqualTo(value);
  }

  @Test
  void shouldRankDearestFirstWhenAskedForTop() throws Exception {
    JsonNode top = ok("/v1/top/agent?by=day&limit=3");

    assertThat(top.path("span").asText()).isEqualTo("day");
    assertThat(top.path("values")).hasSize(3);
    assertThat(top.path("values").path(0).path("value").asText()).isEqualTo("deep-research");
    assertThat(ok("/v1/top/agent?tenant=globex").path("values")).hasSize(3);
    assertThat(ok("/v1/top/cost-centre").path("values")).isEmpty();
  }

  @Test
  void shouldGiveTreeAndTimelineWhenRunIsKnown() throws Exception {
    JsonNode run = ok("/v1/runs/" + ExampleQueries.LOOPING_RUN);

    assertThat(run.path("cost").asText()).isEqualTo("4.1309500125");
    assertThat(run.path("nodes")).hasSize(4);
    assertThat(run.path("nodes").path(0).path("parentRunId").isNull()).isTrue();
    assertThat(run.path("timeline").path(17).path("cost").isNull())
        .as("unpriced is not zero")
        .isTrue();
    assertThat(run.path("episodes").path(0).path("targetType").asText()).isEqualTo("run");
  }

  @Test
  void shouldSayWhatToDoWhenRunIsUnknown() throws Exception {
    JsonNode problem = problem(404, "/v1/runs/nope");
    assertThat(problem.path("type").asText()).isEqualTo("urn:fuseline:problem:unknown-run");
    assertThat(problem.path("rootRunId").asText()).isEqualTo("nope");
    assertThat(problem.path("action").asText()).contains("root run");
  }

  @Test
  void shouldListOpenEpisodesWhenAsked() throws Exception {
    assertThat(ok("/v1/episodes").path("episodes")).hasSize(3);
    assertThat(ok("/v1/episodes?limit=1").path("episodes").path(0).path("rung").asText())
        .isEqualTo("KILL");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/costs/agents/x | dimension | agents | agent, tool, step",
        "/v1/costs/other/x | dimension | other | agent, tool, step",
        "/v1/costs/AGENT/x | dimension | AGENT | agent, tool, step",
        "/v1/costs/agent/x?window=5m | window | 5m | one of 1m, 1h, 1d",
        "/v1/costs/agent/x?from=yesterday | from | yesterday | ISO 8601",
        "/v1/costs/agent/x?from=-0x | from | -0x | -15m",
        "/v1/costs/agent/x?from=now&to=-1h | from | 2026-05-04T12:00:30Z | before 'to'",
        "/v1/costs/agent/x?from=-30d | from | 2026-04-04T12:00:30Z | 10080 windows",
        "/v1/costs/agent/x?from=-999999999Z | from | -999999999Z | ISO 8601",
        "/v1/costs/agent/x?windw=1m | windw | 1m | one of from, tenant, to, window",
        "/v1/costs/agent/x?tenant= | tenant | '' | not empty",
        "/v1/costs/agent/x?tenant=a&tenant=b | tenant | a, b | exactly one",
        "/v1/top/agent?by=week | by | week | hour, day, total",
        "/v1/top/agent?limit=0 | limit | 0 | from 1 to 1000",
        "/v1/top/agent?limit=many | limit | many | from 1 to 1000",
        "/v1/runs/r?limit=1 | limit | 1 | no parameters",
        "/v1/episodes?limit=1001 | limit | 1001 | from 1 to 1000"
      })
  void shouldNameTheParameterWhenOneIsWrong(
      String address, String parameter, String given, String expected) throws Exception {
    JsonNode problem = problem(400, address);

    assertThat(problem.path("type").asText()).isEqualTo("urn:fuseline:problem:bad-parameter");
    assertThat(problem.path("parameter").asText()).isEqualTo(parameter);
    assertThat(problem.path("given").asText()).isEqualTo(given);
    assertThat(problem.path("expected").asText()).contains(expected);
    assertThat(problem.path("detail").asText()).contains("'" + parameter + "'");
    assertThat(problem.path("action").asText()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/top/agent",
        "/web/nope.js",
        "/web/..%2Fopenapi.yaml",
        "/webjars/chart.js/package.json",
        "/v1/top/agent/",
        "/WEB/app.js"
      })
  void shouldAnswerAProblemWhenNothingIsThere(String address) throws Exception {
    assertThat(problem(404, address).path("type").asText())
        .isEqualTo("urn:fuseline:problem:no-such-route");
  }

  @Test
  void shouldAnswerAProblemWhenMethodIsNotOffered() throws Exception {
    var post =
        HttpRequest.newBuilder(uri("/v1/episodes"))
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    var answer = HTTP.send(post, BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/runs/%zz HTTP/1.1",
        "GET /v1/runs/%00 HTTP/1.1",
        "GARBAGE",
        "GET /v1/runs/%C0%AF HTTP/1.1"
      })
  void shouldAnswerAProblemWhenARequestCannotBeRead(String requestLine) throws Exception {
    String answer = raw(requestLine + "\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assertThat(answer)
        .startsWith("HTTP/1.1 400")
        .containsIgnoringCase("application/problem+json")
        .contains("\"action\"");
  }

  @Test
  void shouldWaitWhenPartitionsMoveForAMoment() throws Exception {
    ROUTED.moveFor(2);
    ok("/v1/episodes");
  }

  @Test
  void shouldSayWhenToComeBackWhenPartitionsKeepMoving() throws Exception {
    ROUTED.moveFor(1_000);
    var answer = get("/v1/top/agent");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).hasValue("2");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(JSON.readTree(answer.body()).path("detail").asText()).contains("pipeline-1:8080");
    assertThat(1_000 - ROUTED.failuresLeft()).as("asked more than once").isGreaterThan(2);
  }

  @Test
  void shouldNotWaitWhenAnotherInstanceAsks() throws Exception {
    LOCAL.moveFor(1);
    assertThat(get("/internal/v1/episodes").statusCode()).isEqualTo(503);
    assertThat(get("/internal/v1/episodes").statusCode()).isEqualTo(200);
  }

  @Test
  void shouldGiveAnIncidentAndNoInsidesWhenTheServerFails() throws Exception {
    LOCAL.failNext(1, new IllegalArgumentException("secret inside"));
    JsonNode problem = problem(500, "/internal/v1/episodes");
    assertThat(problem.path("incident").asText()).hasSize(36);
    assertThat(problem.toString()).doesNotContain("secret");
  }

  @Test
  void shouldReportHealthWithDetailsWhenAsked() throws Exception {
    assertThat(ok("/health/live").path("details").path("threads").asInt()).isEqualTo(2);
    assertThat(ok("/health/ready").path("ok").asBoolean()).isTrue();

    ready = new Health.Status(false, Map.of("state", "REBALANCING"));
    var answer = get("/health/ready");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(JSON.readTree(answer.body()).path("details").path("state").asText())
        .isEqualTo("REBALANCING");
  }

  @Test
  void shouldServeMetricsAsPrometheusText() throws Exception {
    var answer = get("/metrics");
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/plain")
        .contains("version=0.0.4");
    assertThat(answer.body()).isEqualTo("fuseline_spans_total 7.0\n");
  }

  @ParameterizedTest
  @CsvSource({
    "/, text/html",
    "/openapi.yaml, application/yaml",
    "/web/app.js, text/javascript",
    "/web/style.css, text/css",
    "/web/icon.svg, image/svg+xml",
    "/webjars/chart.js/chart.umd.min.js, text/javascript"
  })
  void shouldServeThePageFromTheJar(String address, String type) throws Exception {
    var answer = get(address);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith(type);

    String etag = answer.headers().firstValue("ETag").orElseThrow();
    var again =
        HTTP.send(
            HttpRequest.newBuilder(uri(address)).header("If-None-Match", etag).build(),
            BodyHandlers.ofString());
    assertThat(again.statusCode()).isEqualTo(304);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/v1/episodes", "/v1/runs/nope", "/nothing", "/health/live"})
  void shouldProtectThePageWhateverIsAnswered(String address) throws Exception {
    var headers = get(address).headers();
    assertThat(headers.firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'")
        .doesNotContain("unsafe");
    assertThat(headers.firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(headers.map()).doesNotContainKey("access-control-allow-origin");
    assertThat(headers.map()).doesNotContainKey("set-cookie");
  }

  @Test
  void shouldRefuseForeignHostNamesWhenBoundToLoopback() throws Exception {
    assertThat(
            raw("GET /v1/episodes HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 421")
        .contains("wrong-host");
    for (String host : Set.of("localhost:9", "127.0.0.1", "[::1]:80", "costs.example.com")) {
      assertThat(
              raw("GET /v1/episodes HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
          .as(host)
          .startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void shouldSayWhichAddressWhenItCannotBeBound() {
    var settings = HttpSettings.onLoopback(server.port());
    assertThatThrownBy(
            () ->
                HttpServer.start(
                    settings,
                    HttpServerFixture.ingest(),
                    ROUTED,
                    LOCAL,
                    null,
                    null,
                    null,
                    new CommandStream(),
                    () -> ""))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("127.0.0.1:" + server.port());
  }

  @Test
  void shouldNameTheSettingWhenOneIsOutOfRange() {
    assertThatThrownBy(() -> HttpSettings.onLoopback(70_000)).hasMessageContaining("port is 70000");
    assertThatThrownBy(() -> new HttpSettings(" ", 0, Set.of(), Duration.ZERO))
        .hasMessageContaining("host");
    assertThatThrownBy(() -> new HttpSettings("localhost", 0, Set.of(), Duration.ofHours(1)))
        .hasMessageContaining("patience");
  }

  private static JsonNode ok(String address) throws Exception {
    var answer = get(address);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    return JSON.readTree(answer.body());
  }

  private static JsonNode problem(int status, String address) throws Exception {
    var answer = get(address);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    return problem;
  }

  private static HttpResponse<String> get(String address) throws Exception {
    return HTTP.send(HttpRequest.newBuilder(uri(address)).build(), BodyHandlers.ofString());
  }

  private static URI uri(String address) {
    return URI.create("http://127.0.0.1:" + server.port() + address);
  }

  private static String raw(String request) throws IOException {
    try (var socket = new Socket(HttpSettings.LOOPBACK, server.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
