package io.fuseline.enrichment.price;

import static io.fuseline.enrichment.price.Prices.NOON;
import static io.fuseline.enrichment.price.Prices.alias;
import static io.fuseline.enrichment.price.Prices.book;
import static io.fuseline.enrichment.price.Prices.bound;
import static io.fuseline.enrichment.price.Prices.cost;
import static io.fuseline.enrichment.price.Prices.during;
import static io.fuseline.enrichment.price.Prices.llm;
import static io.fuseline.enrichment.price.Prices.micros;
import static io.fuseline.enrichment.price.Prices.model;
import static io.fuseline.enrichment.price.Prices.span;
import static io.fuseline.enrichment.price.Prices.tool;
import static io.fuseline.enrichment.price.Prices.toolCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.enrichment.price.Pricing.Line;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class PriceBookTest {

  private static final Map<String, Long> ONE_INPUT = Map.of("input_tokens", 1L);

  @Nested
  class Time {

    private final PriceBook book =
        book(
            during(model("anthropic", "m", "input_tokens", "3"), "2026-01-01T00:00:00Z", null),
            during(
                model("anthropic", "m", "input_tokens", "5"),
                "2026-02-01T00:00:00Z",
                "2026-03-01T00:00:00Z"));

    @ParameterizedTest
    @CsvSource({
      "2026-01-01T00:00:00Z, 3",
      "2026-01-31T23:59:59.999999Z, 3",
      "2026-02-01T00:00:00Z, 5",
      "2026-02-28T23:59:59.999999Z, 5",
      "2026-03-01T00:00:00Z, 3"
    })
    void shouldTakeTheNewestPriceThatHeldAtTheEventTime(Instant time, String price) {
      Pricing pricing = book.price(llm("anthropic", "m", ONE_INPUT), micros(time));

      assertThat(cost(pricing)).isEqualByComparingTo(price);
      assertThat(pricing.status()).isEqualTo(CostStatus.PRICED);
    }

    @Test
    void shouldBeUnpricedBeforeTheFirstPrice() {
      long before = micros(Instant.parse("2025-12-31T23:59:59.999999Z"));

      Pricing pricing = book.price(llm("anthropic", "m", ONE_INPUT), before);

      assertThat(pricing.status()).isEqualTo(CostStatus.UNPRICED);
      assertThat(bound(pricing)).isEqualByComparingTo("5");
      assertThat(pricing.sku()).isEqualTo("m");
    }

    @Test
    void shouldTakeTheLaterKnownOfTwoPricesThatBeginTogether() {
      PriceEntry first = model("anthropic", "m", "input_tokens", "3");
      first.setKnownSince(Instant.parse("2026-01-01T00:00:00Z"));
      PriceEntry corrected = model("anthropic", "m", "input_tokens", "4");
      corrected.setPriceId("corrected");
      corrected.setKnownSince(Instant.parse("2026-01-02T00:00:00Z"));

      assertThat(cost(book(corrected, first).price(llm("anthropic", "m", ONE_INPUT), NOON)))
          .isEqualByComparingTo("4");
    }
  }

  @Nested
  class Tier {

    private final PriceBook book =
        book(
            model("openai", "m", "input_tokens", "2"),
            model("openai", "m", "output_tokens", "8"),
            inTier(model("openai", "m", "input_tokens", "1"), "batch"));

    @ParameterizedTest
    @NullSource
    @ValueSource(
        strings = {"", "standard", "default", "auto", "on_demand", "Default", " STANDARD "})
    void shouldTakeTheStandardPriceWhenTheTierMeansStandard(String tier) {
      Pricing pricing = book.price(inTier(tier, ONE_INPUT), NOON);

      assertThat(cost(pricing)).isEqualByComparingTo("2");
      assertThat(pricing.notes()).isEmpty();
    }

    @Test
    void shouldTakeTheTiersOwnPrice() {
      Pricing pricing = book.price(inTier("batch", ONE_INPUT), NOON);

      assertThat(cost(pricing)).isEqualByComparingTo("1");
      assertThat(pricing.notes()).isEmpty();
    }

    @Test
    void shouldFallBackToStandardAndNoteItWhenTheTierHasNoPrice() {
      Pricing pricing =
          book.price(inTier("batch", Map.of("input_tokens", 1L, "output_tokens", 1L)), NOON);

      assertThat(cost(pricing)).isEqualByComparingTo("9");
      assertThat(pricing.notes()).containsExactly(PricingNote.TIER_FELL_BACK);
    }

    private AgentSpan inTier(String tier, Map<String, Long> usage) {
      AgentSpan span = llm("openai", "m", usage);
      span.setServiceTier(tier);
      return span;
    }

    private PriceEntry inTier(PriceEntry entry, String tier) {
      return Prices.inTier(entry, tier);
    }
  }

  @Nested
  class Region {

    @Test
    void shouldTakeTheRegionsPriceAndElseThatOfEveryRegion() {
      PriceEntry frankfurt = model("aws.bedrock", "m", "input_tokens", "3.3");
      frankfurt.setRegion("eu-central-1");
      PriceBook book =
          book(Prices.withId(frankfurt), model("aws.bedrock", "m", "input_tokens", "3"));
      AgentSpan span = llm("aws.bedrock", "m", ONE_INPUT);

      assertThat(cost(book.price(span, NOON))).isEqualByComparingTo("3");
      span.setRegion("eu-central-1");
      assertThat(cost(book.price(span, NOON))).isEqualByComparingTo("3.3");
      span.setRegion("us-east-1");
      assertThat(cost(book.price(span, NOON))).isEqualByComparingTo("3");
    }
  }

  @Nested
  class ModelName {

    private final PriceBook book =
        book(
            alias(model("anthropic", "claude-opus-4-5", "input_tokens", "5"), "claude-opus-4.5"),
            model("openai", "gpt-5", "input_tokens", "2"),
            model("azure.ai.openai", "gpt-5", "input_tokens", "3"),
            model("groq", "llama", "input_tokens", "1"),
            model("together", "llama", "input_tokens", "4"),
            model("openrouter", "anthropic/claude-opus-4-5", "input_tokens", "6"),
            model("*", "house-model", "input_tokens", "7"));

    @ParameterizedTest
    @CsvSource({
      "anthropic, claude-opus-4-5, 5, EXACT, OWN",
      "Anthropic, claude-opus-4-5, 5, EXACT, OWN",
      "anthropic, claude-opus-4.5, 5, ALIAS, OWN",
      "anthropic, anthropic/claude-opus-4-5, 5, PREFIX_STRIPPED, OWN",
      "anthropic, models/claude-opus-4-5, 5, PREFIX_STRIPPED, OWN",
      "anthropic, claude-opus-4-5-20251101, 5, DATED_SNAPSHOT, OWN",
      "anthropic, claude-opus-4-5@20251101, 5, DATED_SNAPSHOT, OWN",
      "anthropic, claude-opus-4-5-latest, 5, DATED_SNAPSHOT, OWN",
      "anthropic, anthropic/claude-opus-4-5-20251101, 5, DATED_SNAPSHOT, OWN",
      "openai, gpt-5-2025-08-07, 2, DATED_SNAPSHOT, OWN",
      "azure, gpt-5, 3, EXACT, OWN",
      "azure, openai/gpt-5, 3, PREFIX_STRIPPED, OWN",
      "openrouter, anthropic/claude-opus-4-5, 6, EXACT, OWN",
      "openrouter, openrouter/anthropic/claude-opus-4-5, 6, PREFIX_STRIPPED, OWN",
      "anyone, house-model, 7, EXACT, ANY",
      ", house-model, 7, EXACT, ANY",
      ", claude-opus-4-5, 5, EXACT, SOLE",
      ", claude-opus-4-5-20251101, 5, DATED_SNAPSHOT, SOLE",
      ", gpt-5, 2, EXACT, MAKER",
      ", gpt-5-2025-08-07, 2, DATED_SNAPSHOT, MAKER",
      ", azure/gpt-5, 3, PREFIX_STRIPPED, FROM_NAME",
      ", groq/llama, 1, PREFIX_STRIPPED, FROM_NAME"
    })
    void shouldFindTheModel(
        String provider, String name, String price, MatchRule rule, ProviderRule providerRule) {
      Pricing pricing = book.price(llm(provider, name, ONE_INPUT), NOON);

      assertThat(pricing.status()).isEqualTo(CostStatus.PRICED);
      assertThat(cost(pricing)).isEqualByComparingTo(price);
      assertThat(pricing.matchRule()).isEqualTo(rule);
      assertThat(pricing.providerRule()).isEqualTo(providerRule);
      assertThat(pricing.name()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
      "anthropic, claude-unheard-of, NONE",
      "anthropic, claude-opus-4-5-thinking, NONE",
      "groq, claude-opus-4-5, NONE",
      "groq, openai/gpt-5, NONE",
      ", llama, AMBIGUOUS",
      ", unheard-of, NONE"
    })
    void shouldNotGuess(String provider, String name, MatchRule rule) {
      Pricing pricing = book.price(llm(provider, name, ONE_INPUT), NOON);

      assertThat(pricing.status()).isEqualTo(CostStatus.UNPRICED);
      assertThat(pricing.listPico()).isZero();
      assertThat(pricing.boundPico()).isPositive();
      assertThat(pricing.matchRule()).isEqualTo(rule);
      assertThat(pricing.sku()).isNull();
    }

    @Test
    void shouldTakeTheResponseModelBeforeTheRequestModel() {
      AgentSpan span = llm("openai", "gpt-5", ONE_INPUT);
      span.setRequestModel("claude-opus-4-5");

      assertThat(book.price(span, NOON).sku()).isEqualTo("gpt-5");
    }

    @Test
    void shouldNoteItWhenACallOfAModelTellsNoUsage() {
      AgentSpan told = llm("openai", "gpt-5", Map.of("input_tokens", 0L));
      AgentSpan silent = llm("openai", "gpt-5", Map.of());

      assertThat(book.price(told, NOON).notes()).isEmpty();
      assertThat(book.price(silent, NOON).notes()).containsExactly(PricingNote.USAGE_MISSING);
    }

    @Test
    void shouldTakeTheRequestModelAndNoteItWhenTheResponseModelIsUnknown() {
      AgentSpan span = llm("openai", "gpt-5-internal-build", ONE_INPUT);
      span.setRequestModel("gpt-5");

      Pricing pricing = book.price(span, NOON);

      assertThat(pricing.sku()).isEqualTo("gpt-5");
      assertThat(pricing.name()).isEqualTo("gpt-5-internal-build");
      assertThat(pricing.notes()).containsExactly(PricingNote.REQUEST_MODEL_USED);
    }

    @Test
    void shouldNotTakeAnAliasThatTwoModelsClaim() {
      PriceBook twice =
          book(
              alias(model("p", "a", "input_tokens", "1"), "fast"),
              alias(model("p", "b", "input_tokens", "2"), "fast"));

      assertThat(twice.price(llm("p", "fast", ONE_INPUT), NOON).status())
          .isEqualTo(CostStatus.UNPRICED);
    }
  }

  @Nested
  class Bound {
    @ParameterizedTest
    @CsvSource({
      "1, 0.000075", // rounded nowhere
      "1000000, 75", // more than 64 bits before the division
      "1300000000, 97500", // the last that is not taken for a mistake is 100,000
      "9000000000, 100000"
    })
    void shouldTakeTheGivenPriceOfAMillionTokens(long tokens, String usd) {
      PriceBook bounded =
          new PriceBook("USD", UnpricedBound.DEAREST.withMillionTokens(75 * Pico.ONE));

      Pricing pricing = bounded.price(llm("p", "m", Map.of("input_tokens", tokens)), NOON);

      assertThat(bound(pricing)).isEqualByComparingTo(usd);
    }

    private final PriceBook book =
        book(
            model("anthropic", "small", "input_tokens", "1"),
            model("anthropic", "large", "input_tokens", "5"),
            model("anthropic", "large", "output_tokens", "25"),
            model("openai", "huge", "input_tokens", "30"),
            model("openai", "huge", "input_images", "40"));

    @ParameterizedTest
    @CsvSource({
      "anthropic, input_tokens, 5",
      "anthropic, audio_input_tokens, 25",
      "anthropic, input_images, 40",
      "openai, output_tokens, 30",
      "nobody, input_tokens, 30",
      ", input_tokens, 30"
    })
    void shouldBeTheDearestComparablePrice(String provider, String unit, String bound) {
      Pricing pricing = book.price(llm(provider, "unknown", Map.of(unit, 2L)), NOON);

      assertThat(pricing.status()).isEqualTo(CostStatus.UNPRICED);
      assertThat(pricing.listPico()).isZero();
      assertThat(bound(pricing))
          .isEqualByComparingTo(new BigDecimal(bound).add(new BigDecimal(bound)));
      Line line = pricing.lines().get(0);
      assertThat(line.priced()).isFalse();
      assertThat(line.unitPricePico()).isEqualTo(-1);
      assertThat(line.priceId()).isNotNull();
    }

    @Test
    void shouldBeAbsentWhenNothingCompares() {
      Pricing pricing = book.price(llm("anthropic", "large", Map.of("fortnights", 1L)), NOON);

      assertThat(pricing.lines())
          .containsExactly(new Line("fortnights", 1, -1, 0, 0, -1, null, null, List.of()));
      assertThat(pricing.boundPico()).isZero();
      assertThat(pricing.status()).isEqualTo(CostStatus.UNPRICED);
    }

    @Test
    void shouldBePartialWhenSomeUnitsHaveAPrice() {
      Pricing pricing =
          book.price(
              llm("anthropic", "small", Map.of("input_tokens", 2L, "output_tokens", 1L)), NOON);

      assertThat(pricing.status()).isEqualTo(CostStatus.PARTIAL);
      assertThat(cost(pricing)).isEqualByComparingTo("2");
      assertThat(bound(pricing)).isEqualByComparingTo("25");
    }

    @Test
    void shouldFollowAPriceThatIsPut() {
      AgentSpan span = llm("anthropic", "unknown", ONE_INPUT);
      assertThat(bound(book.price(span, NOON))).isEqualByComparingTo("5");

      book.put(model("anthropic", "larger", "input_tokens", "6"));

      assertThat(bound(book.price(span, NOON))).isEqualByComparingTo("6");
    }
  }

  @Nested
  class Usage {

    private final PriceBook book =
        book(
            model("anthropic", "m", "input_tokens", "0.000003"),
            model("anthropic", "m", "output_tokens", "0.000015"),
            model("anthropic", "free", "input_tokens", "0"));

    @Test
    void shouldPriceReasoningAsOutputWhenItHasNoPriceAndNoteIt() {
      Pricing pricing = book.price(llm("anthropic", "m", Map.of("reasoning_tokens", 2L)), NOON);

      assertThat(cost(pricing)).isEqualByComparingTo("0.00003");
      assertThat(pricing.notes()).containsExactly(PricingNote.UNIT_FELL_BACK);
      assertThat(pricing.lines().get(0).unit()).isEqualTo("reasoning_tokens");
    }

    @Test
    void shouldNotPriceCacheWritesAsInput() {
      Pricing pricing =
          book.price(llm("anthropic", "m", Map.of("cache_write_5m_tokens", 2L)), NOON);

      assertThat(pricing.status()).isEqualTo(CostStatus.UNPRICED);
      assertThat(bound(pricing)).isEqualByComparingTo("0.00003");
    }

    @Test
    void shouldBePricedAtZeroWhenAKnownModelUsedNothing() {
      Pricing pricing = book.price(llm("anthropic", "m", Map.of("input_tokens", 0L)), NOON);

      assertThat(pricing.status()).isEqualTo(CostStatus.PRICED);
      assertThat(pricing.listPico()).isZero();
      assertThat(pricing.lines()).isEmpty();
    }

    @Test
    void shouldBeUnpricedWhenAnUnknownModelUsedNothing() {
      Pricing pricing = book.price(llm("anthropic", "unknown", Map.of()), NOON);

      assertThat(pricing.status()).isEqualTo(CostStatus.UNPRICED);
      assertThat(pricing.boundPico()).isZero();
    }

    @Test
    void shouldTakeAnExplicitZeroForFree() {
      Pricing pricing = book.price(llm("anthropic", "free", ONE_INPUT), NOON);

      assertThat(pricing.status()).isEqualTo(CostStatus.PRICED);
      assertThat(pricing.listPico()).isZero();
    }

    @Test
    void shouldBeUnpricedWithoutAModel() {
      Pricing pricing = book.price(llm("anthropic", null, ONE_INPUT), NOON);

      assertThat(pricing.status()).isEqualTo(CostStatus.UNPRICED);
      assertThat(bound(pricing)).isEqualByComparingTo("0.000003");
      assertThat(pricing.name()).isNull();
    }

    @ParameterizedTest
    @EnumSource(
        value = SpanKind.class,
        names = {"AGENT", "WORKFLOW"})
    void shouldNotBillSpansThatRepeatTheirChildren(SpanKind kind) {
      assertThat(book.price(span(kind, "anthropic", "m", null, ONE_INPUT), NOON).status())
          .isEqualTo(CostStatus.NOT_BILLABLE);
    }

    @ParameterizedTest
    @EnumSource(
        value = SpanKind.class,
        names = {"HUMAN", "OTHER", "RETRIEVAL", "RERANK"})
    void shouldBillOtherKindsByTheirUsageOnly(SpanKind kind) {
      assertThat(book.price(span(kind, "anthropic", "m", null, Map.of()), NOON).status())
          .isEqualTo(CostStatus.NOT_BILLABLE);
      assertThat(cost(book.price(span(kind, "anthropic", "m", null, ONE_INPUT), NOON)))
          .isEqualByComparingTo("0.000003");
    }

    @Test
    void shouldNotBillTheStartOfASpan() {
      AgentSpan span = llm("anthropic", "m", ONE_INPUT);
      span.setPhase(SpanPhase.START);

      assertThat(book.price(span, NOON).status()).isEqualTo(CostStatus.NOT_BILLABLE);
    }

    @Test
    void shouldNotBookALineThatCanOnlyBeAMistake() {
      PriceBook dear = book(model("p", "m", "input_tokens", "1000000"));

      Pricing pricing = dear.price(llm("p", "m", Map.of("input_tokens", 10_000_000_000L)), NOON);

      assertThat(pricing.status()).isEqualTo(CostStatus.UNPRICED);
      assertThat(pricing.listPico()).isZero();
      assertThat(pricing.boundPico()).isEqualTo(PriceBook.MAX_LINE_PICO);
      assertThat(pricing.notes()).containsExactly(PricingNote.IMPLAUSIBLE_COST);
    }

    @Test
    void shouldRefuseNegativeUsage() {
      assertThatThrownBy(() -> book.price(llm("anthropic", "m", Map.of("input_tokens", -1L)), NOON))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("usage.input_tokens: expected 0 or more, found -1");
    }
  }

  @Nested
  class Tools {

    private final PriceBook book =
        book(
            alias(tool("anthropic", "web_search", "calls", "0.01"), "web_search_20250305"),
            tool("*", "ocr", "pages", "0.002"),
            tool("*", "ocr", "calls", "0.1"),
            tool("local", "*", "calls", "0"));

    @ParameterizedTest
    @CsvSource({
      "anthropic, web_search, 0.01, EXACT, OWN",
      "anthropic, web_search_20250305, 0.01, ALIAS, OWN",
      "openai, ocr, 0.1, EXACT, ANY",
      ", ocr, 0.1, EXACT, ANY",
      "local, Bash, 0, EVERY_TOOL, OWN",
      "local, ocr, 0.1, EXACT, ANY"
    })
    void shouldPriceOneCall(
        String provider, String name, String price, MatchRule rule, ProviderRule providerRule) {
      Pricing pricing = book.price(toolCall(provider, name, Map.of()), NOON);

      assertThat(pricing.status()).isEqualTo(CostStatus.PRICED);
      assertThat(cost(pricing)).isEqualByComparingTo(price);
      assertThat(pricing.matchRule()).isEqualTo(rule);
      assertThat(pricing.providerRule()).isEqualTo(providerRule);
      assertThat(pricing.lines()).extracting(Line::unit).containsExactly("calls");
    }

    @Test
    void shouldChargeTheCallBesideItsUnitsWhenBothHaveAPrice() {
      Pricing pricing = book.price(toolCall("p", "ocr", Map.of("pages", 3L)), NOON);

      assertThat(cost(pricing)).isEqualByComparingTo("0.106");
    }

    @Test
    void shouldNotCountACallTwice() {
      assertThat(cost(book.price(toolCall("p", "ocr", Map.of("calls", 2L)), NOON)))
          .isEqualByComparingTo("0.2");
      assertThat(cost(book.price(toolCall("p", "ocr", Map.of("calls", 0L)), NOON)))
          .isEqualByComparingTo("0");
    }

    @ParameterizedTest
    @CsvSource({"anthropic, Bash", ", Bash", "openai, web_search"})
    void shouldBeUnpricedWithoutBoundWhenTheToolIsUnknown(String provider, String name) {
      Pricing pricing = book.price(toolCall(provider, name, Map.of()), NOON);

      assertThat(pricing.status()).isEqualTo(CostStatus.UNPRICED);
      assertThat(pricing.lines())
          .containsExactly(new Line("calls", 1, -1, 0, 0, -1, null, null, List.of()));
    }

    @Test
    void shouldBoundUnknownToolsWhenTold() {
      PriceBook bounded = new PriceBook("USD", UnpricedBound.DEAREST.withToolCall(Pico.ONE / 100));

      assertThat(bound(bounded.price(toolCall(null, "Bash", Map.of()), NOON)))
          .isEqualByComparingTo("0.01");
    }

    @Test
    void shouldTakeTheRowOfEveryProviderWhileTheOwnRowDoesNotHold() {
      PriceBook late =
          book(
              during(tool("p", "t", "calls", "9"), "2030-01-01T00:00:00Z", null),
              tool("*", "*", "calls", "1"));

      assertThat(cost(late.price(toolCall("p", "t", Map.of()), NOON))).isEqualByComparingTo("1");
    }
  }

  @Nested
  class Change {

    @Test
    void shouldReplaceThePriceWithTheSameId() {
      PriceBook book = book(model("p", "m", "input_tokens", "1"));
      AgentSpan span = llm("p", "m", ONE_INPUT);
      assertThat(cost(book.price(span, NOON))).isEqualByComparingTo("1");

      book.put(model("p", "m", "input_tokens", "2"));

      assertThat(cost(book.price(span, NOON))).isEqualByComparingTo("2");
      assertThat(book.size()).isEqualTo(1);
      assertThat(book.entries()).hasSize(1);
    }

    @Test
    void shouldMoveAPriceWhoseIdNowNamesAnotherModel() {
      PriceEntry before = alias(model("p", "m", "input_tokens", "1"), "old");
      PriceEntry after = alias(model("p", "n", "output_tokens", "2"), "new");
      after.setPriceId(before.getPriceId());
      PriceBook book = book(before, after);

      assertThat(book.size()).isEqualTo(1);
      assertThat(book.price(llm("p", "m", ONE_INPUT), NOON).sku()).isNull();
      assertThat(book.price(llm("p", "old", ONE_INPUT), NOON).sku()).isNull();
      assertThat(cost(book.price(llm("p", "new", Map.of("output_tokens", 1L)), NOON)))
          .isEqualByComparingTo("2");
    }

    @Test
    void shouldForgetARemovedPriceAndItsAliases() {
      PriceEntry entry = alias(model("p", "m", "input_tokens", "1"), "x");
      PriceBook book = book(entry);
      assertThat(book.price(llm("p", "x", ONE_INPUT), NOON).sku()).isEqualTo("m");

      book.remove(entry.getPriceId());
      book.remove("never there");

      assertThat(book.size()).isZero();
      assertThat(book.price(llm("p", "x", ONE_INPUT), NOON).sku()).isNull();
      assertThat(book.price(llm("p", "m", ONE_INPUT), NOON).boundPico()).isZero();
    }

    @Test
    void shouldRefuseAnExchangeRateIntoAnotherCurrency() {
      PriceEntry rate = Prices.entry(PriceKind.CURRENCY, "databricks", "DBU", "*", "0.07");
      rate.setCurrency("EUR");

      assertThatThrownBy(() -> book(rate))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("currency: expected the book's USD, found EUR");
    }

    @Test
    void shouldRefuseAFaultyPriceAndNameEveryFault() {
      PriceEntry entry = model("p", "m", "input_tokens", "1");
      entry.setSku("");
      entry.setPrice(new BigDecimal("-1"));
      entry.setCurrency("$");
      entry.setValidTo(entry.getValidFrom());
      PriceBook book = new PriceBook("USD");

      assertThatThrownBy(() -> book.put(entry))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("sku: expected a name, found nothing")
          .hasMessageContaining("price: expected 0 or more, found -1")
          .hasMessageContaining("currency: expected an ISO 4217 code such as USD, or the name")
          .hasMessageContaining("valid_to: expected an instant after valid_from");
      assertThat(book.size()).isZero();
    }

    @Test
    void shouldLoadTwentyThousandPricesWellWithinASecond() {
      List<PriceEntry> entries = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        entries.add(
            alias(model("p" + i % 40, "m" + i / 5, "unit_" + i % 5 + "_tokens", "1"), "a" + i / 5));
      }
      PriceBook book = new PriceBook("USD");

      long start = System.nanoTime();
      entries.forEach(book::put);
      Duration took = Duration.ofNanos(System.nanoTime() - start);

      assertThat(book.size()).isEqualTo(20_000);
      assertThat(took).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void shouldShowReadersEitherTheOldPriceOrTheNewWhilePricesChange() {
      PriceBook book = book(model("p", "m", "input_tokens", "1"));
      AgentSpan span = llm("p", "m", ONE_INPUT);
      AtomicBoolean done = new AtomicBoolean();
      CompletableFuture<Void> writer =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 20_000; i++) {
                  book.put(model("p", "m", "input_tokens", i % 2 == 0 ? "2" : "1"));
                  book.put(model("p", "other" + i % 7, "input_tokens", "1"));
                }
                done.set(true);
              });

      while (!done.get()) {
        Pricing pricing = book.price(span, NOON);
        assertThat(pricing.listPico()).isIn(Pico.ONE, 2 * Pico.ONE);
        assertThat(pricing.status()).isEqualTo(CostStatus.PRICED);
        if (writer.isCompletedExceptionally()) {
          break;
        }
      }
      writer.join();
      assertThat(cost(book.price(span, NOON))).isEqualByComparingTo("1");
    }
  }
}
