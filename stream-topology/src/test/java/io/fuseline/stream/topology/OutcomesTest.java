package io.fuseline.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.price.DefaultPrices;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.CostRollup;
import io.fuseline.schemas.Outcome;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanStatus;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs achieve is counted with what they cost. */
class OutcomesTest {
  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  @TempDir private Path folder;
  private DrivenTopology pipeline;
  private final Map<String, CostRollup> newest = new TreeMap<>();

  @BeforeEach
  void start() {
    pipeline = open("one");
  }

  private DrivenTopology open(String name) {
    DrivenTopology opened =
        new DrivenTopology(TopologySettings.defaults(), folder.resolve(name), NOON);
    DefaultPrices.load().forEach(opened::put);
    return opened;
  }

  @AfterEach
  void stop() {
    pipeline.close();
  }

  @Test
  void shouldDivideTheCostOfAllAttemptsByTheSuccesses() {
    pipeline.send(span("run-1", "s1", 0, "research", 100_000));
    pipeline.send(span("run-2", "s1", 1, "research", 200_000));
    pipeline.send(outcome("run-1", "o1", true));
    pipeline.send(outcome("run-2", "o1", false));
    pipeline.send(span("run-1", "s2", 2, "research", 100_000));

    CostRollup tickets = day("OUTCOME/acme/ticket_resolved");
    assertThat(tickets.getCost()).isEqualByComparingTo("1.2"); // 400,000 tokens at 3 USD a million
    assertThat(tickets.getSuccesses()).isEqualTo(1);
    assertThat(tickets.getFailures()).isEqualTo(1);
    assertThat(tickets.getOutcomeValue()).isEqualByComparingTo("7.50");
    for (String scope :
        List.of(
            "WORKFLOW/acme/support",
            "TEAM/acme/blue",
            "PROJECT/acme/desk",
            "COST_CENTRE/acme/4711",
            "AGENT/acme/research",
            "TENANT/acme/acme")) {
      assertThat(day(scope).getCost()).as(scope).isEqualByComparingTo("1.2");
      assertThat(day(scope).getSuccesses()).as(scope).isEqualTo(1);
      assertThat(day(scope).getFailures()).as(scope).isEqualTo(1);
    }
  }

  @Test
  void shouldCountAnOutcomeOnceWhenItIsRepeated() {
    pipeline.send(span("run-1", "s1", 0, "research", 100_000));
    for (int i = 0; i < 3; i++) {
      pipeline.send(outcome("run-1", "o1", true));
    }

    assertThat(day("WORKFLOW/acme/support").getSuccesses()).isEqualTo(1);
    assertThat(day("OUTCOME/acme/ticket_resolved").getCost()).isEqualByComparingTo("0.3");
    assertThat(count("achieved")).isEqualTo(1);
    assertThat(count("duplicate")).isEqualTo(2);
  }

  @Test
  void shouldCountAnOutcomeOfARunThatIsNotKnownYetOnceItIs() {
    pipeline.send(outcome("run-1", "o1", true));

    assertThat(day("TENANT/acme/acme").getSuccesses()).isEqualTo(1);
    assertThat(newest).doesNotContainKey("DAY WORKFLOW/acme/support");

    pipeline.send(child("run-1", "s0", 100_000));
    assertThat(day("AGENT/acme/helper").getSuccesses()).isZero();

    pipeline.send(span("run-1", "s1", 0, "research", 100_000));

    assertThat(day("WORKFLOW/acme/support").getSuccesses()).isEqualTo(1);
    assertThat(day("AGENT/acme/research").getSuccesses()).isEqualTo(1);
    assertThat(day("OUTCOME/acme/ticket_resolved").getCost()).isEqualByComparingTo("0.6");
  }

  @Test
  void shouldTakeTheFirstSpansScopesWhenTheRootRunItselfSaysNothing() {
    pipeline.send(child("run-1", "s0", 100_000));
    pipeline.send(outcome("run-1", "o1", true));
    assertThat(day("AGENT/acme/helper").getSuccesses()).isZero();

    pipeline.advance(TopologySettings.defaults().runIdle().plusSeconds(5));

    assertThat(day("AGENT/acme/helper").getSuccesses()).isEqualTo(1);

    pipeline.send(outcome("run-1", "o2", false));
    assertThat(day("AGENT/acme/helper").getFailures()).isEqualTo(1);
  }

  @Test
  void shouldCountForTenantAndTypeWhenTheRunIsForgotten() {
    pipeline.send(span("run-1", "s1", 0, "research", 100_000));
    pipeline.advance(TopologySettings.defaults().runRetention().plusHours(1));
    pipeline.advance(Duration.ofHours(1));
    day("TENANT/acme/acme");

    pipeline.send(outcome("run-1", "o1", true));

    assertThat(day("TENANT/acme/acme").getSuccesses()).isEqualTo(1);
    assertThat(day("OUTCOME/acme/ticket_resolved").getCost()).isZero();
    assertThat(day("WORKFLOW/acme/support").getSuccesses()).isZero();
  }

  @Test
  void shouldRefuseWhatCannotBeCounted() {
    pipeline.send(span("run-1", "s1", 0, "research", 100_000));

    pipeline.send(Outcome.newBuilder(outcome("run-1", "o1", true)).setTenantId("else").build());
    pipeline.send(Outcome.newBuilder(outcome("run-1", "o2", true)).setCount(0).build());
    pipeline.send(Outcome.newBuilder(outcome("run-1", "o3", true)).setType(" ").build());
    pipeline.send(Outcome.newBuilder(outcome("run-1", "o4", true)).setCurrency("EUR").build());
    pipeline.send(Outcome.newBuilder(outcome("run-1", " ", true)).build());

    assertThat(
            pipeline.meters.find("fuseline.dead.letters").counters().stream()
                .filter(counter -> counter.count() > 0)
                .map(counter -> counter.getId().getTag("reason")))
        .containsExactlyInAnyOrder(
            "foreign_tenant",
            "absurd_count",
            "bad_outcome_type",
            "foreign_currency",
            "missing_outcome_id");
    assertThat(day("TENANT/acme/acme").getSuccesses()).isZero();
  }

  @Test
  void shouldTellWhenASuccessCostsTooMuch() {
    pipeline.apply(
        """
        id: unit-cost
        rule: {type: budget, per: workflow, of: cost-per-outcome, outcome: ticket_resolved, window: 7d, limit: "0.2", min_attempts: 2}
        ladder: [{at: 100%, action: pause}]
        """);
    pipeline.send(span("run-1", "s1", 0, "research", 100_000));
    pipeline.send(outcome("run-1", "o1", true));
    assertThat(pipeline.commands.isEmpty()).isTrue();

    pipeline.send(outcome("run-2", "o1", false));
    assertThat(pipeline.commands.isEmpty()).isTrue(); // it is not known to be of the workflow

    pipeline.send(span("run-2", "s1", 1, "research", 100));

    Alert alert = pipeline.alerts.readValue();
    assertThat(alert.getTargetType()).isEqualTo(TargetType.WORKFLOW);
    assertThat(alert.getEvidence().getMeasured()).isEqualTo("0.300000000000");
    assertThat(pipeline.commands.readValue().getTarget()).isEqualTo("support");
  }

  @Test
  void shouldComeToTheSameBooksInWhateverOrderSpansAndOutcomesCome() {
    List<SpecificRecord> records = new ArrayList<>();
    for (int run = 0; run < 6; run++) {
      for (int i = 0; i < 4; i++) {
        records.add(span("run-" + run, "s" + i, 90 * i + run, "research", 100_000 * (i + 1)));
      }
      records.add(child("run-" + run, "c", 50_000));
      records.add(outcome("run-" + run, "o1", run % 3 != 0));
      if (run % 2 == 0) {
        records.add(
            Outcome.newBuilder(outcome("run-" + run, "o2", true))
                .setType("customer_happy")
                .setOccurredAt(NOON.minus(Duration.ofMinutes(7)))
                .build());
      }
    }
    Map<String, List<Object>> expected = null;
    Random random = new Random(42);
    for (int round = 0; round < 5; round++) {
      List<SpecificRecord> shuffled = new ArrayList<>(records);
      shuffled.addAll(records.subList(0, 20)); // duplicates
      Collections.shuffle(shuffled, random);
      newest.clear();
      try (DrivenTopology other = open("round-" + round)) {
        shuffled.forEach(record -> send(other, record));
        Map<String, List<Object>> books = books(other);
        expected = expected == null ? books : expected;
        assertThat(books).isEqualTo(expected);
      }
    }
    assertThat(expected.get("DAY OUTCOME/acme/ticket_resolved").get(0))
        .isEqualTo(expected.get("DAY TENANT/acme/acme").get(0));
  }

  private static void send(DrivenTopology to, SpecificRecord record) {
    if (record instanceof Outcome outcome) {
      to.send(Outcome.newBuilder(outcome).build());
    } else {
      to.send(AgentSpan.newBuilder((AgentSpan) record).build());
    }
  }

  private Map<String, List<Object>> books(DrivenTopology of) {
    read(of);
    Map<String, List<Object>> books = new HashMap<>();
    newest.forEach(
        (key, rollup) ->
            books.put(
                key + (rollup.getWindow() == WindowSize.DAY ? "" : rollup.getWindowStart()),
                List.of(
                    rollup.getCost(),
                    rollup.getSpans(),
                    rollup.getTokens(),
                    rollup.getSuccesses(),
                    rollup.getFailures(),
                    rollup.getOutcomeValue() == null
                        ? BigDecimal.ZERO
                        : rollup.getOutcomeValue())));
    return books;
  }

  private void read(DrivenTopology from) {
    from.advance(Duration.ofSeconds(11));
    from.rollups
        .readValuesToList()
        .forEach(
            rollup ->
                newest.put(
                    (rollup.getWindow() == WindowSize.DAY
                            ? "DAY "
                            : rollup.getWindow() + " " + rollup.getWindowStart() + " ")
                        + rollup.getDimension()
                        + "/"
                        + rollup.getTenantId()
                        + "/"
                        + rollup.getValue(),
                    rollup));
  }

  private CostRollup day(String scope) {
    read(pipeline);
    return newest.get("DAY " + scope);
  }

  private double count(String result) {
    return pipeline.meters.get("fuseline.outcomes").tag("result", result).counter().count();
  }

  /** Input tokens at 3 USD a million. */
  private static AgentSpan span(String root, String id, int second, String agent, long tokens) {
    return draft(root, id, agent, tokens)
        .setRunId(root)
        .setWorkflow("support")
        .setTeam("blue")
        .setProject("desk")
        .setCostCentre("4711")
        .setEndTime(NOON.minusSeconds(second))
        .build();
  }

  /** A span of a sub-agent, of which only the agent is known. */
  private static AgentSpan child(String root, String id, long tokens) {
    return draft(root, id, "helper", tokens)
        .setRunId(root + "-child")
        .setParentRunId(root)
        .setEndTime(NOON)
        .build();
  }

  private static AgentSpan.Builder draft(String root, String id, String agent, long tokens) {
    return AgentSpan.newBuilder()
        .setSpanId(id)
        .setRootRunId(root)
        .setAgentId(agent)
        .setTenantId("acme")
        .setKind(SpanKind.LLM)
        .setStatus(SpanStatus.OK)
        .setProvider("anthropic")
        .setRequestModel("claude-sonnet-4-5")
        .setUsage(new HashMap<>(Map.of("input_tokens", tokens)));
  }

  private static Outcome outcome(String root, String id, boolean success) {
    return Outcome.newBuilder()
        .setOutcomeId(id)
        .setRootRunId(root)
        .setTenantId("acme")
        .setType("ticket_resolved")
        .setSuccess(success)
        .setValue(new BigDecimal("7.500000000000"))
        .setOccurredAt(NOON)
        .build();
  }
}
