package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PricesExplainCommandTest {
  @TempDir Path folder;

  @Test
  void shouldTellTheNameRuleTheBandAndTheContractOfEachLine() throws IOException {
    Path prices =
        Files.writeString(
            folder.resolve("prices.yaml"),
            """
            currency: USD
            defaults: {valid_from: 2026-01-01}
            prices:
              - {provider: anthropic, model: claude-x, per: 1000000, prices: {input_tokens: 3, output_tokens: 15}}
              - {provider: anthropic, model: claude-x, band: {above: 200000}, per: 1000000, prices: {input_tokens: 6}}
              - {provider: anthropic, model: claude-x, tenant: acme, per: 1000000, prices: {input_tokens: 2}}
              - {provider: anthropic, model: claude-x, region: us, multiplier: 1.1}
            """);
    Path span =
        span(
            """
            {"span_id":"s1","run_id":"r","kind":"LLM","tenant_id":"acme","provider":"anthropic","region":"us-east-1",
             "service_tier":"flex","response_model":"anthropic/claude-x-20260101","end_time":"2026-03-02T12:00:00Z",
             "usage":{"input_tokens":250000,"reasoning_tokens":10,"images":2}}
            """);

    CommandRun run = explain(span, "--prices", prices.toString());

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out().lines())
        .containsSubsequence(
            "span s1, LLM, 2026-03-02T12:00:00Z, tenant acme",
            "asked for: anthropic/claude-x-20260101 at anthropic, tier flex, region us-east-1, 250000 input tokens in all",
            "  tried anthropic/claude-x-20260101 (EXACT)",
            "  tried claude-x-20260101 (PREFIX_STRIPPED)",
            "  tried claude-x (DATED_SNAPSHOT): found",
            "priced as: claude-x at anthropic, name rule DATED_SNAPSHOT, provider rule OWN",
            "images 2 has no price; bound unknown",
            "input_tokens 250000 x 0.0000066 = list 1.65, contracted 0.55 USD",
            "  price 0.000006 USD (standard from 200001; holds from 2026-01-01T00:00:00Z) MODEL/anthropic/claude-x/input_tokens/standard/2026-01-01T00:00:00Z/from=200001",
            "  contract 0.000002 USD (standard for acme; holds from 2026-01-01T00:00:00Z) MODEL/anthropic/claude-x/input_tokens/standard/2026-01-01T00:00:00Z/tenant=acme",
            "  factor 1.1 USD (standard@us as multiplier; holds from 2026-01-01T00:00:00Z) MODEL/anthropic/claude-x/*/standard@us/2026-01-01T00:00:00Z/MULTIPLIER",
            "reasoning_tokens 10 x 0.0000165 = list 0.000165, contracted 0.000165 USD")
        .contains(
            "note TIER_FELL_BACK: no price in the span's tier; the standard price was used",
            "note UNIT_FELL_BACK: a unit without a price took that of the unit it is billed as",
            "PARTIAL: list cost 1.650165, contracted cost 0.550165, bound of what has no price 0 USD");
  }

  @Test
  void shouldExplainTheBoundOfAnUnknownModelWithTheShippedPrices() throws IOException {
    Path span =
        span(
            """
            {"span_id":"s1","run_id":"r","kind":"LLM","provider":"openai","response_model":"gpt-99",
             "end_time":"2026-03-02T12:00:00Z","usage":{"input_tokens":1000}}
            """);

    CommandRun run = explain(span);

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("no price: name rule NONE")
        .contains("input_tokens 1000 has no price; bound ")
        .contains("  bound by ")
        .contains("UNPRICED: list cost 0, contracted cost 0, bound of what has no price ");
  }

  @Test
  void shouldPriceByAForeignListWhoseFormIsNamed() throws IOException {
    Path list =
        Files.writeString(
            folder.resolve("data.json"),
            """
            [{"id": "openai", "models": [{"id": "gpt-x", "match": {"equals": "gpt-x"}, "prices": {"input_mtok": 2}}]}]
            """);
    Path span =
        span(
            """
            {"span_id":"s1","run_id":"r","kind":"LLM","provider":"openai","response_model":"gpt-x",
             "end_time":"2026-03-02T12:00:00Z","usage":{"input_tokens":1000}}
            """);

    CommandRun run = explain(span, "--prices", list.toString(), "--from", "genai-prices");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("PRICED: list cost 0.002, contracted cost 0.002");
  }

  @Test
  void shouldRefuseWhatIsNoSpanAndWhatIsNoPriceList() throws IOException {
    Path span = span("{\"span_id\": 5");
    Path noId = Files.writeString(folder.resolve("no-id.json"), "{\"kind\": \"LLM\"}");
    Path good =
        Files.writeString(
            folder.resolve("good.json"), "{\"span_id\":\"a\",\"run_id\":\"r\",\"kind\":\"LLM\"}");

    assertThat(explain(span).exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(explain(span).err()).contains("span.json");
    assertThat(explain(noId).exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(explain(noId).err()).contains("no-id.json").contains("span_id");
    assertThat(explain(folder.resolve("none.json")).err()).contains("There is no span");
    assertThat(explain(good, "--prices", "none.yaml").exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(explain(good, "--prices", "none.yaml", "--cluster").exitCode())
        .isEqualTo(ExitCode.USAGE);
    assertThat(explain(good, "--from", "litellm").exitCode()).isEqualTo(ExitCode.USAGE);
  }

  private Path span(String json) throws IOException {
    return Files.writeString(folder.resolve("span.json"), json);
  }

  private static CommandRun explain(Path span, String... more) {
    String[] args = new String[more.length + 3];
    args[0] = "prices";
    args[1] = "explain";
    args[2] = span.toString();
    System.arraycopy(more, 0, args, 3, more.length);
    return CommandRun.of(args);
  }
}
