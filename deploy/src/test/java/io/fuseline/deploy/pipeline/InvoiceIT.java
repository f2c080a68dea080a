package io.fuseline.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.enrichment.price.PriceIds;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostLine;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.SpanKind;
import java.math.BigDecimal;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What providers have billed for known calls, through the pipeline: a span in, as Avro where its
 * usage is disjoint already, as OpenTelemetry over HTTP where the counters are raw; its cost out,
 * to the last digit.
 */
class InvoiceIT {
  private static final Instant LONG_AGO = Instant.parse("2026-01-01T00:00:00Z");
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String NO_POLICY =
      """
      id: run-cap
      rule: {type: budget, per: run, limit: "1000000"}
      ladder: [{at: 100%, action: alert}]
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Instant now = Instant.now();
  private final Map<String, PriceEntry> prices = new LinkedHashMap<>();
  private final Map<String, Map<String, Long>> usage = new TreeMap<>();
  private final Map<String, String> costs = new TreeMap<>();
  private final List<AgentSpan> spans = new ArrayList<>();
  private final List<String> sent = new ArrayList<>();
  @TempDir private Path folder;

  @Test
  void shouldCostWhatTheProviderBilled() throws Exception {
    anthropicConsole();
    bedrock();
    geminiThoughtsOutsideCandidates();
    reasoningInsideOutput();
    priorityTier();
    cachedTokensInsideInput();
    openTelemetryAddsUpWhatTheApiTellsApart();
    cliffAtExactlyItsThreshold();

    try (Deployment deployment =
        Deployment.create(SharedStack.get(), "invoices", folder, NO_POLICY)) {
      new CompactedTopic<>(
              deployment.topics().prices().name(), PriceEntry.class, deployment.clientSettings())
          .write(prices, stored -> {});
      deployment.startPipeline();
      produce(deployment);
      await()
          .atMost(Duration.ofMinutes(2))
          .ignoreException(ConnectException.class)
          .untilAsserted(() -> post(deployment, sent));

      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> assertThat(priced(deployment).keySet()).isEqualTo(costs.keySet()));
      Map<String, PricedSpan> priced = priced(deployment);
      assertThat(priced.values()).extracting(PricedSpan::getStatus).containsOnly(CostStatus.PRICED);
      priced.forEach(
          (id, span) -> {
            assertThat(quantities(span)).as("usage of " + id).isEqualTo(usage.get(id));
            assertThat(span.getListCost()).as("cost of " + id).isEqualByComparingTo(costs.get(id));
            assertThat(span.getContractedCost()).isEqualByComparingTo(costs.get(id));
          });
    }
  }

  private void anthropicConsole() {
    prices("anthropic", "console-model", "standard", 0, anthropic("3", "3.75", "0.3", "15"));
    avro(
        span("console", "anthropic", "console-model"),
        Map.of("input_tokens", 3L, "cache_write_5m_tokens", 12_304L, "output_tokens", 550L),
        "0.054399");
  }

  private void bedrock() {
    prices(
        "aws.bedrock", "bedrock-model", "standard", 0, anthropic("3.3", "4.125", "0.33", "16.5"));
    avro(
        span("bedrock", "aws.bedrock", "bedrock-model"),
        Map.of(
            "input_tokens", 3L,
            "cache_write_5m_tokens", 25L,
            "cache_read_tokens", 13_216L,
            "output_tokens", 12L),
        "0.004672305");
  }

  private void geminiThoughtsOutsideCandidates() {
    prices(
        "gcp.gemini",
        "gemini-model",
        "standard",
        0,
        Map.of("input_tokens", "2", "output_tokens", "12"));
    otlp(
        1,
        "gcp.gemini",
        "gemini-model",
        Map.of(
            "gen_ai.usage.input_tokens", 324L,
            "gen_ai.usage.output_tokens", 1_364L,
            "gen_ai.usage.reasoning_tokens", 495L,
            "gen_ai.usage.total_tokens", 2_183L),
        Map.of("input_tokens", 324L, "output_tokens", 1_364L, "reasoning_tokens", 495L),
        "0.022956");
  }

  private void reasoningInsideOutput() {
    prices(
        "openai", "pro-model", "standard", 0, Map.of("input_tokens", "30", "output_tokens", "180"));
    otlp(
        2,
        "openai",
        "pro-model",
        Map.of(
            "gen_ai.usage.input_tokens", 14_746L,
            "gen_ai.usage.output_tokens", 1_944L,
            "gen_ai.usage.reasoning.output_tokens", 1_360L),
        Map.of("input_tokens", 14_746L, "output_tokens", 584L, "reasoning_tokens", 1_360L),
        "0.7923");
  }

  private void priorityTier() {
    prices(
        "openai",
        "fast-model",
        "standard",
        0,
        Map.of("input_tokens", "2.5", "output_tokens", "10"));
    prices(
        "openai",
        "fast-model",
        "priority",
        0,
        Map.of("input_tokens", "4.25", "output_tokens", "17"));
    avro(
        span("priority", "openai", "fast-model").setServiceTier("priority"),
        Map.of("input_tokens", 9L, "output_tokens", 1L),
        "0.00005525");
  }

  private void cachedTokensInsideInput() {
    prices("someone", "cached-model", "standard", 0, anthropic("3", "3.75", "0.3", "15"));
    otlp(
        3,
        "someone",
        "cached-model",
        Map.of(
            "gen_ai.usage.input_tokens", 2_600L,
            "gen_ai.usage.cache_read.input_tokens", 2_000L,
            "gen_ai.usage.cache_creation.input_tokens", 400L),
        Map.of("input_tokens", 200L, "cache_read_tokens", 2_000L, "cache_write_5m_tokens", 400L),
        "0.0027"); // 0.0006 + 0.0006 + 0.0015
  }

  private void openTelemetryAddsUpWhatTheApiTellsApart() {
    prices("anthropic", "long-model", "standard", 0, anthropic("5", "6.25", "0.5", "25"));
    Map<String, Long> leaves =
        Map.of("input_tokens", 5L, "cache_read_tokens", 128_955L, "cache_write_5m_tokens", 1_253L);
    String cost = "0.07233375"; // 0.000025 + 0.0644775 + 0.00783125
    otlp(
        4,
        "anthropic",
        "long-model",
        Map.of(
            "gen_ai.usage.input_tokens", 130_213L,
            "gen_ai.usage.cache_read.input_tokens", 128_955L,
            "gen_ai.usage.cache_creation.input_tokens", 1_253L),
        leaves,
        cost);
    otlp(
        5,
        "anthropic",
        "long-model",
        Map.of(
            "gen_ai.usage.input_tokens", 5L,
            "gen_ai.usage.cache_read.input_tokens", 128_955L,
            "gen_ai.usage.cache_creation.input_tokens", 1_253L),
        leaves,
        cost);
  }

  private void cliffAtExactlyItsThreshold() {
    prices(
        "x_ai", "cliff-model", "standard", 0, Map.of("input_tokens", "3", "output_tokens", "15"));
    prices(
        "x_ai",
        "cliff-model",
        "standard",
        200_000,
        Map.of("input_tokens", "6", "output_tokens", "30"));
    avro(
        span("at the cliff", "x_ai", "cliff-model"),
        Map.of("input_tokens", 200_000L, "output_tokens", 100L),
        "1.203");
    avro(
        span("one before it", "x_ai", "cliff-model"),
        Map.of("input_tokens", 199_999L, "output_tokens", 100L),
        "0.601497");
  }

  private static Map<String, String> anthropic(
      String input, String cacheWrite, String cacheRead, String output) {
    return Map.of(
        "input_tokens", input,
        "cache_write_5m_tokens", cacheWrite,
        "cache_read_tokens", cacheRead,
        "output_tokens", output);
  }

  private void prices(
      String provider, String model, String tier, long from, Map<String, String> perMillion) {
    perMillion.forEach(
        (unit, price) -> {
          PriceEntry entry =
              PriceEntry.newBuilder()
                  .setPriceId("")
                  .setKind(PriceKind.MODEL)
                  .setProvider(provider)
                  .setSku(model)
                  .setUnit(unit)
                  .setPrice(new BigDecimal(price).movePointLeft(6))
                  .setCurrency("USD")
                  .setServiceTier(tier)
                  .setBandFrom(from)
                  .setValidFrom(LONG_AGO)
                  .setSource("an invoice")
                  .build();
          entry.setPriceId(PriceIds.of(entry));
          prices.put(entry.getPriceId(), entry);
        });
  }

  private AgentSpan.Builder span(String id, String provider, String model) {
    return AgentSpan.newBuilder()
        .setSpanId(id)
        .setRootRunId("run " + id)
        .setAgentId("biller")
        .setKind(SpanKind.LLM)
        .setProvider(provider)
        .setResponseModel(model)
        .setEndTime(now);
  }

  private void avro(AgentSpan.Builder span, Map<String, Long> leaves, String cost) {
    spans.add(span.setUsage(leaves).build());
    expect(span.getSpanId(), leaves, cost);
  }

  /** As an OpenTelemetry SDK sends it. */
  private void otlp(
      int id,
      String provider,
      String model,
      Map<String, Long> counters,
      Map<String, Long> leaves,
      String cost) {
    String attributes =
        counters.entrySet().stream()
            .map(
                counter ->
                    """
                    {"key": "%s", "value": {"intValue": "%d"}}"""
                        .formatted(counter.getKey(), counter.getValue()))
            .collect(Collectors.joining(","));
    String spanId = "%016d".formatted(id);
    sent.add(
        """
        {"traceId": "%s", "spanId": "%s", "name": "chat", "startTimeUnixNano": "%d", "endTimeUnixNano": "%d",
         "attributes": [{"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                        {"key": "gen_ai.provider.name", "value": {"stringValue": "%s"}},
                        {"key": "gen_ai.response.model", "value": {"stringValue": "%s"}},
                        %s]}
        """
            .formatted(
                TRACE,
                spanId,
                now.toEpochMilli() * 1_000_000,
                now.toEpochMilli() * 1_000_000,
                provider,
                model,
                attributes));
    expect(spanId, leaves, cost);
  }

  private void expect(String spanId, Map<String, Long> leaves, String cost) {
    usage.put(spanId, leaves);
    costs.put(spanId, cost);
  }

  private void produce(Deployment deployment) {
    try (KafkaProducer<String, AgentSpan> producer = deployment.spanProducer()) {
      for (AgentSpan span : spans) {
        producer.send(
            new ProducerRecord<>(
                deployment.topics().agentSpans().name(), span.getRootRunId(), span));
      }
    }
  }

  private void post(Deployment deployment, List<String> otlpSpans) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + deployment.httpPort() + "/v1/traces"))
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"resourceSpans\": [{\"scopeSpans\": [{\"spans\": ["
                            + String.join(",", otlpSpans)
                            + "]}]}]}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static Map<String, PricedSpan> priced(Deployment deployment) {
    Map<String, PricedSpan> priced = new TreeMap<>();
    deployment
        .readAll(deployment.topics().pricedSpans(), PricedSpan.class, "read_committed")
        .forEach(record -> priced.put(record.value().getSpanId(), record.value()));
    return priced;
  }

  private static Map<String, Long> quantities(PricedSpan span) {
    return span.getLines().stream()
        .collect(Collectors.toMap(CostLine::getUnit, CostLine::getQuantity));
  }
}
