package io.fuseline.deploy.clients;

import static io.fuseline.deploy.clients.Spent.priced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.deploy.pipeline.Deployment;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.SpanKind;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real agent frameworks, told nothing but where to send their telemetry, are priced to the digit.
 * Their model is a server on the loopback address that speaks the providers' own APIs and reports
 * usage that is known here.
 */
class FrameworksIT {
  /** As in src/test/node-frameworks/model.mjs: what OpenAI's API counts when it asks for a tool. */
  private static final Map<String, Long> ASKS =
      Map.of("input_tokens", 176L, "cache_read_tokens", 1_024L, "output_tokens", 40L);

  /** 176 × 0.25e-6 + 1,024 × 0.025e-6 + 40 × 2e-6 USD. */
  private static final String ASKS_USD = "0.0001496";

  private static final Map<String, Long> ANSWERS =
      Map.of(
          "input_tokens", 256L,
          "cache_read_tokens", 1_280L,
          "output_tokens", 172L,
          "reasoning_tokens", 128L);

  /** 256 × 0.25e-6 + 1,280 × 0.025e-6 + (172 + 128) × 2e-6 USD. */
  private static final String ANSWERS_USD = "0.000696";

  private static final String POLICIES =
      """
      id: run-cap
      rule: {type: budget, per: run, limit: "100"}
      ladder: [{at: 100%, action: kill}]
      """;
  private static final Duration ENDS_WITHIN = Duration.ofMinutes(2);
  private static final Duration BOOKED_WITHIN = Duration.ofMinutes(1);

  @TempDir private static Path folder;

  private static NodeProject project;
  private static Deployment deployment;
  private static int teams;

  private final HttpClient http = HttpClient.newHttpClient();

  /**
   * Not before all: a class that is skipped as a whole is reported without its tests and the
   * reason.
   */
  @BeforeEach
  void start() throws Exception {
    if (deployment == null) {
      project = NodeProject.install("node-frameworks");
      deployment = Deployment.create(SharedStack.get(), "frameworks", folder, POLICIES);
      deployment.startPipeline(Map.of("otlp.spans", "true"));
      await().atMost(Duration.ofMinutes(2)).until(this::isReady);
    }
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (deployment != null) {
      deployment.close();
      deployment = null;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http/protobuf", "http/json"})
  void shouldPriceEveryDigitWhenAnAgentWritesItsOwnSpans(String protocol) throws Exception {
    String team = run(protocol, "own-agent.cjs");

    assertBooked(
        team,
        // API usage 5 + 128,955 read + 1,253 written, which OpenTelemetry adds up to 130,213.
        priced(
            "forecaster",
            SpanKind.LLM,
            "claude-opus-4-5-20251101",
            Map.of(
                "input_tokens", 5L,
                "cache_read_tokens", 128_955L,
                "cache_write_5m_tokens", 1_253L,
                "output_tokens", 300L),
            "0.07983375"));
    assertToolCalls(team, "forecaster");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http/protobuf", "http/json"})
  void shouldPriceEachCallOnceWhenTheVercelAiSdkWrapsIt(String protocol) throws Exception {
    String team = run(protocol, "vercel.mjs");

    String sonnet = "claude-sonnet-4-5-20250929";
    List<Spent> expected = new ArrayList<>();
    for (String agent : List.of("forecaster", "reporter")) {
      expected.add(priced(agent, SpanKind.LLM, "gpt-5-mini-2025-08-07", ASKS, ASKS_USD));
      expected.add(priced(agent, SpanKind.LLM, "gpt-5-mini-2025-08-07", ANSWERS, ANSWERS_USD));
    }
    // 3 × 3e-6 + 12,304 × 3.75e-6 + 50 × 15e-6
    expected.add(
        priced(
            "planner",
            SpanKind.LLM,
            sonnet,
            Map.of("input_tokens", 3L, "cache_write_5m_tokens", 12_304L, "output_tokens", 50L),
            "0.046899"));
    // 25 × 3e-6 + 400 × 3.75e-6 + 12,304 × 0.3e-6 + 550 × 15e-6
    expected.add(
        priced(
            "planner",
            SpanKind.LLM,
            sonnet,
            Map.of(
                "input_tokens", 25L,
                "cache_write_5m_tokens", 400L,
                "cache_read_tokens", 12_304L,
                "output_tokens", 550L),
            "0.0135162"));
    // 8 × 0.02e-6
    expected.add(
        priced(
            "indexer",
            SpanKind.EMBEDDING,
            "text-embedding-3-small",
            Map.of("input_tokens", 8L),
            "0.00000016"));
    assertBooked(team, expected.toArray(Spent[]::new));
    assertToolCalls(team, "forecaster", "reporter", "planner");
    assertThat(Spent.byTeam(deployment, team))
        .filteredOn(spent -> spent.kind() == SpanKind.AGENT)
        .extracting(Spent::agent)
        .containsExactlyInAnyOrder("forecaster", "reporter", "planner");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http/protobuf", "http/json"})
  void shouldPriceEachCallOnceWhenAnAgentRunsOnLangChain(String protocol) throws Exception {
    String team = run(protocol, "langchain.mjs");

    List<Spent> expected = new ArrayList<>();
    for (String agent : List.of("forecaster", "reporter")) {
      expected.add(priced(agent, SpanKind.LLM, "gpt-5-mini", ASKS, ASKS_USD));
      expected.add(priced(agent, SpanKind.LLM, "gpt-5-mini", ANSWERS, ANSWERS_USD));
    }
    assertBooked(team, expected.toArray(Spent[]::new));
    assertToolCalls(team, "forecaster", "reporter");
    assertThat(Spent.byTeam(deployment, team))
        .filteredOn(spent -> spent.kind() == SpanKind.WORKFLOW)
        .extracting(Spent::agent)
        .contains("forecaster", "reporter");
  }

  /**
   * These two tell nothing of cached and reasoning tokens: everything is fresh input, text output.
   */
  @ParameterizedTest
  @CsvSource({
    "@opentelemetry/instrumentation-openai, true, true",
    "@traceloop/instrumentation-openai, false, false",
  })
  void shouldPriceWhatIsToldWhenOpenAisOwnSdkIsInstrumented(
      String instrumentation, boolean tellsStreams, boolean tellsEmbeddings) throws Exception {
    String team = run("http/protobuf", "openai.cjs", instrumentation);

    String model = "gpt-5-mini-2025-08-07";
    // 1,200 × 0.25e-6 + 40 × 2e-6; 1,536 × 0.25e-6 + 300 × 2e-6
    Spent answers =
        priced(
            "weather",
            SpanKind.LLM,
            model,
            Map.of("input_tokens", 1_536L, "output_tokens", 300L),
            "0.000984");
    List<Spent> expected = new ArrayList<>();
    expected.add(
        priced(
            "weather",
            SpanKind.LLM,
            model,
            Map.of("input_tokens", 1_200L, "output_tokens", 40L),
            "0.00038"));
    expected.add(answers);
    if (tellsStreams) {
      expected.add(answers);
    }
    if (tellsEmbeddings) {
      expected.add(
          priced(
              "weather",
              SpanKind.EMBEDDING,
              "text-embedding-3-small",
              Map.of("input_tokens", 8L),
              "0.00000016"));
    }
    assertBooked(team, expected.toArray(Spent[]::new));
    assertThat(notes(team, SpanKind.LLM)).hasSize(tellsStreams ? 0 : 1);
  }

  @Test
  void shouldPriceCachedAndReasoningTokensWhenOpenAisOwnSdkIsUnderOpenInference() throws Exception {
    String team =
        run("http/protobuf", "openai.cjs", "@arizeai/openinference-instrumentation-openai");

    String model = "gpt-5-mini-2025-08-07";
    assertBooked(
        team,
        priced("weather", SpanKind.LLM, model, ASKS, ASKS_USD),
        priced("weather", SpanKind.LLM, model, ANSWERS, ANSWERS_USD));
    // It tells no usage of a stream, nor of an embedding.
    assertThat(notes(team, SpanKind.LLM)).containsOnlyOnce("USAGE_MISSING");
    assertThat(notes(team, SpanKind.EMBEDDING)).containsExactly("USAGE_MISSING");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http/protobuf", "http/json"})
  void shouldPriceTheSameWhenTheCollectorWritesTheBatchToATopic(String protocol) throws Exception {
    String team = nextTeam();
    try (OtlpTap tap = OtlpTap.keeping()) {
      Map<String, String> environment = telemetry(team, protocol);
      environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", tap.endpoint());
      runToItsEnd(environment, "own-agent.cjs");
      assertThat(tap.requests())
          .isNotEmpty()
          .allMatch(request -> request.contentEncoding().equals("gzip"))
          .allMatch(
              request ->
                  request
                      .contentType()
                      .equals(
                          protocol.equals("http/json")
                              ? "application/json"
                              : "application/x-protobuf"));
      writeToTopic(tap.requests().stream().map(OtlpTap.Request::batch).toList());
    }

    assertBooked(
        team,
        priced(
            "forecaster",
            SpanKind.LLM,
            "claude-opus-4-5-20251101",
            Map.of(
                "input_tokens", 5L,
                "cache_read_tokens", 128_955L,
                "cache_write_5m_tokens", 1_253L,
                "output_tokens", 300L),
            "0.07983375"));
    assertToolCalls(team, "forecaster");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http/protobuf", "http/json"})
  void shouldTellTheExporterWhenOneOfItsSpansCannotBeBooked(String protocol) throws Exception {
    String team = nextTeam();
    Map<String, String> environment = telemetry(team, protocol);
    environment.put("OTEL_LOG_LEVEL", "WARN");

    NodeProject.Result program = runToItsEnd(environment, "own-agent.cjs", "impossible");

    assertThat(program.all())
        .contains("Partial Success", "rejectedSpans", "1 of 4 cannot be booked", "dead-letter");
    await()
        .atMost(BOOKED_WITHIN)
        .untilAsserted(
            () ->
                assertThat(leaves(team)).extracting(Spent::cost).hasSize(1).allMatch(this::isOwn));
    assertThat(deployment.deadLetters())
        .anySatisfy(
            letter ->
                assertThat(new String(letter.value(), StandardCharsets.UTF_8)).contains(team));
  }

  private boolean isOwn(BigDecimal cost) {
    return cost.compareTo(new BigDecimal("0.07983375")) == 0;
  }

  /** Runs a program under a team of its own, and says which. */
  private static String run(String protocol, String... arguments) throws Exception {
    String team = nextTeam();
    runToItsEnd(telemetry(team, protocol), arguments);
    return team;
  }

  private static NodeProject.Result runToItsEnd(
      Map<String, String> environment, String... arguments) throws Exception {
    NodeProject.Result program = project.start(environment, List.of(arguments)).await(ENDS_WITHIN);
    assertThat(program.exitCode()).as(program.all()).isZero();
    return program;
  }

  private static String nextTeam() {
    teams++;
    return "team-" + teams;
  }

  /** All that a user sets. */
  private static Map<String, String> telemetry(String team, String protocol) {
    return new HashMap<>(
        Map.of(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            pipeline().toString(),
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            protocol,
            "OTEL_EXPORTER_OTLP_COMPRESSION",
            "gzip",
            "OTEL_SERVICE_NAME",
            "weather",
            "OTEL_RESOURCE_ATTRIBUTES",
            "fuseline.team=" + team));
  }

  private static URI pipeline() {
    return URI.create("http://127.0.0.1:" + deployment.httpPort());
  }

  /** As the Collector's Kafka exporter does: one batch per record, without a key. */
  private static void writeToTopic(List<byte[]> batches) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", deployment.clientSettings().get("bootstrap.servers"));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (byte[] batch : batches) {
        producer.send(new ProducerRecord<>(deployment.topics().otlpSpans().name(), batch));
      }
    }
  }

  /** Waits for exactly these calls of models, and for their sum in the state stores. */
  private void assertBooked(String team, Spent... calls) {
    await()
        .atMost(BOOKED_WITHIN)
        .untilAsserted(() -> assertThat(leaves(team)).containsExactlyInAnyOrder(calls));
    // Whatever wraps them has no cost of its own.
    assertThat(Spent.byTeam(deployment, team))
        .filteredOn(spent -> !spent.isLeaf() && spent.kind() != SpanKind.TOOL)
        .allMatch(spent -> spent.status() == CostStatus.NOT_BILLABLE)
        .allMatch(spent -> spent.cost().signum() == 0);
    BigDecimal sum = Stream.of(calls).map(Spent::cost).reduce(BigDecimal.ZERO, BigDecimal::add);
    await()
        .atMost(BOOKED_WITHIN)
        .untilAsserted(() -> assertThat(costOf(team)).isEqualByComparingTo(sum));
  }

  private static List<String> notes(String team, SpanKind kind) {
    return Spent.priced(deployment, team).stream()
        .filter(span -> span.getKind() == kind)
        .flatMap(span -> span.getNotes().stream())
        .toList();
  }

  private static List<Spent> leaves(String team) {
    return Spent.byTeam(deployment, team).stream()
        .filter(Spent::isLeaf)
        .filter(spent -> !spent.usage().isEmpty())
        .toList();
  }

  private void assertToolCalls(String team, String... agents) {
    List<AgentSpan> calls =
        Spent.agentSpans(deployment, team).stream()
            .filter(span -> span.getKind() == SpanKind.TOOL)
            .toList();
    assertThat(calls)
        .hasSize(agents.length)
        .allMatch(call -> call.getToolName().equals("weather"))
        .allMatch(call -> call.getArgumentHash() != null && call.getArgumentHash() != 0)
        .allMatch(call -> call.getResultHash() != null);
    assertThat(calls)
        .extracting(AgentSpan::getArgumentHash)
        .containsOnly(calls.get(0).getArgumentHash());
    await()
        .atMost(BOOKED_WITHIN)
        .untilAsserted(
            () ->
                assertThat(Spent.priced(deployment, team))
                    .filteredOn(span -> span.getKind() == SpanKind.TOOL)
                    .extracting(PricedSpan::getAgentId)
                    .containsExactlyInAnyOrder(agents));
  }

  private BigDecimal costOf(String team) throws IOException, InterruptedException {
    HttpResponse<String> answer = get("/v1/top/team?by=total&limit=100");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    for (JsonNode value : new ObjectMapper().readTree(answer.body()).path("values")) {
      if (value.path("value").asText().equals(team)) {
        return new BigDecimal(value.path("cost").asText());
      }
    }
    return BigDecimal.ZERO;
  }

  private boolean isReady() throws InterruptedException {
    try {
      return get("/health/ready").statusCode() == 200;
    } catch (IOException e) {
      return false; // not listening yet
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(pipeline().resolve(path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
