package io.fuseline.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.enrichment.price.PriceIds;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.CorrectionReason;
import io.fuseline.schemas.CostCorrection;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Prices come late, are corrected and withdrawn while spans flow, and the pipeline is killed with
 * -9 in the middle of its corrections: in the end all books say what the final prices say.
 */
class RepricingIT {
  private static final int RUNS = 150;
  private static final int SPANS_PER_RUN = 80;
  private static final int AGENTS = 5;
  private static final int TOKENS = 1_000;
  private static final String PROVIDER = "maker";
  private static final List<String> MODELS = List.of("late", "moving", "gone", "steady");
  private static final Instant LONG_AGO = Instant.parse("2026-01-01T00:00:00Z");
  private static final String POLICIES =
      """
      id: run-cap
      rule: {type: budget, per: run, limit: "1000000"}
      ladder: [{at: 100%, action: kill}]
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  @TempDir private Path folder;

  @Test
  void shouldComeToTheFinalPricesWhenKilledWhileItCorrects() throws Exception {
    List<AgentSpan> spans = spans();
    try (Deployment deployment =
        Deployment.create(SharedStack.get(), "repricing", folder, POLICIES)) {
      putPrices(deployment, price("moving", "3"), price("gone", "2"), price("steady", "1"));
      Process pipeline = deployment.startPipeline();
      produce(deployment, spans.subList(0, spans.size() / 2));
      awaitNoLag(deployment);

      putPrices(deployment, price("late", "7"), price("moving", "5"));
      removePrice(deployment, price("gone", "2"));
      produce(deployment, spans.subList(spans.size() / 2, spans.size()));
      Books expected = Books.of(spans);
      pipeline = killedWhileItCorrects(deployment, pipeline, 1_000, expected);
      putPrices(deployment, price("moving", "4"));
      killedWhileItCorrects(deployment, pipeline, 4_000, expected);
      awaitNoLag(deployment);

      await()
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(500))
          .untilAsserted(() -> assertThat(Books.told(deployment)).isEqualTo(expected));
      assertEachCorrectionOnce(deployment);
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(() -> assertThat(ledger(deployment)).isEqualTo(expected.byAgent));
      assertUnpricedToldOnce(deployment);
    }
  }

  /** Waits until so much was written on the topic of corrections, then kills; starts it again. */
  private static Process killedWhileItCorrects(
      Deployment deployment, Process pipeline, long corrections, Books expected) throws Exception {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> deployment.written(deployment.topics().costCorrections()) >= corrections);
    Deployment.kill(pipeline);
    assertThat(Books.told(deployment)).as("the kill met work in progress").isNotEqualTo(expected);
    return deployment.startPipeline();
  }

  private static void assertEachCorrectionOnce(Deployment deployment) {
    List<CostCorrection> corrections = corrections(deployment);
    assertThat(corrections).extracting(CostCorrection::getCorrectionId).doesNotHaveDuplicates();
    Map<String, Integer> revisions = new HashMap<>();
    Map<String, CostCorrection> before = new HashMap<>();
    for (CostCorrection one : corrections) {
      String span = one.getSpanId();
      assertThat(one.getRevision()).isEqualTo(revisions.merge(span, 1, Integer::sum));
      assertThat(one.getCostAfter()).isEqualByComparingTo(one.getCostBefore().add(one.getCost()));
      CostCorrection last = before.put(span, one);
      // What undoes corrections is followed by another writing of the span, with a cost of its own.
      if (last != null && last.getReason() != CorrectionReason.OTHER) {
        assertThat(one.getCostBefore()).isEqualByComparingTo(last.getCostAfter());
      }
    }
  }

  private static void assertUnpricedToldOnce(Deployment deployment) {
    Map<String, Long> opened = new TreeMap<>();
    deployment
        .readAll(deployment.topics().costAlerts(), Alert.class, "read_committed")
        .forEach(
            record -> {
              Alert alert = record.value();
              opened.merge(alert.getState() + " " + alert.getTarget(), 1L, Long::sum);
            });
    assertThat(opened).isEqualTo(Map.of("OPEN late", 1L, "CLOSED late", 1L, "OPEN gone", 1L));
  }

  /** What each agent has spent, as the service answers. */
  private Map<String, Money> ledger(Deployment deployment) throws Exception {
    Map<String, Money> ledger = new TreeMap<>();
    for (JsonNode one : get(deployment, "/v1/top/agent?by=total").at("/values")) {
      ledger.put(one.at("/value").asText(), Money.of(one));
    }
    // The windows say the same as the totals.
    for (Map.Entry<String, Money> agent : ledger.entrySet()) {
      Money sum = Money.NONE;
      for (JsonNode day :
          get(deployment, "/v1/costs/agent/" + agent.getKey() + "?window=1d&from=-3d")
              .at("/cells")) {
        sum = sum.plus(Money.of(day));
      }
      assertThat(sum).isEqualTo(agent.getValue());
    }
    return ledger;
  }

  private JsonNode get(Deployment deployment, String path) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + deployment.httpPort() + path))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json.readTree(answer.body());
  }

  private static List<CostCorrection> corrections(Deployment deployment) {
    return deployment
        .readAll(deployment.topics().costCorrections(), CostCorrection.class, "read_committed")
        .stream()
        .map(ConsumerRecord::value)
        .toList();
  }

  private static void awaitNoLag(Deployment deployment) {
    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() -> assertThat(deployment.lag()).isZero());
  }

  private static void putPrices(Deployment deployment, PriceEntry... prices) {
    Map<String, PriceEntry> records = new LinkedHashMap<>();
    for (PriceEntry price : prices) {
      records.put(price.getPriceId(), price);
    }
    write(deployment, records);
  }

  private static void removePrice(Deployment deployment, PriceEntry price) {
    Map<String, PriceEntry> record = new HashMap<>();
    record.put(price.getPriceId(), null);
    write(deployment, record);
  }

  private static void write(Deployment deployment, Map<String, PriceEntry> records) {
    new CompactedTopic<>(
            deployment.topics().prices().name(), PriceEntry.class, deployment.clientSettings())
        .write(records, stored -> {});
  }

  private static PriceEntry price(String model, String perMillion) {
    return PriceEntry.newBuilder()
        .setPriceId(
            PriceIds.of(PriceKind.MODEL, PROVIDER, model, "input_tokens", null, null, LONG_AGO))
        .setKind(PriceKind.MODEL)
        .setProvider(PROVIDER)
        .setSku(model)
        .setUnit("input_tokens")
        .setPrice(new BigDecimal(perMillion).movePointLeft(6))
        .setCurrency("USD")
        .setServiceTier("standard")
        .setValidFrom(LONG_AGO)
        .setSource("test")
        .build();
  }

  /** Every fifth span is written twice: as it goes, and at its end with more tokens. */
  private static List<AgentSpan> spans() {
    Instant now = Instant.now();
    List<AgentSpan> spans = new ArrayList<>();
    for (int step = 0; step < SPANS_PER_RUN; step++) {
      for (int run = 0; run < RUNS; run++) {
        AgentSpan span =
            AgentSpan.newBuilder()
                .setSpanId("s-" + run + "-" + step)
                .setRunId("run-" + run)
                .setRootRunId("run-" + run)
                .setAgentId("agent-" + run % AGENTS)
                .setKind(SpanKind.LLM)
                .setProvider(PROVIDER)
                .setResponseModel(MODELS.get(step % MODELS.size()))
                .setUsage(Map.of("input_tokens", (long) TOKENS + run))
                .setEndTime(now.minusSeconds(step))
                .build();
        if (run % 5 == 0 && step < SPANS_PER_RUN / 2) {
          spans.add(
              AgentSpan.newBuilder(span)
                  .setPhase(SpanPhase.SNAPSHOT)
                  .setUsage(Map.of("input_tokens", (long) TOKENS / 2))
                  .build());
        } else {
          spans.add(span);
        }
      }
    }
    List<AgentSpan> ends = new ArrayList<>();
    for (AgentSpan span : spans) {
      if (span.getPhase() == SpanPhase.SNAPSHOT) {
        ends.add(
            AgentSpan.newBuilder(span)
                .setPhase(SpanPhase.END)
                .setUsage(Map.of("input_tokens", (long) TOKENS))
                .build());
      }
    }
    spans.addAll(ends);
    return spans;
  }

  private static void produce(Deployment deployment, List<AgentSpan> spans) {
    try (KafkaProducer<String, AgentSpan> producer = deployment.spanProducer()) {
      for (AgentSpan span : spans) {
        producer.send(
            new ProducerRecord<>(
                deployment.topics().agentSpans().name(), span.getRootRunId(), span));
      }
    }
  }

  /** Cost and bound, without trailing zeros. */
  private record Money(BigDecimal cost, BigDecimal listCost, BigDecimal bound) {
    private static final Money NONE = new Money(BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);

    private Money {
      cost = cost.stripTrailingZeros();
      listCost = listCost.stripTrailingZeros();
      bound = bound.stripTrailingZeros();
    }

    static Money of(JsonNode answer) {
      return new Money(
          new BigDecimal(answer.at("/cost").asText()),
          new BigDecimal(answer.at("/listCost").asText()),
          new BigDecimal(answer.at("/unpricedBound").asText()));
    }

    static Money of(PricedSpan span) {
      return new Money(span.getContractedCost(), span.getListCost(), span.getUnpricedBound());
    }

    static Money of(CostCorrection correction) {
      return new Money(
          correction.getCost(), correction.getListCost(), correction.getUnpricedBound());
    }

    Money plus(Money other) {
      return new Money(cost.add(other.cost), listCost.add(other.listCost), bound.add(other.bound));
    }
  }

  /** What each span costs in the end, and each agent. */
  private record Books(Map<String, Money> bySpan, Map<String, Money> byAgent) {
    /** Priced afresh, straight from the spans and the final prices. */
    static Books of(List<AgentSpan> spans) {
      Map<String, Money> bySpan = new TreeMap<>();
      Map<String, String> agents = new HashMap<>();
      for (AgentSpan span : spans) {
        BigDecimal tokens = BigDecimal.valueOf(span.getUsage().get("input_tokens"));
        BigDecimal cost =
            switch (span.getResponseModel()) {
              case "late" -> tokens.multiply(new BigDecimal("0.000007"));
              case "moving" -> tokens.multiply(new BigDecimal("0.000004"));
              case "steady" -> tokens.multiply(new BigDecimal("0.000001"));
              default -> BigDecimal.ZERO;
            };
        // Without a price: bounded by the dearest of the same provider.
        BigDecimal bound =
            span.getResponseModel().equals("gone")
                ? tokens.multiply(new BigDecimal("0.000007"))
                : BigDecimal.ZERO;
        bySpan.put(span.getSpanId(), new Money(cost, cost, bound)); // the last writing wins
        agents.put(span.getSpanId(), span.getAgentId());
      }
      return of(bySpan, agents);
    }

    /** The newest writing of each span as it was priced, and all its corrections. */
    static Books told(Deployment deployment) {
      Map<String, Money> bySpan = new TreeMap<>();
      Map<String, String> agents = new HashMap<>();
      deployment
          .readAll(deployment.topics().pricedSpans(), PricedSpan.class, "read_committed")
          .forEach(
              record -> {
                bySpan.put(record.value().getSpanId(), Money.of(record.value()));
                agents.put(record.value().getSpanId(), record.value().getAgentId());
              });
      corrections(deployment)
          .forEach(one -> bySpan.merge(one.getSpanId(), Money.of(one), Money::plus));
      return of(bySpan, agents);
    }

    private static Books of(Map<String, Money> bySpan, Map<String, String> agents) {
      Map<String, Money> byAgent = new TreeMap<>();
      bySpan.forEach((span, money) -> byAgent.merge(agents.get(span), money, Money::plus));
      return new Books(bySpan, byAgent);
    }
  }
}
