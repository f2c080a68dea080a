package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a model call costs, by a search through all entries and in plain decimals. Names are exact;
 * provider and model of the work are those of the entries.
 */
final class Oracle {

  private static final Map<String, String> STANDS_IN =
      Map.of(
          "reasoning_tokens", "output_tokens",
          "cache_read_tokens", "input_tokens");

  private final Collection<PriceEntry> entries;
  private final Billable work;

  Oracle(Collection<PriceEntry> entries, Billable work) {
    this.entries = entries;
    this.work = work;
  }

  /** List and contracted cost of the unit; empty if it has no price. */
  Optional<Cost> cost(String unit, long quantity) {
    Optional<PriceEntry> list = list(unit);
    Optional<PriceEntry> contract = contract(unit, list);
    if (list.isEmpty() && contract.isEmpty()) {
      return Optional.empty();
    }
    Fraction uplift = factors(unit, null);
    Optional<Fraction> listRate =
        list.isEmpty() ? Optional.of(Fraction.ONE) : rate(list.get(), null);
    Optional<Fraction> contractRate = rate(contract.orElseGet(list::get), work.tenant());
    if (listRate.isEmpty() || contractRate.isEmpty()) {
      return Optional.empty();
    }
    Fraction contracted;
    if (contract.isEmpty()) {
      contracted =
          price(list.get())
              .times(uplift)
              .times(factors(unit, work.tenant()))
              .times(contractRate.get());
    } else if (contract.get().getBasis() == PriceBasis.COMMITMENT) {
      contracted = price(contract.get()).times(contractRate.get());
    } else {
      contracted = price(contract.get()).times(uplift).times(contractRate.get());
    }
    Fraction listed =
        list.isEmpty() ? contracted : price(list.get()).times(uplift).times(listRate.get());
    return Optional.of(new Cost(listed.times(quantity), contracted.times(quantity)));
  }

  private Optional<PriceEntry> list(String unit) {
    String standIn = STANDS_IN.get(unit);
    boolean ownPrice = listed().anyMatch(entry -> entry.getUnit().equals(unit) && isValid(entry));
    boolean both = unit.equals("reasoning_tokens");
    return listed()
        .filter(entry -> entry.getUnit().equals(unit) ? both || ownPrice : both || !ownPrice)
        .filter(entry -> entry.getUnit().equals(unit) || entry.getUnit().equals(standIn))
        .filter(entry -> List.of(work.serviceTier(), "standard").contains(entry.getServiceTier()))
        .filter(this::holds)
        .max(fit(unit));
  }

  private Optional<PriceEntry> contract(String unit, Optional<PriceEntry> list) {
    String standIn = STANDS_IN.get(unit);
    boolean mayStandIn =
        unit.equals("reasoning_tokens") || list.isEmpty() || !list.get().getUnit().equals(unit);
    boolean standardToo = list.isEmpty() || list.get().getServiceTier().equals("standard");
    for (String tier :
        standardToo ? List.of(work.serviceTier(), "standard") : List.of(work.serviceTier())) {
      for (String tenant : new String[] {work.tenant(), null}) {
        Optional<PriceEntry> found =
            sku(work.responseModel())
                .filter(
                    entry ->
                        entry.getBasis() == PriceBasis.COMMITMENT
                            || entry.getBasis() == PriceBasis.PER_UNIT
                                && entry.getTenantId() != null)
                .filter(entry -> Objects.equals(entry.getTenantId(), tenant))
                .filter(entry -> entry.getServiceTier().equals(tier))
                .filter(
                    entry ->
                        entry.getUnit().equals(unit)
                            || mayStandIn && entry.getUnit().equals(standIn))
                .filter(this::holds)
                .max(fit(unit));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /** Of the factors that differ in band, region, window or validity only, the best; multiplied. */
  private Fraction factors(String unit, String tenant) {
    Map<List<Object>, PriceEntry> best = new HashMap<>();
    Stream.of(work.responseModel(), "*")
        .flatMap(this::sku)
        .filter(entry -> entry.getBasis() == PriceBasis.MULTIPLIER)
        .filter(entry -> Objects.equals(entry.getTenantId(), tenant))
        .filter(entry -> List.of(unit, "*").contains(entry.getUnit()))
        .filter(entry -> List.of(work.serviceTier(), "standard").contains(entry.getServiceTier()))
        .filter(this::holds)
        .forEach(
            entry ->
                best.merge(
                    List.of(
                        entry.getSku(),
                        entry.getUnit(),
                        entry.getServiceTier(),
                        entry.getRegion() == null,
                        entry.getDailyFromMinute() == null,
                        entry.getBandFrom() == 0),
                    entry,
                    (one, other) -> FACTOR_FIT.compare(one, other) > 0 ? one : other));
    Fraction product = Fraction.ONE;
    for (PriceEntry factor : best.values()) {
      product = product.times(Fraction.of(factor.getPrice()));
    }
    return product;
  }

  private Optional<Fraction> rate(PriceEntry price, String tenant) {
    if (price.getCurrency().equals("USD")) {
      return Optional.of(Fraction.ONE);
    }
    for (String whose : new String[] {tenant, null, work.tenant()}) {
      Optional<PriceEntry> rate =
          entries.stream()
              .filter(entry -> entry.getKind() == PriceKind.CURRENCY)
              .filter(entry -> entry.getProvider().equals(work.provider()))
              .filter(entry -> entry.getSku().equals(price.getCurrency()))
              .filter(entry -> Objects.equals(entry.getTenantId(), whose))
              .filter(this::holds)
              .max(NEWEST);
      if (rate.isPresent()) {
        return rate.map(entry -> Fraction.of(entry.getPrice()).over(BigInteger.ONE));
      }
    }
    return Optional.empty();
  }

  private Stream<PriceEntry> listed() {
    return sku(work.responseModel())
        .filter(entry -> entry.getBasis() == PriceBasis.PER_UNIT && entry.getTenantId() == null);
  }

  private Stream<PriceEntry> sku(String name) {
    return entries.stream()
        .filter(entry -> entry.getKind() == PriceKind.MODEL)
        .filter(entry -> entry.getProvider().equals(work.provider()))
        .filter(entry -> entry.getSku().equals(name));
  }

  private boolean isValid(PriceEntry entry) {
    long at = work.eventTimeMicros();
    return Prices.micros(entry.getValidFrom()) <= at
        && (entry.getValidTo() == null || at < Prices.micros(entry.getValidTo()));
  }

  private boolean holds(PriceEntry entry) {
    long input =
        work.usage().entrySet().stream()
            .filter(used -> !List.of("output_tokens", "reasoning_tokens").contains(used.getKey()))
            .mapToLong(Map.Entry::getValue)
            .sum();
    long minute = Math.floorMod(work.eventTimeMicros() / 60_000_000, 1440);
    Integer from = entry.getDailyFromMinute();
    Integer to = entry.getDailyToMinute();
    boolean inWindow =
        from == null || (from < to ? from <= minute && minute < to : from <= minute || minute < to);
    boolean inRegion =
        entry.getRegion() == null
            || work.region() != null && (work.region() + "-").startsWith(entry.getRegion() + "-");
    return isValid(entry) && inWindow && inRegion && input >= entry.getBandFrom();
  }

  private static final Comparator<PriceEntry> NEWEST =
      Comparator.comparing(PriceEntry::getValidFrom)
          .thenComparing(
              PriceEntry::getKnownSince, Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparing(PriceEntry::getPriceId);

  private static final Comparator<PriceEntry> FACTOR_FIT =
      Comparator.comparing(PriceEntry::getBandFrom)
          .thenComparing(entry -> entry.getRegion() == null ? 0 : entry.getRegion().length())
          .thenComparing(entry -> entry.getDailyFromMinute() != null)
          .thenComparing(NEWEST);

  /** The order of the documentation: band, tier, own unit, region, window, newest. */
  private Comparator<PriceEntry> fit(String unit) {
    return Comparator.comparing(PriceEntry::getBandFrom)
        .thenComparing(entry -> entry.getServiceTier().equals(work.serviceTier()))
        .thenComparing(entry -> entry.getUnit().equals(unit))
        .thenComparing(entry -> entry.getRegion() == null ? 0 : entry.getRegion().length())
        .thenComparing(entry -> entry.getDailyFromMinute() != null)
        .thenComparing(NEWEST);
  }

  private static Fraction price(PriceEntry entry) {
    Fraction price = Fraction.of(entry.getPrice());
    return entry.getBasis() == PriceBasis.COMMITMENT
        ? price.over(BigInteger.valueOf(entry.getCapacity()))
        : price;
  }

  /** What a line costs, exact. */
  record Cost(Fraction list, Fraction contracted) {}

  /** A decimal over a whole number, exact. */
  record Fraction(BigDecimal numerator, BigInteger denominator) {
    static final Fraction ONE = of(BigDecimal.ONE);

    static Fraction of(BigDecimal number) {
      return new Fraction(number, BigInteger.ONE);
    }

    Fraction times(Fraction other) {
      return new Fraction(
          numerator.multiply(other.numerator), denominator.multiply(other.denominator));
    }

    Fraction times(long quantity) {
      return new Fraction(numerator.multiply(BigDecimal.valueOf(quantity)), denominator);
    }

    Fraction over(BigInteger divisor) {
      return new Fraction(numerator, denominator.multiply(divisor));
    }

    BigDecimal rounded() {
      return numerator.divide(new BigDecimal(denominator), 12, RoundingMode.HALF_EVEN);
    }
  }
}
