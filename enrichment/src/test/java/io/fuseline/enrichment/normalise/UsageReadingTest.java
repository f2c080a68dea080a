package io.fuseline.enrichment.normalise;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.InputInterpretation;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How counters that overlap become units that do not, and which rule decided it. */
class UsageReadingTest {

  @Test
  void shouldTakeCachedTokensOffAnInputThatIncludesThem() {
    Normalised.Span span =
        chat("anthropic")
            .with("gen_ai.usage.input_tokens", 2_600L)
            .with("gen_ai.usage.cache_read.input_tokens", 2_000L)
            .with("gen_ai.usage.cache_creation.input_tokens", 400L)
            .normalised();

    assertThat(span.span().getUsage())
        .isEqualTo(
            Map.of(
                "input_tokens", 200L, "cache_read_tokens", 2_000L, "cache_write_5m_tokens", 400L));
    assertThat(span.span().getInputInterpretation()).isEqualTo(InputInterpretation.INCLUSIVE);
    assertThat(span.span().getInterpretationRule()).isEqualTo("default");
    assertThat(span.notes()).singleElement().asString().contains("taken as included");
  }

  @Test
  void shouldReadTheSameCallFromOpenTelemetryAndFromTheApisOwnCounters() {
    AgentSpan openTelemetry =
        chat("anthropic")
            .with("gen_ai.usage.input_tokens", 130_213L)
            .with("gen_ai.usage.cache_read.input_tokens", 128_955L)
            .with("gen_ai.usage.cache_creation.input_tokens", 1_253L)
            .agentSpan();
    AgentSpan api =
        chat("anthropic")
            .with("gen_ai.usage.input_tokens", 5L)
            .with("gen_ai.usage.cache_read_input_tokens", 128_955L)
            .with("gen_ai.usage.cache_creation_input_tokens", 1_253L)
            .agentSpan();

    assertThat(openTelemetry.getUsage())
        .isEqualTo(
            Map.of(
                "input_tokens", 5L,
                "cache_read_tokens", 128_955L,
                "cache_write_5m_tokens", 1_253L));
    assertThat(api.getUsage()).isEqualTo(openTelemetry.getUsage());
    assertThat(api.getInputInterpretation()).isEqualTo(InputInterpretation.EXCLUSIVE);
    assertThat(api.getInterpretationRule()).isEqualTo("cache-exceeds-input");
  }

  @Test
  void shouldBelieveTheReportedTotalWhereTheTableIsSilent() {
    AgentSpan exclusive =
        chat("someone")
            .with("gen_ai.usage.input_tokens", 1_000L)
            .with("gen_ai.usage.output_tokens", 10L)
            .with("gen_ai.usage.cache_read.input_tokens", 300L)
            .with("gen_ai.usage.total_tokens", 1_310L)
            .agentSpan();
    AgentSpan inclusive =
        chat("someone")
            .with("gen_ai.usage.input_tokens", 1_000L)
            .with("gen_ai.usage.output_tokens", 10L)
            .with("gen_ai.usage.cache_read.input_tokens", 300L)
            .with("gen_ai.usage.total_tokens", 1_010L)
            .agentSpan();

    assertThat(exclusive.getUsage()).containsEntry("input_tokens", 1_000L);
    assertThat(exclusive.getInputInterpretation()).isEqualTo(InputInterpretation.EXCLUSIVE);
    assertThat(exclusive.getInterpretationRule()).isEqualTo("reported-total");
    assertThat(inclusive.getUsage()).containsEntry("input_tokens", 700L);
    assertThat(inclusive.getInterpretationRule()).isEqualTo("reported-total");
  }

  @Test
  void shouldLetTheTableDecideBeforeArithmetic() {
    AgentSpan span =
        chat("openai")
            .with("gen_ai.usage.input_tokens", 1_000L)
            .with("gen_ai.usage.output_tokens", 500L)
            .with("gen_ai.usage.cache_read.input_tokens", 300L)
            .with("gen_ai.usage.reasoning.output_tokens", 480L)
            .with("gen_ai.usage.total_tokens", 1_980L)
            .agentSpan();

    assertThat(span.getUsage())
        .isEqualTo(
            Map.of(
                "input_tokens", 700L,
                "cache_read_tokens", 300L,
                "output_tokens", 20L,
                "reasoning_tokens", 480L));
    assertThat(span.getInterpretationRule()).isEqualTo("table");
  }

  @Test
  void shouldFindThatThoughtsStandOutsideTheOutputByTheTotal() {
    AgentSpan span =
        chat("gcp.gemini")
            .with("gen_ai.usage.input_tokens", 324L)
            .with("gen_ai.usage.output_tokens", 1_364L)
            .with("gen_ai.usage.reasoning_tokens", 495L)
            .with("gen_ai.usage.total_tokens", 2_183L)
            .agentSpan();

    assertThat(span.getUsage())
        .isEqualTo(Map.of("input_tokens", 324L, "output_tokens", 1_364L, "reasoning_tokens", 495L));
    assertThat(span.getInterpretationRule())
        .isEqualTo("default; reasoning outside output: reported-total");
  }

  @Test
  void shouldRefuseCountersThatCannotContainEachOther() {
    Normalised.Rejected rejected =
        chat("openai")
            .with("gen_ai.usage.input_tokens", 100L)
            .with("gen_ai.usage.cache_read.input_tokens", 300L)
            .rejected();

    assertThat(rejected.reason()).isEqualTo("NEGATIVE_USAGE");
    assertThat(rejected.field()).isEqualTo("input_tokens");
    assertThat(rejected.message()).contains("-200", "INCLUSIVE", "table", "cache_read");
  }

  @Test
  void shouldRefuseACounterBelowZero() {
    Normalised.Rejected rejected = chat("openai").with("gen_ai.usage.input_tokens", -5L).rejected();

    assertThat(rejected.reason()).isEqualTo("NEGATIVE_USAGE");
    assertThat(rejected.field()).isEqualTo("gen_ai.usage.input_tokens");
  }

  @Test
  void shouldRefuseACounterThatIsNoNumber() {
    Normalised.Rejected rejected =
        chat("openai").with("gen_ai.usage.input_tokens", "many").rejected();

    assertThat(rejected.reason()).isEqualTo("UNREADABLE_USAGE");
    assertThat(rejected.message()).contains("gen_ai.usage.input_tokens", "whole number");
  }

  @Test
  void shouldReadCountersThatCameAsTextOrInsideMaps() {
    AgentSpan span =
        SentSpan.span("chat")
            .with(
                "gen_ai",
                Map.of(
                    "operation.name", "chat",
                    "provider", Map.of("name", "openai"),
                    "usage", Map.of("input_tokens", "12", "output_tokens", 3.0)))
            .agentSpan();

    assertThat(span.getUsage()).isEqualTo(Map.of("input_tokens", 12L, "output_tokens", 3L));
    assertThat(span.getRawUsage())
        .isEqualTo(Map.of("gen_ai.usage.input_tokens", 12L, "gen_ai.usage.output_tokens", 3L));
    assertThat(span.getProvider()).isEqualTo("openai");
  }

  @Test
  void shouldTakeWhatJavaScriptWritesForNothingAsNothing() {
    AgentSpan span =
        chat("openai")
            .with("gen_ai.usage.input_tokens", Double.NaN)
            .with("gen_ai.usage.output_tokens", "undefined")
            .agentSpan();

    assertThat(span.getUsage()).isEmpty();
  }

  @Test
  void shouldSplitCacheWritesByTheirLifetime() {
    AgentSpan span =
        chat("anthropic")
            .with("gen_ai.usage.input_tokens", 1_000L)
            .with("gen_ai.usage.cache_creation.input_tokens", 700L)
            .with("gen_ai.usage.cache_creation.ephemeral_1h_input_tokens", 600L)
            .agentSpan();

    assertThat(span.getUsage())
        .isEqualTo(
            Map.of(
                "input_tokens", 300L,
                "cache_write_5m_tokens", 100L,
                "cache_write_1h_tokens", 600L));
  }

  @Test
  void shouldTakeMediaOutOfTextAndKnowThatTheRestOfThemWasCached() {
    AgentSpan fresh =
        chat("openai")
            .with("gen_ai.usage.input_tokens", 1_000L)
            .with("gen_ai.usage.input_audio_tokens", 600L)
            .with("gen_ai.usage.cache_read.input_tokens", 100L)
            .agentSpan();
    AgentSpan cached =
        chat("openai")
            .with("gen_ai.usage.input_tokens", 1_000L)
            .with("gen_ai.usage.input_audio_tokens", 950L)
            .with("gen_ai.usage.cache_read.input_tokens", 100L)
            .agentSpan();

    assertThat(fresh.getUsage())
        .isEqualTo(
            Map.of("input_tokens", 300L, "audio_input_tokens", 600L, "cache_read_tokens", 100L));
    assertThat(cached.getUsage())
        .isEqualTo(
            Map.of(
                "audio_input_tokens", 900L,
                "audio_cache_read_tokens", 50L,
                "cache_read_tokens", 50L));
  }

  @Test
  void shouldTakeUsageThatTheProducerToldDisjointAsItIs() {
    AgentSpan span =
        chat("openai")
            .with("gen_ai.usage.input_tokens", 1_000L)
            .with("fuseline.usage.input_tokens", 300L)
            .with("fuseline.usage.web_searches", 2L)
            .agentSpan();

    assertThat(span.getUsage()).isEqualTo(Map.of("input_tokens", 300L, "web_searches", 2L));
    assertThat(span.getInputInterpretation()).isEqualTo(InputInterpretation.DISJOINT);
    assertThat(span.getInterpretationRule()).isNull();
  }

  @Test
  void shouldFillAMissingOutputFromTheTotal() {
    Normalised.Span span =
        chat("someone")
            .with("gen_ai.usage.input_tokens", 40L)
            .with("gen_ai.usage.total_tokens", 100L)
            .normalised();

    assertThat(span.span().getUsage()).isEqualTo(Map.of("input_tokens", 40L, "output_tokens", 60L));
    assertThat(span.notes()).isNotEmpty();
  }

  private static SentSpan chat(String provider) {
    return SentSpan.span("chat")
        .with("gen_ai.operation.name", "chat")
        .with("gen_ai.provider.name", provider)
        .with("gen_ai.request.model", "a-model");
  }
}
