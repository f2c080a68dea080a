package io.fuseline.enrichment.price;

import io.fuseline.enrichment.price.Pricing.Lines;
import io.fuseline.schemas.PriceBasis;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The arithmetic of the book: which rows hold for a span, and what they make it cost. */
final class Pricer {

  private static final Row[] NONE = {};
  private static final long MICROS_OF_SECOND = 1_000_000;

  private final Answers answers;
  private final UnpricedBound unpricedBound;
  private final boolean pricesHumans;

  /**
   * @param pricesHumans whether the book has any price of human time
   */
  Pricer(Answers answers, UnpricedBound unpricedBound, boolean pricesHumans) {
    this.answers = answers;
    this.unpricedBound = unpricedBound;
    this.pricesHumans = pricesHumans;
  }

  /** See {@link PriceBook#price(Billable)}. */
  Pricing price(Billable work) {
    String model = model(work);
    String tool = blankToNull(work.toolName());
    return switch (work.kind()) {
      case AGENT, WORKFLOW -> Pricing.notBillable(model == null ? tool : model);
      case LLM, EMBEDDING -> priceModel(work, model);
      case TOOL -> priceTool(work, tool);
      case HUMAN -> isHumanTime(work) ? priceHuman(work) : priceByUsage(work, model, tool);
      case RETRIEVAL, RERANK, OTHER -> priceByUsage(work, model, tool);
    };
  }

  private Pricing priceByUsage(Billable work, String model, String tool) {
    if (!hasUsage(work)) {
      return Pricing.notBillable(model == null ? tool : model);
    }
    return model == null && tool != null ? priceTool(work, tool) : priceModel(work, model);
  }

  private Pricing priceModel(Billable work, String model) {
    long micros = work.eventTimeMicros();
    String provider = work.provider();
    Map<String, Long> usage = work.usage();
    Lines lines = new Lines(usage.size());
    Found found =
        model == null ? Found.NOTHING : answers.model(work.tenant(), provider, model, micros);
    if (found.sku() == null) {
      String asked = blankToNull(work.requestModel());
      if (asked != null && !asked.equals(model)) {
        Found second = answers.model(work.tenant(), provider, asked, micros);
        if (second.sku() != null) {
          found = second;
          lines.note(PricingNote.REQUEST_MODEL_USED);
        }
      }
    }
    if (usage.isEmpty()) {
      lines.note(PricingNote.USAGE_MISSING);
    }
    Circumstances at = new Circumstances(work, found.region());
    for (Map.Entry<String, Long> used : usage.entrySet()) {
      long quantity = quantity(used);
      if (quantity > 0 && !addPriced(lines, found, used.getKey(), quantity, at)) {
        addModelBound(lines, boundProvider(found, provider), used.getKey(), quantity);
      }
    }
    return Pricing.of(lines, model, found);
  }

  private void addModelBound(Lines lines, String provider, String unit, long quantity) {
    if (unpricedBound.millionTokensPico() >= 0 && Units.countsTokens(unit)) {
      long bound = Exact.perMillion(quantity, unpricedBound.millionTokensPico());
      lines.bounded(unit, quantity, null, bound);
      return;
    }
    addBound(lines, answers.dearest(provider, unit), unit, quantity);
  }

  private static void addBound(Lines lines, Row dearest, String unit, long quantity) {
    if (dearest != null) {
      lines.bounded(unit, quantity, dearest, NONE);
    } else {
      lines.unbounded(unit, quantity);
    }
  }

  private Pricing priceTool(Billable work, String tool) {
    Found found =
        firstInForce(
            answers.tool(
                work.tenant(), work.provider(), tool == null ? "" : tool, work.eventTimeMicros()),
            work);
    Circumstances at = new Circumstances(work, null);
    Map<String, Long> usage = work.usage();
    Lines lines = new Lines(usage.size() + 1);
    for (Map.Entry<String, Long> used : usage.entrySet()) {
      long quantity = quantity(used);
      if (quantity > 0) {
        addToolLine(lines, found, used.getKey(), quantity, at, work);
      }
    }
    if (!usage.containsKey(Units.CALLS)
        && (lines.isEmpty() || pricesUnit(found, Units.CALLS, at))) {
      addToolLine(lines, found, Units.CALLS, 1, at, work);
    }
    return Pricing.of(lines, tool, found);
  }

  private void addToolLine(
      Lines lines, Found found, String unit, long quantity, Circumstances at, Billable work) {
    Row list = found.sku() == null ? null : listRow(found.sku(), unit, at);
    if (list != null && list.basis() == PriceBasis.DECLARED) {
      addDeclared(lines, found, list, quantity, at, work.declaredCostPico());
    } else if (!addPriced(lines, found, unit, quantity, at)) {
      if (unit.equals(Units.CALLS) && unpricedBound.toolCallPico() >= 0) {
        lines.bounded(unit, quantity, null, Exact.multiply(quantity, unpricedBound.toolCallPico()));
      } else {
        lines.unbounded(unit, quantity);
      }
    }
  }

  /** The tool's word counts up to its cap; beyond it, neither the word nor the cap is a price. */
  private void addDeclared(
      Lines lines, Found found, Row cap, long quantity, Circumstances at, long declared) {
    Row[] rates = rates(cap, found, at, false);
    if (rates == null) {
      lines.note(PricingNote.NO_EXCHANGE_RATE);
      lines.bounded(cap.unit(), quantity, null, declared);
      return;
    }
    long most = Exact.amount(quantity, cap, rates);
    if (declared < 0) {
      lines.note(PricingNote.DECLARED_COST_MISSING);
      lines.bounded(cap.unit(), quantity, cap, most);
    } else if (most >= 0 && declared > most || declared > PriceBook.MAX_LINE_PICO) {
      lines.note(PricingNote.DECLARED_COST_OVER_CAP);
      lines.bounded(cap.unit(), quantity, cap, declared);
    } else {
      lines.declared(cap.unit(), quantity, cap, rates, declared);
    }
  }

  /** Human time is told as usage, or else it is the span's duration where the book prices it. */
  private boolean isHumanTime(Billable work) {
    Long told = work.usage().get(Units.HUMAN_SECONDS);
    return told != null && told > 0 || pricesHumans && work.durationMicros() > 0 && !hasUsage(work);
  }

  private Pricing priceHuman(Billable work) {
    String role = blankToNull(work.agentRole());
    Found found = firstInForce(answers.human(work.provider(), role == null ? "" : role), work);
    Circumstances at = new Circumstances(work, null);
    Map<String, Long> usage = work.usage();
    Lines lines = new Lines(usage.size() + 1);
    for (Map.Entry<String, Long> used : usage.entrySet()) {
      long quantity = quantity(used);
      if (quantity > 0) {
        addHumanLine(lines, found, used.getKey(), quantity, at, work);
      }
    }
    if (lines.isEmpty()) {
      long begun = Math.floorDiv(work.durationMicros() - 1, MICROS_OF_SECOND) + 1;
      addHumanLine(lines, found, Units.HUMAN_SECONDS, begun, at, work);
    }
    return Pricing.of(lines, role, found);
  }

  private void addHumanLine(
      Lines lines, Found found, String unit, long quantity, Circumstances at, Billable work) {
    if (!addPriced(lines, found, unit, quantity, at)) {
      addBound(lines, answers.dearestHuman(work.provider(), unit), unit, quantity);
    }
  }

  /**
   * The first candidate that has any price at the time; else the first, so that the answer says
   * what was known.
   */
  private static Found firstInForce(List<Found> candidates, Billable work) {
    for (int i = 0; i < candidates.size(); i++) {
      Found candidate = candidates.get(i);
      if (candidate.sku().hasPriceAt(work.tenant(), work.eventTimeMicros())) {
        return candidate;
      }
    }
    return candidates.isEmpty() ? Found.NOTHING : candidates.get(0);
  }

  private static boolean pricesUnit(Found found, String unit, Circumstances at) {
    if (found.sku() == null) {
      return false;
    }
    Row list = listRow(found.sku(), unit, at);
    return list != null || contractRow(found, unit, null, at) != null;
  }

  /** Adds the line if the unit has a price; false, and nothing added, if it has none. */
  private boolean addPriced(
      Lines lines, Found found, String unit, long quantity, Circumstances at) {
    if (found.sku() == null) {
      return false;
    }
    Row list = listRow(found.sku(), unit, at);
    Row contract = found.contracts().length == 0 ? null : contractRow(found, unit, list, at);
    if (list == null && contract == null) {
      return false;
    }
    if (contract == null && found.factors().length == 0 && list.currency() == null) {
      noteFallbacks(lines, found, list, unit, NONE, at);
      lines.priced(unit, quantity, list);
      return true;
    }
    return addSpecial(lines, found, unit, quantity, list, contract, at);
  }

  /** A line with factors, a contract or another currency. */
  private boolean addSpecial(
      Lines lines,
      Found found,
      String unit,
      long quantity,
      Row list,
      Row contract,
      Circumstances at) {
    Row[] factors = factors(found, unit, at, false);
    Row[] rates = list == null ? NONE : rates(list, found, at, false);
    Row[] contractRates = rates(contract == null ? list : contract, found, at, true);
    if (rates == null || contractRates == null) {
      lines.note(PricingNote.NO_EXCHANGE_RATE);
      return false;
    }
    Row[] contractFactors;
    if (contract == null) {
      contractFactors = joined(joined(factors, factors(found, unit, at, true)), contractRates);
    } else if (contract.basis() == PriceBasis.COMMITMENT) {
      contractFactors = contractRates;
    } else {
      contractFactors = joined(factors, contractRates);
    }
    Row priced = list == null ? contract : list;
    noteFallbacks(lines, found, priced, unit, factors, at);
    if (list == null) {
      lines.note(PricingNote.LIST_FROM_CONTRACT);
    }
    lines.priced(
        unit,
        quantity,
        priced,
        list == null ? contractFactors : joined(factors, rates),
        contract,
        contractFactors);
    return true;
  }

  private static void noteFallbacks(
      Lines lines, Found found, Row row, String unit, Row[] factors, Circumstances at) {
    if (!row.unit().equals(unit)) {
      lines.note(PricingNote.UNIT_FELL_BACK);
    }
    if (!row.tier().equals(at.tier) && !anyInTier(factors, at.tier)) {
      lines.note(PricingNote.TIER_FELL_BACK);
    }
    if (found.region() != null && row.region() == null && !anyOfARegion(factors)) {
      lines.note(PricingNote.REGION_PREFIX_DROPPED);
    }
  }

  private static boolean anyInTier(Row[] factors, String tier) {
    for (Row factor : factors) {
      if (factor.tier().equals(tier)) {
        return true;
      }
    }
    return false;
  }

  private static boolean anyOfARegion(Row[] factors) {
    for (Row factor : factors) {
      if (factor.region() != null) {
        return true;
      }
    }
    return false;
  }

  /** The list price of the unit, or of the unit that stands in for it; null for none. */
  static Row listRow(Sku sku, String unit, Circumstances at) {
    Row[] own = sku.listed(unit);
    Units.Fallback fallback = Units.fallback(unit);
    if (fallback == null) {
      return at.best(own, NONE, true, true);
    }
    Row[] standIn = sku.listed(fallback.unit());
    if (fallback.when() == Units.When.SAME_CONDITIONS) {
      return at.best(own, standIn, true, true);
    }
    return at.anyIsValid(own) ? at.best(own, NONE, true, true) : at.best(NONE, standIn, true, true);
  }

  /**
   * The contract's price of the unit: in the span's own tier, or in the standard tier where the
   * list price is of that, too; a tenant's own before what all tenants share; null for none.
   */
  static Row contractRow(Found found, String unit, Row list, Circumstances at) {
    Row inTier = contractRow(found, unit, list, at, true);
    boolean standardToo = list == null || list.tier().equals(Tiers.STANDARD);
    return inTier == null && standardToo ? contractRow(found, unit, list, at, false) : inTier;
  }

  private static Row contractRow(
      Found found, String unit, Row list, Circumstances at, boolean ownTier) {
    Units.Fallback fallback = Units.fallback(unit);
    boolean fallsBack =
        fallback != null
            && (fallback.when() == Units.When.SAME_CONDITIONS
                || list == null
                || !list.unit().equals(unit));
    for (Sku sku : found.contracts()) {
      Row[] standIn = fallsBack ? sku.contracted(at.tenant, fallback.unit()) : NONE;
      Row row = at.best(sku.contracted(at.tenant, unit), standIn, ownTier, !ownTier);
      if (row != null) {
        return row;
      }
    }
    for (Sku sku : found.contracts()) {
      Row[] standIn = fallsBack ? sku.committed(fallback.unit()) : NONE;
      Row row = at.best(sku.committed(unit), standIn, ownTier, !ownTier);
      if (row != null) {
        return row;
      }
    }
    return null;
  }

  /**
   * The factors that hold for the unit.
   *
   * @param tenants those of the tenant; else those of the list
   */
  static Row[] factors(Found found, String unit, Circumstances at, boolean tenants) {
    Row[] picked = NONE;
    for (Row[] group : found.factors()) {
      if ((group[0].tenant() != null) == tenants) {
        Row factor = at.factor(group, unit);
        if (factor != null) {
          picked = joined(picked, new Row[] {factor});
        }
      }
    }
    return picked;
  }

  /**
   * The rate that turns the price into the book's currency.
   *
   * @param tenants whether the tenant's own rate comes first
   * @return empty if none is needed; null if there is none
   */
  private Row[] rates(Row price, Found found, Circumstances at, boolean tenants) {
    if (price.currency() == null) {
      return NONE;
    }
    Sku currency = answers.currency(found.sku().provider, price.currency());
    if (currency == null) {
      return null;
    }
    Row own = at.best(currency.contracted(at.tenant, Units.EVERY), NONE, true, true);
    Row everyones = at.best(currency.listed(Units.EVERY), NONE, true, true);
    Row rate = everyones == null || tenants && own != null ? own : everyones;
    return rate == null ? null : new Row[] {rate};
  }

  private static Row[] joined(Row[] one, Row[] other) {
    if (one.length == 0) {
      return other;
    }
    if (other.length == 0) {
      return one;
    }
    Row[] joined = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, joined, one.length, other.length);
    return joined;
  }

  private static String boundProvider(Found found, String provider) {
    return found.sku() == null || found.sku().provider.equals(ProviderNames.ANY)
        ? provider
        : found.sku().provider;
  }

  private static String model(Billable work) {
    String answered = blankToNull(work.responseModel());
    return answered != null ? answered : blankToNull(work.requestModel());
  }

  private static boolean hasUsage(Billable work) {
    for (Long quantity : work.usage().values()) {
      if (quantity > 0) {
        return true;
      }
    }
    return false;
  }

  private static long quantity(Map.Entry<String, Long> used) {
    long quantity = used.getValue();
    if (quantity < 0) {
      throw new IllegalArgumentException(
          new Fault("", 0, "usage." + used.getKey(), "0 or more", Long.toString(quantity)).message()
              + ". Check spans before pricing them.");
    }
    return quantity;
  }

  private static String blankToNull(String text) {
    return text == null || text.isBlank() ? null : text;
  }
}
