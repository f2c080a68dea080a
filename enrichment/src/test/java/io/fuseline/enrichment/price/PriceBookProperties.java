package io.fuseline.enrichment.price;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.price.Pricing.Line;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.PriceEntry;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The price book against a search through the list of entries in plain decimals. */
class PriceBookProperties {

  private static final List<String> UNITS =
      List.of("input_tokens", "output_tokens", "reasoning_tokens", "cache_read_tokens");
  private static final List<String> TIERS = List.of("standard", "batch", "flex");

  @Property
  void shouldCostWhatPlainDecimalsSay(
      @ForAll("entries") List<PriceEntry> entries,
      @ForAll("spans") AgentSpan span,
      @ForAll("times") long time) {
    PriceBook book = new PriceBook("USD");
    entries.forEach(book::put);
    Map<String, PriceEntry> byId = new HashMap<>();
    entries.forEach(entry -> byId.put(entry.getPriceId(), entry));

    Pricing pricing = book.price(span, time);

    BigDecimal cost = BigDecimal.ZERO;
    BigDecimal bound = BigDecimal.ZERO;
    int unpriced = 0;
    for (Map.Entry<String, Long> used : span.getUsage().entrySet()) {
      BigDecimal quantity = BigDecimal.valueOf(used.getValue());
      Optional<BigDecimal> price = oracle(byId, span, used.getKey(), time);
      if (price.isPresent()) {
        cost = cost.add(price.get().multiply(quantity));
      } else {
        unpriced++;
        bound = bound.add(oracleBound(byId, span.getProvider(), used.getKey()).multiply(quantity));
      }
    }
    assertThat(Pico.toDecimal(pricing.listPico())).isEqualByComparingTo(cost);
    assertThat(Pico.toDecimal(pricing.boundPico())).isEqualByComparingTo(bound);
    assertThat(pricing.status())
        .isEqualTo(
            unpriced == 0
                ? CostStatus.PRICED
                : unpriced == span.getUsage().size() ? CostStatus.UNPRICED : CostStatus.PARTIAL);
    assertThat(pricing.lines().stream().mapToLong(Line::listPico).sum())
        .isEqualTo(pricing.listPico());
    assertThat(pricing.lines()).hasSize(span.getUsage().size());
  }

  @Property(tries = 200)
  void shouldNotDependOnTheOrderOfThePrices(
      @ForAll("entries") List<PriceEntry> entries,
      @ForAll("spans") AgentSpan span,
      @ForAll("times") long time) {
    Map<String, PriceEntry> byId = new HashMap<>();
    entries.forEach(entry -> byId.put(entry.getPriceId(), entry));
    PriceBook forwards = new PriceBook("USD");
    PriceBook backwards = new PriceBook("USD");
    List<PriceEntry> once = List.copyOf(byId.values());
    once.forEach(forwards::put);
    for (int i = once.size() - 1; i >= 0; i--) {
      backwards.put(once.get(i));
    }

    assertThat(forwards.price(span, time).lines()).isEqualTo(backwards.price(span, time).lines());
  }

  @Property(tries = 200)
  void shouldBeEmptyAgainWhenEveryPriceIsRemoved(
      @ForAll("entries") List<PriceEntry> entries,
      @ForAll("spans") AgentSpan span,
      @ForAll("times") long time) {
    PriceBook book = new PriceBook("USD");
    entries.forEach(book::put);
    book.price(span, time);
    entries.forEach(entry -> book.remove(entry.getPriceId()));

    Pricing pricing = book.price(span, time);

    assertThat(book.size()).isZero();
    assertThat(pricing.status()).isEqualTo(CostStatus.UNPRICED);
    assertThat(pricing.listPico()).isZero();
    assertThat(pricing.boundPico()).isZero();
  }

  @Property(tries = 200)
  void shouldComeBackFromItsFile(@ForAll("entries") List<PriceEntry> entries) {
    Map<String, PriceEntry> byId = new HashMap<>();
    entries.forEach(entry -> byId.put(entry.getPriceId(), entry));

    List<PriceEntry> read = PriceFile.parse(PriceFile.format(byId.values()), "prices.yaml");

    assertThat(read).containsExactlyInAnyOrderElementsOf(byId.values());
  }

  /** Own tier before standard; the unit before the one that stands in for it; newest validity. */
  private static Optional<BigDecimal> oracle(
      Map<String, PriceEntry> entries, AgentSpan span, String unit, long time) {
    Optional<BigDecimal> found = Optional.empty();
    for (String tier : List.of(span.getServiceTier(), "standard")) {
      for (String candidate :
          unit.equals("reasoning_tokens") ? List.of(unit, "output_tokens") : List.of(unit)) {
        if (found.isEmpty()) {
          found =
              entries.values().stream()
                  .filter(entry -> entry.getProvider().equals(span.getProvider()))
                  .filter(entry -> entry.getSku().equals(span.getResponseModel()))
                  .filter(entry -> entry.getUnit().equals(candidate))
                  .filter(entry -> entry.getServiceTier().equals(tier))
                  .filter(entry -> Prices.micros(entry.getValidFrom()) <= time)
                  .filter(
                      entry ->
                          entry.getValidTo() == null || time < Prices.micros(entry.getValidTo()))
                  .max(Comparator.comparing(PriceEntry::getValidFrom))
                  .map(PriceEntry::getPrice);
        }
      }
    }
    return found;
  }

  private static BigDecimal oracleBound(
      Map<String, PriceEntry> entries, String provider, String unit) {
    for (String at : List.of(provider, "")) {
      for (String of : List.of(unit, "")) {
        Optional<BigDecimal> dearest =
            entries.values().stream()
                .filter(entry -> at.isEmpty() || entry.getProvider().equals(at))
                .filter(entry -> of.isEmpty() || entry.getUnit().equals(of))
                .map(PriceEntry::getPrice)
                .max(Comparator.naturalOrder());
        if (dearest.isPresent()) {
          return dearest.get();
        }
      }
    }
    return BigDecimal.ZERO;
  }

  @Provide
  Arbitrary<List<PriceEntry>> entries() {
    Arbitrary<PriceEntry> entry =
        Combinators.combine(
                Arbitraries.of("anthropic", "openai"),
                Arbitraries.of("a", "b", "c/d"),
                Arbitraries.of(UNITS),
                Arbitraries.of(TIERS),
                Arbitraries.bigDecimals()
                    .between(BigDecimal.ZERO, new BigDecimal("0.01"))
                    .ofScale(12),
                Arbitraries.integers().between(0, 10),
                Arbitraries.integers().between(1, 10).injectNull(0.5))
            .as(PriceBookProperties::entry);
    return entry.list().ofMaxSize(60);
  }

  @Provide
  Arbitrary<AgentSpan> spans() {
    Arbitrary<Map<String, Long>> usage =
        Arbitraries.maps(Arbitraries.of(UNITS), Arbitraries.longs().between(1, 1_000_000))
            .ofMinSize(1)
            .ofMaxSize(4);
    return Combinators.combine(
            Arbitraries.of("anthropic", "openai"),
            Arbitraries.of("a", "b", "c/d"),
            Arbitraries.of(TIERS),
            usage)
        .as(
            (provider, model, tier, units) -> {
              AgentSpan span = Prices.llm(provider, model, units);
              span.setServiceTier(tier);
              return span;
            });
  }

  @Provide
  Arbitrary<Long> times() {
    return Arbitraries.integers()
        .between(-1, 21)
        .flatMap(
            days -> Arbitraries.of(-1L, 0L, 1L).map(micro -> Prices.micros(day(days)) + micro));
  }

  private static PriceEntry entry(
      String provider,
      String sku,
      String unit,
      String tier,
      BigDecimal price,
      int fromDay,
      Integer days) {
    PriceEntry entry = Prices.model(provider, sku, unit, "0");
    entry.setPrice(price);
    entry.setServiceTier(tier);
    entry.setValidFrom(day(fromDay));
    entry.setValidTo(days == null ? null : day(fromDay + days));
    return Prices.withId(entry);
  }

  private static Instant day(int day) {
    return Prices.NEW_YEAR.plus(day, ChronoUnit.DAYS);
  }
}
