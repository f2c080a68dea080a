package io.fuseline.enrichment.span;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.span.CheckedSpan.Accepted;
import io.fuseline.enrichment.span.CheckedSpan.Reason;
import io.fuseline.enrichment.span.CheckedSpan.Rejected;
import io.fuseline.enrichment.span.CheckedSpan.Remark;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpanCheckTest {

  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

  @Test
  void shouldAcceptAPlainSpanWithoutRemarks() {
    Accepted accepted = accepted(span -> {});

    assertThat(accepted.remarks()).isEmpty();
    assertThat(accepted.eventTimeMicros()).isEqualTo(micros(NOW.minusSeconds(1)));
    assertThat(accepted.rootRunId()).isEqualTo("root");
    assertThat(accepted.runId()).isEqualTo("run");
    assertThat(accepted.agentId()).isEqualTo("agent");
    assertThat(accepted.tenant()).isEqualTo("acme");
  }

  @Nested
  class Ids {

    @Test
    void shouldTakeTheTraceForTheRunAndNamesForTheRest() {
      Accepted accepted =
          accepted(
              span -> {
                span.setRootRunId("");
                span.setRunId("");
                span.setTraceId("trace");
                span.setAgentId("");
                span.setAgentName("Support");
                span.setTenantId("");
              });

      assertThat(accepted.rootRunId()).isEqualTo("trace");
      assertThat(accepted.runId()).isEqualTo("trace");
      assertThat(accepted.agentId()).isEqualTo("Support");
      assertThat(accepted.tenant()).isEqualTo("default");
      assertThat(accepted.span().getRootRunId()).isEqualTo("trace");
      assertThat(accepted.span().getTenantId()).isEqualTo("default");
    }

    @Test
    void shouldTakeTheRunForTheRootAndTheRootForTheRun() {
      assertThat(accepted(span -> span.setRootRunId("")).rootRunId()).isEqualTo("run");
      assertThat(accepted(span -> span.setRunId("")).runId()).isEqualTo("root");
    }

    @Test
    void shouldCallAnAgentWithoutNameUnattributed() {
      assertThat(accepted(span -> span.setAgentId(" ")).agentId()).isEqualTo("(unattributed)");
    }

    @Test
    void shouldRejectASpanWithoutIdOrRun() {
      assertThat(rejected(span -> span.setSpanId("")).reason()).isEqualTo(Reason.MISSING_SPAN_ID);
      Rejected withoutRun =
          rejected(
              span -> {
                span.setRootRunId("");
                span.setRunId(" ");
              });
      assertThat(withoutRun.reason()).isEqualTo(Reason.MISSING_RUN_ID);
      assertThat(withoutRun.message())
          .isEqualTo(
              "root_run_id of span s1: found nothing, nor in run_id or trace_id, expected the id of the"
                  + " outermost run; have the producer set root_run_id, or run_id for a run without parent");
    }

    @Test
    void shouldAcceptASpanMadeInCodeThatLacksWhatTheSchemaDefaults() {
      AgentSpan span = new AgentSpan();
      span.setSpanId("s");
      span.setRunId("r");

      Accepted accepted = (Accepted) SpanCheck.check(span, micros(NOW));

      assertThat(accepted.span().getKind()).isEqualTo(SpanKind.OTHER);
      assertThat(accepted.span().getUsage()).isEmpty();
      assertThat(accepted.span().getTags()).isEmpty();
      assertThat(accepted.remarks()).containsExactly(Remark.TIME_MISSING);
      assertThat(accepted.eventTimeMicros()).isEqualTo(micros(NOW));
    }
  }

  @Nested
  class Usage {

    @ParameterizedTest
    @CsvSource({
      "input_tokens, -1, NEGATIVE_USAGE",
      "input_tokens, 10000000001, ABSURD_USAGE",
      "' ', 1, ABSURD_USAGE"
    })
    void shouldRejectCountsThatCannotBe(String unit, long quantity, Reason reason) {
      assertThat(rejected(span -> span.setUsage(Map.of(unit, quantity))).reason())
          .isEqualTo(reason);
    }

    @Test
    void shouldAcceptTheHighestCountAndSixtyFourUnits() {
      assertThat(accepted(span -> span.setUsage(units(64))).remarks()).isEmpty();
    }

    @Test
    void shouldRejectMoreUnitsThanASpanCanHave() {
      assertThat(rejected(span -> span.setUsage(units(65))).message())
          .contains("usage of span s1: found 65 units, expected at most 64");
    }

    private Map<String, Long> units(int count) {
      Map<String, Long> usage = new HashMap<>();
      for (int i = 0; i < count; i++) {
        usage.put("unit_" + i, SpanCheck.MAX_QUANTITY);
      }
      return usage;
    }
  }

  @Nested
  class Time {

    @Test
    void shouldBookAtTheEndElseTheStartElseTheObservation() {
      assertThat(accepted(span -> span.setEndTime(null)).eventTimeMicros())
          .isEqualTo(micros(NOW.minusSeconds(2)));
      assertThat(
              accepted(
                      span -> {
                        span.setEndTime(null);
                        span.setStartTime(null);
                        span.setObservedTime(NOW.minusSeconds(3));
                      })
                  .eventTimeMicros())
          .isEqualTo(micros(NOW.minusSeconds(3)));
    }

    @Test
    void shouldTakeTheStartWhenTheEndIsBeforeIt() {
      Accepted accepted = accepted(span -> span.setEndTime(NOW.minusSeconds(9)));

      assertThat(accepted.eventTimeMicros()).isEqualTo(micros(NOW.minusSeconds(2)));
      assertThat(accepted.span().getEndTime()).isEqualTo(NOW.minusSeconds(2));
      assertThat(accepted.remarks()).containsExactly(Remark.END_BEFORE_START);
    }

    @Test
    void shouldClampTheFutureBeyondFiveMinutes() {
      assertThat(accepted(span -> span.setEndTime(NOW.plusSeconds(300))).remarks()).isEmpty();
      Accepted clamped = accepted(span -> span.setEndTime(NOW.plusSeconds(301)));
      assertThat(clamped.remarks()).containsExactly(Remark.FUTURE_CLAMPED);
      assertThat(clamped.eventTimeMicros()).isEqualTo(micros(NOW));
      assertThat(accepted(span -> span.setEndTime(Instant.MAX)).eventTimeMicros())
          .isEqualTo(micros(NOW));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"1999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "-1000000000-01-01T00:00:00Z"})
    void shouldRejectTimesBeforeTheYearTwoThousand(String time) {
      Rejected rejected = rejected(span -> span.setStartTime(Instant.parse(time)));

      assertThat(rejected.reason()).isEqualTo(Reason.ABSURD_TIME);
      assertThat(rejected.field()).isEqualTo("start_time");
    }

    @Test
    void shouldKnowNoFutureWithoutAClock() {
      AgentSpan span = span();
      span.setEndTime(Instant.parse("2199-12-31T00:00:00Z"));
      assertThat(SpanCheck.check(span, SpanCheck.NO_CLOCK)).isInstanceOf(Accepted.class);

      span.setEndTime(Instant.parse("2200-01-01T00:00:00Z"));
      assertThat(SpanCheck.check(span, SpanCheck.NO_CLOCK))
          .isInstanceOfSatisfying(
              Rejected.class, it -> assertThat(it.reason()).isEqualTo(Reason.ABSURD_TIME));

      span.setEndTime(null);
      span.setStartTime(null);
      assertThat(SpanCheck.check(span, SpanCheck.NO_CLOCK))
          .isInstanceOfSatisfying(
              Rejected.class, it -> assertThat(it.reason()).isEqualTo(Reason.MISSING_TIME));
    }
  }

  @Nested
  class Size {

    @Test
    void shouldRejectALongIdButCutALongName() {
      Rejected rejected = rejected(span -> span.setAgentId("x".repeat(513)));
      assertThat(rejected.reason()).isEqualTo(Reason.ID_TOO_LONG);
      assertThat(rejected.field()).isEqualTo("agent_id");

      Accepted accepted = accepted(span -> span.setToolName("x".repeat(511) + "😀"));
      assertThat(accepted.span().getToolName()).isEqualTo("x".repeat(511));
      assertThat(accepted.remarks()).containsExactly(Remark.TEXT_TRUNCATED);
    }

    @Test
    void shouldKeepSixtyFourTags() {
      Map<String, String> tags = new HashMap<>();
      for (int i = 0; i < 100; i++) {
        tags.put("tag%03d".formatted(i), "v");
      }

      Accepted accepted = accepted(span -> span.setTags(tags));

      assertThat(accepted.span().getTags()).hasSize(64).containsKey("tag000").containsKey("tag063");
      assertThat(accepted.remarks()).containsExactly(Remark.TAGS_TRUNCATED);
    }

    @Test
    void shouldKeepSixteenKibibytesOfTagsCountedInUtf8() {
      Map<String, String> fit = Map.of("aa", "é".repeat(8191));
      assertThat(fit.get("aa").getBytes(StandardCharsets.UTF_8)).hasSize(16 * 1024 - 2);
      assertThat(accepted(span -> span.setTags(fit)).remarks()).isEmpty();

      Accepted accepted =
          accepted(span -> span.setTags(Map.of("a", "x".repeat(1 << 20), "b", "kept")));
      assertThat(accepted.span().getTags()).containsExactly(Map.entry("b", "kept"));
      assertThat(accepted.remarks()).containsExactly(Remark.TAGS_TRUNCATED);
    }
  }

  private static Accepted accepted(Consumer<AgentSpan> change) {
    return (Accepted) check(change);
  }

  private static Rejected rejected(Consumer<AgentSpan> change) {
    return (Rejected) check(change);
  }

  private static CheckedSpan check(Consumer<AgentSpan> change) {
    AgentSpan span = span();
    change.accept(span);
    return SpanCheck.check(span, micros(NOW));
  }

  private static AgentSpan span() {
    AgentSpan span = new AgentSpan();
    span.setSpanId("s1");
    span.setRunId("run");
    span.setRootRunId("root");
    span.setTenantId("acme");
    span.setAgentId("agent");
    span.setKind(SpanKind.LLM);
    span.setStartTime(NOW.minusSeconds(2));
    span.setEndTime(NOW.minusSeconds(1));
    span.setUsage(Map.of("input_tokens", 1L));
    return span;
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }
}
