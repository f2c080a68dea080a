package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import io.fuseline.schemas.SpanStatus;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpanReaderTest {
  private static final Instant AT = Instant.parse("2026-05-04T10:00:00Z");

  @Test
  void shouldGiveEqualCallsEqualSignaturesAndOthersOthers() {
    long call = signature(toolSpan("a"));

    assertThat(signature(toolSpan("b"))).isEqualTo(call);
    assertThat(signature(toolSpan("c").setToolName("read"))).isNotEqualTo(call);
    assertThat(signature(toolSpan("d").setArgumentHash(8L))).isNotEqualTo(call);
    assertThat(signature(toolSpan("e").setResultHash(9L))).isNotEqualTo(call);
    assertThat(signature(toolSpan("f").setErrorType("timeout"))).isNotEqualTo(call);
  }

  @Test
  void shouldNotTakeCallsForEqualWhenTheirArgumentsAreUnknown() {
    AgentSpan.Builder one = toolSpan("a").setArgumentHash(null);
    AgentSpan.Builder two = toolSpan("b").setArgumentHash(null);

    assertThat(signature(one)).isNotEqualTo(signature(two));
  }

  @Test
  void shouldSayWhetherTheResultIsKnown() {
    assertThat(facts(toolSpan("a")).resultKnown()).isTrue();
    assertThat(facts(toolSpan("a").setResultHash(null)).resultKnown()).isFalse();
  }

  @Test
  void shouldBookNothingForAStart() {
    SpanFacts start = facts(toolSpan("a").setPhase(SpanPhase.START));

    assertThat(start.booking()).isNull();
    assertThat(start.opens()).isTrue();
    assertThat(start.record().open()).isTrue();
    assertThat(start.record().booked()).isNull();
  }

  @Test
  void shouldKeepWhatASnapshotBooked() {
    SpanFacts snapshot = facts(llmSpan("a").setPhase(SpanPhase.SNAPSHOT));

    assertThat(snapshot.provisional()).isTrue();
    assertThat(snapshot.record().booked()).isEqualTo(snapshot.booking());
  }

  @Test
  void shouldCountTokensOfEveryUnitAndNothingElse() {
    Booking booking = facts(llmSpan("a")).booking();

    assertThat(booking.tokens()).isEqualTo(1100);
    assertThat(booking.llmCalls()).isOne();
    assertThat(booking.toolCalls()).isZero();
    assertThat(booking.unpricedSpans()).isOne();
    assertThat(booking.model()).isEqualTo("model-x");
    assertThat(booking.tool()).isNull();
  }

  @Test
  void shouldCallAToolWithoutNameUnknown() {
    Booking booking = facts(toolSpan("a").setToolName(null).setStatus(SpanStatus.ERROR)).booking();

    assertThat(booking.tool()).isEqualTo("(unknown)");
    assertThat(booking.errors()).isOne();
    assertThat(booking.toolCalls()).isOne();
  }

  private static long signature(AgentSpan.Builder span) {
    return facts(span).signature();
  }

  private static SpanFacts facts(AgentSpan.Builder draft) {
    long micros = Times.micros(AT);
    var checked = (CheckedSpan.Accepted) SpanCheck.check(draft.build(), micros);
    return SpanReader.facts(checked, new PriceBook("USD"));
  }

  private static AgentSpan.Builder toolSpan(String id) {
    return span(id)
        .setKind(SpanKind.TOOL)
        .setToolName("search")
        .setArgumentHash(1L)
        .setResultHash(2L);
  }

  private static AgentSpan.Builder llmSpan(String id) {
    return span(id)
        .setKind(SpanKind.LLM)
        .setProvider("anthropic")
        .setResponseModel("model-x")
        .setUsage(Map.of("input_tokens", 1000L, "output_tokens", 100L, "images", 3L));
  }

  private static AgentSpan.Builder span(String id) {
    return AgentSpan.newBuilder()
        .setSpanId(id)
        .setRootRunId("run-1")
        .setRunId("run-1")
        .setTenantId("acme")
        .setAgentId("coder")
        .setStartTime(AT)
        .setEndTime(AT);
  }
}
