package io.fuseline.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fuseline.enrichment.price.PriceIds;
import io.fuseline.enrichment.price.UnpricedBound;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CorrectionReason;
import io.fuseline.schemas.CostCorrection;
import io.fuseline.schemas.CostRollup;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import io.fuseline.schemas.WindowSize;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prices come late, are corrected and withdrawn, and all that rests on them follows. */
class RepricingTest {
  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");
  private static final Instant IN_FEBRUARY = Instant.parse("2026-02-27T12:00:00Z");

  /** A million tokens without a price are taken to cost this much. */
  private static final String BOUND = "75";

  private static final String RUN_PAUSE =
      """
      id: run-cap
      rule: {type: budget, per: run, limit: "10"}
      ladder: [{at: 50%, action: alert}, {at: 100%, action: pause}]
      """;
  private static final String AGENT_KILL =
      """
      id: agent-cap
      rule: {type: budget, per: agent, window: day, limit: "10"}
      ladder: [{at: 50%, action: alert}, {at: 100%, action: kill}]
      """;

  @TempDir private Path stateDir;
  private DrivenTopology pipeline;
  private final Map<String, CostRollup> newest = new HashMap<>();
  private int ids;

  @BeforeEach
  void start() {
    TopologySettings defaults = TopologySettings.defaults();
    pipeline =
        new DrivenTopology(
            new TopologySettings(
                defaults.topics(),
                "USD",
                0,
                1,
                true,
                defaults.runIdle(),
                defaults.runRetention(),
                defaults.billingCloseAfter(),
                UnpricedBound.DEAREST.withMillionTokens(75_000_000_000_000L),
                defaults.rollupEvery(),
                defaults.rollupGrace(),
                false),
            stateDir,
            NOON);
  }

  @AfterEach
  void stop() {
    pipeline.close();
  }

  @Test
  void shouldTrueUpASpanWhenItsPriceComesLate() {
    pipeline.send(span("run-1").build());

    assertThat(pipeline.priced.readValue().getStatus()).isEqualTo(CostStatus.UNPRICED);
    Alert opened = pipeline.alerts.readValue();
    assertThat(opened.getTarget()).isEqualTo("model-x");
    assertThat(opened.getEvidence().getSummary()).contains("model-x", "anthropic", "75.00 USD");

    pipeline.put(price("3"));
    settle();

    CostCorrection correction = pipeline.corrections.readValue();
    assertThat(correction.getReason()).isEqualTo(CorrectionReason.PRICE_ARRIVED);
    assertThat(correction.getCost()).isEqualByComparingTo("3");
    assertThat(correction.getListCost()).isEqualByComparingTo("3");
    assertThat(correction.getUnpricedBound()).isEqualByComparingTo("-" + BOUND);
    assertThat(correction.getCostBefore()).isZero();
    assertThat(correction.getCostAfter()).isEqualByComparingTo("3");
    assertThat(correction.getPriceIds()).containsExactly(price("3").getPriceId());
    assertThat(correction.getSpanId()).isEqualTo("span-0");
    assertThat(correction.getName()).isEqualTo("model-x");
    assertThat(correction.getRevision()).isOne();
    assertThat(correction.getEventTime()).isEqualTo(NOON);
    assertThat(correction.getBookedTime()).isEqualTo(NOON);
    assertThat(pipeline.corrections.isEmpty()).isTrue();

    CostRollup day = day(Dimension.MODEL, "model-x", NOON);
    assertThat(day.getCost()).isEqualByComparingTo("3");
    assertThat(day.getUnpricedBound()).isZero();
    assertThat(day.getUnpricedSpans()).isZero();
    assertThat(day.getSpans()).isOne();
    Alert closed = pipeline.alerts.readValue();
    assertThat(closed.getState()).isEqualTo(EpisodeState.CLOSED);
    assertThat(closed.getEpisodeId()).isEqualTo(opened.getEpisodeId());
  }

  @Test
  void shouldTellOnceOfAModelWithoutAPrice() {
    for (int i = 0; i < 5; i++) {
      pipeline.send(span("run-" + i).build());
    }

    assertThat(pipeline.alerts.readValuesToList()).hasSize(1);
  }

  @Test
  void shouldBookTheDifferenceWhenAPriceIsCorrectedAndNothingMoreAfterwards() {
    pipeline.put(price("3"));
    pipeline.send(span("run-1").build());
    pipeline.put(price("2"));
    settle();
    pipeline.put(price("2"));
    settle();

    CostCorrection correction = pipeline.corrections.readValue();
    assertThat(correction.getReason()).isEqualTo(CorrectionReason.PRICE_CHANGED);
    assertThat(correction.getCost()).isEqualByComparingTo("-1");
    assertThat(pipeline.corrections.isEmpty()).isTrue();
    assertThat(day(Dimension.AGENT, "agent-1", NOON).getCost()).isEqualByComparingTo("2");
  }

  @Test
  void shouldBoundASpanAgainWhenItsPriceIsWithdrawn() {
    pipeline.put(price("3"));
    pipeline.send(span("run-1").build());
    pipeline.remove(price("3").getPriceId());
    settle();

    CostCorrection correction = pipeline.corrections.readValue();
    assertThat(correction.getReason()).isEqualTo(CorrectionReason.PRICE_WITHDRAWN);
    assertThat(correction.getCost()).isEqualByComparingTo("-3");
    assertThat(correction.getUnpricedBound()).isEqualByComparingTo(BOUND);
    assertThat(correction.getPriceIds()).isEmpty();
    assertThat(pipeline.alerts.readValue().getTarget()).isEqualTo("model-x");
  }

  @Test
  void shouldTellTheContractsPartWhenOnlyTheListPriceChanges() {
    pipeline.put(price("3"));
    PriceEntry contract = PriceEntry.newBuilder(price("2")).setTenantId("acme").build();
    pipeline.put(PriceEntry.newBuilder(contract).setPriceId(PriceIds.of(contract)).build());
    pipeline.send(span("run-1").setTenantId("acme").build());
    pipeline.put(price("5"));
    settle();

    CostCorrection correction = pipeline.corrections.readValue();
    assertThat(correction.getCost()).isZero();
    assertThat(correction.getListCost()).isEqualByComparingTo("2");
    CostRollup day = day(Dimension.AGENT, "agent-1", NOON);
    assertThat(day.getCost()).isEqualByComparingTo("2");
    assertThat(day.getListCost()).isEqualByComparingTo("5");
  }

  @Test
  void shouldWaitForTheWholeListBeforeItCorrects() {
    pipeline.put(price("3"));
    pipeline.send(span("run-1").build());
    pipeline.remove(price("3").getPriceId());
    pipeline.advance(Duration.ofMillis(500));
    pipeline.put(price("4"));
    settle();

    assertThat(pipeline.corrections.readValuesToList())
        .extracting(CostCorrection::getCost)
        .usingElementComparator(BigDecimal::compareTo)
        .containsExactly(BigDecimal.ONE);
  }

  @Test
  void shouldLeaveAClosedMonthAloneAndBookInTheOpenOne() {
    pipeline.put(price("3"));
    pipeline.send(span("run-1").setEndTime(IN_FEBRUARY).build());
    pipeline.advance(Duration.ofDays(3));
    pipeline.put(price("5"));
    settle();

    CostCorrection correction = pipeline.corrections.readValue();
    Instant fifthOfMarch = NOON.plus(Duration.ofDays(3));
    assertThat(correction.getEventTime()).isEqualTo(IN_FEBRUARY);
    assertThat(correction.getBookedTime()).isBetween(fifthOfMarch, fifthOfMarch.plusSeconds(60));
    assertThat(day(Dimension.AGENT, "agent-1", IN_FEBRUARY).getCost()).isEqualByComparingTo("3");
    assertThat(day(Dimension.AGENT, "agent-1", fifthOfMarch).getCost()).isEqualByComparingTo("2");
  }

  @Test
  void shouldRewriteAMonthThatHasEndedUntilItIsClosed() {
    pipeline.put(price("3"));
    pipeline.send(span("run-1").setEndTime(IN_FEBRUARY).build());
    pipeline.put(price("5"));
    settle();

    assertThat(pipeline.corrections.readValue().getBookedTime()).isEqualTo(IN_FEBRUARY);
    assertThat(day(Dimension.AGENT, "agent-1", IN_FEBRUARY).getCost()).isEqualByComparingTo("5");
  }

  @Test
  void shouldUndoTheCorrectionsOfASnapshotWhenTheSpanEnds() {
    pipeline.put(price("3"));
    pipeline.send(span("run-1").setSpanId("s").setPhase(SpanPhase.SNAPSHOT).build());
    pipeline.put(price("5"));
    settle();
    pipeline.send(
        span("run-1").setSpanId("s").setUsage(Map.of("input_tokens", 2_000_000L)).build());
    settle();

    List<CostCorrection> corrections = pipeline.corrections.readValuesToList();
    assertThat(corrections)
        .extracting(CostCorrection::getCost)
        .usingElementComparator(BigDecimal::compareTo)
        .containsExactly(new BigDecimal("2"), new BigDecimal("-2"));
    assertThat(corrections).extracting(CostCorrection::getRevision).containsExactly(1, 2);
    assertThat(day(Dimension.AGENT, "agent-1", NOON).getCost()).isEqualByComparingTo("10");
  }

  @Test
  void shouldLetAPausedRunGoWhenACorrectedPriceTakesItUnderItsLimit() {
    pipeline.apply(RUN_PAUSE);
    pipeline.put(price("12"));
    pipeline.send(span("run-1").build());
    assertThat(actions()).containsExactly(Action.PAUSE);
    pipeline.advance(Duration.ofMinutes(40)); // it rests, and is idle

    pipeline.put(price("2"));
    settle();

    List<Command> sent = pipeline.commands.readValuesToList();
    assertThat(sent).extracting(Command::getAction).containsExactly(Action.RESTORE);
    assertThat(sent.get(0).getReason()).contains("Prices were corrected");
    assertThat(sent.get(0).getSpend()).isEqualByComparingTo("2");
  }

  @Test
  void shouldStopARunWhenACorrectedPriceTakesItOverItsLimit() {
    pipeline.apply(RUN_PAUSE);
    pipeline.put(price("3"));
    pipeline.send(span("run-1").build());
    pipeline.send(span("run-1").build());
    pipeline.put(price("6"));
    settle();

    List<Command> sent = pipeline.commands.readValuesToList();
    assertThat(sent).extracting(Command::getAction).containsExactly(Action.PAUSE);
    assertThat(sent.get(0).getEvidence().getSpanIds()).containsExactly("span-0", "span-1");
    // Judged once for both spans, not by what it came to in between.
    assertThat(sent.get(0).getSpend()).isEqualByComparingTo("12");
  }

  @Test
  void shouldLetAScopeGoWhenACorrectedPriceTakesItUnderItsLimit() {
    pipeline.apply(AGENT_KILL);
    pipeline.put(price("12"));
    pipeline.send(span("run-1").build());
    Command kill = pipeline.commands.readValue();
    assertThat(kill.getAction()).isEqualTo(Action.KILL);

    pipeline.put(price("8")); // under the limit, though over its first rung
    settle();

    Command restore = pipeline.commands.readValue();
    assertThat(restore.getAction()).isEqualTo(Action.RESTORE);
    assertThat(restore.getReverses()).isEqualTo(kill.getCommandId());
    assertThat(pipeline.alerts.readValuesToList())
        .extracting(alert -> alert.getState() + " " + alert.getAction())
        .containsExactly("OPEN KILL", "CLOSED KILL", "OPEN ALERT");
  }

  @Test
  void shouldTripAScopeWhenACorrectedPriceTakesItOverItsLimit() {
    pipeline.apply(AGENT_KILL);
    pipeline.put(price("3"));
    pipeline.send(span("run-1").build());
    pipeline.send(span("run-2").build());
    pipeline.put(price("6"));
    settle();

    List<Command> sent = pipeline.commands.readValuesToList();
    assertThat(sent).extracting(Command::getAction).containsExactly(Action.KILL);
    assertThat(sent.get(0).getTarget()).isEqualTo("agent-1");
  }

  @Test
  void shouldNotTakeACorrectionForSpendAfterAStop() {
    pipeline.apply(AGENT_KILL);
    pipeline.put(price("12"));
    pipeline.send(span("run-1").build());
    pipeline.put(price("20"));
    settle();

    assertThat(pipeline.meters.get("fuseline.stop.leak").functionCounter().count()).isZero();
  }

  @Test
  void shouldLookAgainAtEveryKeptSpanHoweverMany() {
    pipeline.put(price("3"));
    for (int i = 0; i < 300; i++) {
      pipeline.send(span("run-" + i % 40).build());
    }
    pipeline.put(price("5"));
    settle();

    assertThat(pipeline.corrections.readValuesToList())
        .hasSize(300)
        .extracting(CostCorrection::getCorrectionId)
        .doesNotHaveDuplicates();
    assertThat(day(Dimension.TENANT, "default", NOON).getCost()).isEqualByComparingTo("1500");
  }

  private List<Action> actions() {
    return pipeline.commands.readValuesToList().stream().map(Command::getAction).toList();
  }

  /** Lets the book come to be still, and the walk over what is kept come to its end. */
  private void settle() {
    pipeline.advance(Duration.ofMillis(100)); // the change is seen
    pipeline.advance(Duration.ofMillis(1_000)); // the book is still
    await()
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              pipeline.advance(Duration.ofMillis(100));
              return pipeline.isSettled();
            });
  }

  private CostRollup day(Dimension dimension, String value, Instant day) {
    pipeline.advance(Duration.ofSeconds(11));
    pipeline.rollups.readKeyValuesToList().forEach(one -> newest.put(one.key, one.value));
    Instant midnight =
        LocalDate.ofInstant(day, ZoneOffset.UTC).atStartOfDay().toInstant(ZoneOffset.UTC);
    return newest.values().stream()
        .filter(one -> one.getWindow() == WindowSize.DAY)
        .filter(one -> one.getDimension() == dimension && one.getValue().equals(value))
        .filter(one -> one.getWindowStart().equals(midnight))
        .findFirst()
        .orElseThrow();
  }

  /** A million input tokens. */
  private AgentSpan.Builder span(String rootRunId) {
    return AgentSpan.newBuilder()
        .setSpanId("span-" + ids++)
        .setRunId(rootRunId)
        .setRootRunId(rootRunId)
        .setAgentId("agent-1")
        .setKind(SpanKind.LLM)
        .setProvider("anthropic")
        .setResponseModel("model-x")
        .setUsage(Map.of("input_tokens", 1_000_000L))
        .setEndTime(NOON);
  }

  private static PriceEntry price(String perMillion) {
    Instant from = Instant.parse("2026-01-01T00:00:00Z");
    return PriceEntry.newBuilder()
        .setPriceId(
            PriceIds.of(PriceKind.MODEL, "anthropic", "model-x", "input_tokens", null, null, from))
        .setKind(PriceKind.MODEL)
        .setProvider("anthropic")
        .setSku("model-x")
        .setUnit("input_tokens")
        .setPrice(new BigDecimal(perMillion).movePointLeft(6))
        .setCurrency("USD")
        .setServiceTier("standard")
        .setValidFrom(from)
        .setSource("test")
        .build();
  }
}
