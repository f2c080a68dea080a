package io.fuseline.enrichment.price;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.price.Pricing.Line;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.schemas.SpanKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** The price book against a search through the list of entries in plain decimals. */
class PriceBookProperties {

  private static final List<String> UNITS =
      List.of("input_tokens", "output_tokens", "reasoning_tokens", "cache_read_tokens");
  private static final List<String> TIERS = List.of("standard", "batch", "provisioned");

  @Property(tries = 2000)
  void shouldCostWhatPlainDecimalsSay(
      @ForAll("entries") List<PriceEntry> entries, @ForAll("works") Billable work) {
    Map<String, PriceEntry> byId = byId(entries);
    PriceBook book = book(byId.values());
    Oracle oracle = new Oracle(byId.values(), work);

    Pricing pricing = book.price(work);

    int unpriced = 0;
    for (Line line : pricing.lines()) {
      Optional<Oracle.Cost> cost = oracle.cost(line.unit(), line.quantity());
      assertThat(line.priced()).as(line.unit()).isEqualTo(cost.isPresent());
      unpriced += cost.isPresent() ? 0 : 1;
      if (cost.isPresent()) {
        assertThat(Pico.toDecimal(line.listPico())).isEqualTo(cost.get().list().rounded());
        assertThat(Pico.toDecimal(line.contractedPico()))
            .isEqualTo(cost.get().contracted().rounded());
      } else {
        assertThat(line.boundPico()).isEqualTo(bound(byId.values(), line.unit(), line.quantity()));
      }
    }
    assertThat(pricing.lines()).extracting(Line::unit).hasSameElementsAs(work.usage().keySet());
    assertThat(pricing.listPico())
        .isEqualTo(pricing.lines().stream().mapToLong(Line::listPico).sum());
    assertThat(pricing.contractedPico())
        .isEqualTo(pricing.lines().stream().mapToLong(Line::contractedPico).sum());
    assertThat(pricing.status())
        .isEqualTo(
            unpriced == 0
                ? CostStatus.PRICED
                : unpriced == work.usage().size() ? CostStatus.UNPRICED : CostStatus.PARTIAL);
    assertThat(byId.keySet()).containsAll(pricing.priceIds());
  }

  @Property(tries = 300)
  void shouldNotDependOnTheOrderOfThePrices(
      @ForAll("entries") List<PriceEntry> entries,
      @ForAll("works") Billable work,
      @ForAll Random random) {
    List<PriceEntry> once = new ArrayList<>(byId(entries).values());
    PriceBook book = book(once);
    Collections.shuffle(once, random);
    PriceBook shuffled = book(once);

    assertThat(shuffled.price(work).lines()).isEqualTo(book.price(work).lines());
    assertThat(shuffled.price(work).notes()).isEqualTo(book.price(work).notes());
  }

  @Property(tries = 300)
  void shouldForgetWhatIsReplacedOrRemoved(
      @ForAll("entries") List<PriceEntry> before,
      @ForAll("entries") List<PriceEntry> after,
      @ForAll("works") Billable work) {
    PriceBook book = book(byId(before).values());
    book.price(work);
    byId(before).keySet().stream().filter(id -> !byId(after).containsKey(id)).forEach(book::remove);
    byId(after).values().forEach(book::put);

    assertThat(book.size()).isEqualTo(byId(after).size());
    assertThat(book.price(work).lines()).isEqualTo(book(byId(after).values()).price(work).lines());
  }

  @Property(tries = 300)
  void shouldRaiseItsVersionWithEveryChangeAndWithNothingElse(
      @ForAll("entries") List<PriceEntry> entries) {
    PriceBook book = book(List.of());
    for (PriceEntry entry : entries) {
      long before = book.version();
      boolean changes = !book.entries().contains(entry);
      book.put(PriceEntry.newBuilder(entry).build());
      assertThat(book.version()).isEqualTo(changes ? before + 1 : before);
    }
    long before = book.version();
    book.remove("never there");
    assertThat(book.version()).isEqualTo(before);
  }

  @Property(tries = 200)
  void shouldComeBackFromItsFile(@ForAll("entries") List<PriceEntry> entries) {
    Map<String, PriceEntry> byId = byId(entries);

    List<PriceEntry> read = PriceFile.parse(PriceFile.format(byId.values()), "prices.yaml");

    assertThat(read).containsExactlyInAnyOrderElementsOf(byId.values());
  }

  /** The dearest list price in dollars of the unit, else of any token unit; -1 without one. */
  private static long bound(Collection<PriceEntry> entries, String unit, long quantity) {
    for (String of : List.of(unit, "")) {
      Optional<BigDecimal> dearest =
          entries.stream()
              .filter(entry -> entry.getKind() == PriceKind.MODEL)
              .filter(entry -> entry.getBasis() == PriceBasis.PER_UNIT)
              .filter(entry -> entry.getTenantId() == null)
              .filter(entry -> entry.getCurrency().equals("USD"))
              .filter(entry -> of.isEmpty() || entry.getUnit().equals(of))
              .map(PriceEntry::getPrice)
              .max(Comparator.naturalOrder());
      if (dearest.isPresent()) {
        return Math.multiplyExact(Pico.of(dearest.get()), quantity);
      }
    }
    return -1;
  }

  private static Map<String, PriceEntry> byId(List<PriceEntry> entries) {
    Map<String, PriceEntry> byId = new LinkedHashMap<>();
    entries.forEach(entry -> byId.put(entry.getPriceId(), entry));
    return byId;
  }

  private static PriceBook book(Collection<PriceEntry> entries) {
    PriceBook book = new PriceBook("USD");
    entries.forEach(book::put);
    return book;
  }

  @Provide
  Arbitrary<List<PriceEntry>> entries() {
    Arbitrary<PriceEntry> anything =
        Arbitraries.frequencyOf(
            Tuple.of(8, entries(PriceBasis.PER_UNIT)),
            Tuple.of(3, entries(PriceBasis.MULTIPLIER)),
            Tuple.of(1, entries(PriceBasis.COMMITMENT)),
            Tuple.of(1, rates()));
    return anything.list().ofMaxSize(60);
  }

  private static Arbitrary<PriceEntry> entries(PriceBasis basis) {
    boolean factor = basis == PriceBasis.MULTIPLIER;
    Arbitrary<String> skus = factor ? Arbitraries.of("a", "b", "*") : Arbitraries.of("a", "b");
    Arbitrary<String> units =
        factor ? Arbitraries.of("input_tokens", "output_tokens", "*") : Arbitraries.of(UNITS);
    Arbitrary<BigDecimal> prices =
        factor
            ? Arbitraries.bigDecimals().between(BigDecimal.ZERO, BigDecimal.valueOf(3)).ofScale(3)
            : Arbitraries.bigDecimals()
                .between(BigDecimal.ZERO, new BigDecimal("0.01"))
                .ofScale(12);
    Arbitrary<PriceEntry> plain =
        Combinators.combine(skus, units, prices, Arbitraries.of(TIERS), days(), tenants())
            .as(
                (sku, unit, price, tier, days, tenant) -> {
                  PriceEntry entry = Prices.model("p", sku, unit, "0");
                  entry.setBasis(basis);
                  entry.setPrice(price.setScale(12));
                  entry.setServiceTier(tier);
                  entry.setTenantId(tenant);
                  during(entry, days);
                  return entry;
                });
    return Combinators.combine(
            plain,
            Arbitraries.of(0L, 0L, 100L, 200L),
            Arbitraries.of("eu", "eu-west-1", "us").injectNull(0.6),
            Arbitraries.integers().between(0, 23).injectNull(0.7),
            Arbitraries.of("USD", "USD", "USD", "DBU"),
            Arbitraries.longs().between(1, 7_000))
        .as(
            (entry, band, region, hour, currency, capacity) -> {
              entry.setBandFrom(band);
              entry.setRegion(region);
              entry.setDailyFromMinute(hour == null ? null : hour * 60);
              entry.setDailyToMinute(hour == null ? null : (hour * 60 + 700) % 1440);
              entry.setCurrency(factor ? "USD" : currency);
              entry.setCapacity(basis == PriceBasis.COMMITMENT ? capacity : null);
              return Prices.withId(entry);
            });
  }

  private static Arbitrary<PriceEntry> rates() {
    return Combinators.combine(
            Arbitraries.bigDecimals().between(BigDecimal.ZERO, BigDecimal.ONE).ofScale(4),
            days(),
            tenants())
        .as(
            (price, days, tenant) -> {
              PriceEntry entry = Prices.entry(PriceKind.CURRENCY, "p", "DBU", "*", "0");
              entry.setPrice(price.setScale(12));
              entry.setTenantId(tenant);
              during(entry, days);
              return Prices.withId(entry);
            });
  }

  @Provide
  Arbitrary<Billable> works() {
    Arbitrary<Map<String, Long>> usage =
        Arbitraries.maps(
                Arbitraries.of(UNITS),
                Arbitraries.oneOf(
                    Arbitraries.longs().between(1, 250), Arbitraries.longs().between(1, 900_000)))
            .ofMinSize(1)
            .ofMaxSize(4);
    Arbitrary<Long> times =
        Arbitraries.longs()
            .between(-1, 21 * 24 * 60)
            .map(minute -> Prices.micros(day(0)) + minute * 60_000_000);
    return Combinators.combine(
            Arbitraries.of("a", "b"),
            Arbitraries.of(TIERS),
            Arbitraries.of("", "t", "u"),
            Arbitraries.of("eu", "eu-west-1", "eu-west-2", "europe", "us-east-1").injectNull(0.3),
            usage,
            times)
        .as(
            (model, tier, tenant, region, units, time) ->
                new Billable(
                    SpanKind.LLM,
                    tenant,
                    "p",
                    null,
                    model,
                    null,
                    null,
                    tier,
                    region,
                    units,
                    -1,
                    0,
                    time));
  }

  /** First day, number of days (null: open), day it was known (null: not told). */
  private static Arbitrary<List<Integer>> days() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 10),
            Arbitraries.integers().between(1, 10).injectNull(0.6),
            Arbitraries.integers().between(0, 3).injectNull(0.5))
        .as(Arrays::asList);
  }

  private static Arbitrary<String> tenants() {
    return Arbitraries.of("t", "u").injectNull(0.7);
  }

  private static void during(PriceEntry entry, List<Integer> days) {
    entry.setValidFrom(day(days.get(0)));
    entry.setValidTo(days.get(1) == null ? null : day(days.get(0) + days.get(1)));
    entry.setKnownSince(days.get(2) == null ? null : day(days.get(2)));
  }

  private static Instant day(int day) {
    return Prices.NEW_YEAR.plus(day, ChronoUnit.DAYS);
  }
}
