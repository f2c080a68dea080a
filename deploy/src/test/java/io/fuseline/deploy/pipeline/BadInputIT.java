package io.fuseline.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.serde.AvroSerializer;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything bad an agent framework may send, on the real stack: each has its fate, and nothing
 * stops the stream.
 */
class BadInputIT {
  private static final int UNKNOWN_SCHEMA_ID = 999_999;
  private static final String POLICIES =
      """
      id: run-cap
      rule: {type: budget, per: run, limit: "100"}
      ladder: [{at: 100%, action: kill}]
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private final Instant now = Instant.now();
  @TempDir private Path folder;

  @Test
  void shouldGiveEachBadRecordItsFateAndBookTheRest() throws Exception {
    try (Deployment deployment =
        Deployment.create(SharedStack.get(), "badinput", folder, POLICIES)) {
      deployment.startPipeline();
      sendBadAndGood(deployment);

      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> assertThat(pricedSpans(deployment)).contains("good"));
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(reasons(deployment))
                      .containsExactlyInAnyOrder(
                          "undecodable",
                          "undecodable",
                          "empty_record",
                          "missing_span_id",
                          "missing_run_id",
                          "negative_usage",
                          "absurd_usage",
                          "id_too_long",
                          "foreign_tenant"));
      assertThat(pricedSpans(deployment))
          .containsExactlyInAnyOrder(
              "good", "future", "backwards", "no-key", "big-tags", "no-model");

      // The same through the front door: what was booked, what was mended, what was refused.
      JsonNode costs = get(deployment, "/v1/top/agent?by=total");
      assertThat(costs.at("/values/0/value").asText()).isEqualTo("agent-1");
      assertThat(costs.at("/values/0/spans").asInt()).isEqualTo(6);
      // Five spans of 1,000 input tokens at 5 USD per million; the sixth has no price.
      assertThat(new BigDecimal(costs.at("/values/0/cost").asText())).isEqualByComparingTo("0.025");
      assertThat(new BigDecimal(costs.at("/values/0/unpricedBound").asText())).isPositive();
      JsonNode run = get(deployment, "/v1/runs/run-1");
      assertThat(run.at("/timeline")).hasSize(6);
      assertThat(run.at("/spans").asInt()).isEqualTo(6);
      Instant future = Instant.parse(run.at("/lastSeen").asText());
      assertThat(future).isBefore(Instant.now().plusSeconds(1));
      assertThat(getText(deployment, "/metrics"))
          .contains("fuseline_dead_letters_total{reason=\"negative_usage\"} 1.0")
          .contains("fuseline_miskeyed_total 1.0")
          .contains("fuseline_clamped_total 3.0")
          .contains("fuseline_unpriced_total 1.0");
      assertThat(get(deployment, "/health/live").at("/details/state").asText())
          .isEqualTo("RUNNING");
    }
  }

  private void sendBadAndGood(Deployment deployment) throws IOException {
    String topic = deployment.topics().agentSpans().name();
    try (AvroSerializer<AgentSpan> serializer = new AvroSerializer<>(AgentSpan.class);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                new HashMap<>(
                    Map.of(
                        "bootstrap.servers",
                        deployment.clientSettings().get("bootstrap.servers"),
                        "max.request.size",
                        4 << 20)),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      serializer.configure(deployment.clientSettings(), false);
      List<byte[]> values = new ArrayList<>();
      values.add("no Avro at all".getBytes(StandardCharsets.UTF_8));
      values.add(ByteBuffer.allocate(9).put((byte) 0).putInt(UNKNOWN_SCHEMA_ID).array());
      values.add(null);
      for (AgentSpan.Builder span :
          List.of(
              span(""),
              span("no-run").setRunId("").setRootRunId(""),
              span("negative").setUsage(Map.of("input_tokens", -1L)),
              span("absurd").setUsage(Map.of("input_tokens", Long.MAX_VALUE)),
              span("x".repeat(600)),
              span("future").setEndTime(now.plus(Duration.ofDays(400))),
              span("backwards").setStartTime(now).setEndTime(now.minusSeconds(60)),
              span("big-tags")
                  .setTags(Map.of("blob", "x".repeat(1 << 19), "blob2", "y".repeat(1 << 18))),
              span("no-model").setResponseModel(null),
              span("good"),
              span("foreign").setTenantId("somebody-else"))) {
        values.add(serializer.serialize(topic, span.build()));
      }
      for (byte[] value : values) {
        producer.send(new ProducerRecord<>(topic, "run-1".getBytes(StandardCharsets.UTF_8), value));
      }
      producer.send(
          new ProducerRecord<>(topic, null, serializer.serialize(topic, span("no-key").build())));
    }
  }

  private AgentSpan.Builder span(String spanId) {
    return AgentSpan.newBuilder()
        .setSpanId(spanId)
        .setRunId("run-1")
        .setRootRunId("run-1")
        .setAgentId("agent-1")
        .setKind(SpanKind.LLM)
        .setProvider("anthropic")
        .setResponseModel("claude-opus-4-5")
        .setUsage(Map.of("input_tokens", 1_000L))
        .setEndTime(now);
  }

  private static List<String> pricedSpans(Deployment deployment) {
    return deployment
        .readAll(deployment.topics().pricedSpans(), PricedSpan.class, "read_committed")
        .stream()
        .map(record -> record.value().getSpanId())
        .toList();
  }

  /** The fixed word that the message of each dead letter starts with. */
  private static List<String> reasons(Deployment deployment) {
    List<String> reasons = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> letter : deployment.deadLetters()) {
      String message =
          new String(
              letter.headers().lastHeader("__streams.errors.message").value(),
              StandardCharsets.UTF_8);
      reasons.add(message.replaceAll("(?s).*?([a-z_]+): .*", "$1"));
    }
    return reasons;
  }

  private JsonNode get(Deployment deployment, String path) throws Exception {
    return json.readTree(getText(deployment, path));
  }

  private String getText(Deployment deployment, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + deployment.httpPort() + path);
    HttpResponse<String> answer =
        http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
