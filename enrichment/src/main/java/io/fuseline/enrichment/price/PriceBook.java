package io.fuseline.enrichment.price;

import io.fuseline.enrichment.price.Pricing.Lines;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Every price with its validity, and the arithmetic. {@link #price} says what a span costs as of
 * its event time; what has no price is UNPRICED with a conservative bound, never free.
 *
 * <p>Thread-safe. Readers take no lock; a price put or removed is seen by the spans priced after
 * it.
 */
public final class PriceBook {

  /** Highest price of one unit that is accepted: 1,000,000 of the currency. */
  public static final long MAX_PRICE_PICO = 1_000_000 * Pico.ONE;

  /**
   * Highest cost of one line: 100,000 of the currency. A dearer line is taken for a mistake,
   * bounded by this and not booked, so that the sum over the 64 units a checked span may have
   * always fits a {@code long}.
   */
  public static final long MAX_LINE_PICO = 100_000 * Pico.ONE;

  private final String currency;
  private final UnpricedBound unpricedBound;
  private final Map<String, PriceEntry> entries = new ConcurrentHashMap<>();
  private final Catalogue models = new Catalogue();
  private final Catalogue tools = new Catalogue();
  private final Object writing = new Object();

  /** Replaced after every change, so that an answer of before is never given after it. */
  private volatile Answers answers = new Answers(models, tools);

  private volatile long version;

  /** An empty book whose tools without a price have no bound. */
  public PriceBook(String currency) {
    this(currency, UnpricedBound.NO_TOOL_BOUND);
  }

  /**
   * An empty book.
   *
   * @param currency ISO 4217 code of all its prices
   */
  public PriceBook(String currency, UnpricedBound unpricedBound) {
    this.currency = Objects.requireNonNull(currency, "currency");
    this.unpricedBound = Objects.requireNonNull(unpricedBound, "unpricedBound");
  }

  /** ISO 4217 code of all prices and costs. */
  public String currency() {
    return currency;
  }

  /** Number of price entries. */
  public int size() {
    return entries.size();
  }

  /** All entries, in no order; a live view that cannot be changed. */
  public Collection<PriceEntry> entries() {
    return Collections.unmodifiableCollection(entries.values());
  }

  /**
   * Adds the entry, in place of the one with the same price id.
   *
   * @throws IllegalArgumentException if the entry is faulty ({@link PriceFaults}) or in another
   *     currency; the book is as before
   */
  public void put(PriceEntry entry) {
    List<Fault> faults = PriceFaults.of(entry);
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(
          faults.stream().map(Fault::message).collect(Collectors.joining("; ")));
    }
    if (!entry.getCurrency().equals(currency)) {
      throw new IllegalArgumentException(
          new Fault(
                      entry.getPriceId(),
                      0,
                      "currency",
                      "the book's " + currency,
                      entry.getCurrency())
                  .message()
              + ". Convert the price, or keep a book per currency.");
    }
    synchronized (writing) {
      PriceEntry old = entries.put(entry.getPriceId(), entry);
      if (entry.equals(old)) {
        return;
      }
      if (isListed(entry)) {
        catalogue(entry).put(entry);
      }
      if (old != null && isListed(old) && !(isListed(entry) && sameSku(old, entry))) {
        catalogue(old).remove(old);
      }
      changed();
    }
  }

  /** Removes the entry with the price id, if there is one. */
  public void remove(String priceId) {
    synchronized (writing) {
      PriceEntry old = entries.remove(priceId);
      if (old != null) {
        if (isListed(old)) {
          catalogue(old).remove(old);
        }
        changed();
      }
    }
  }

  private void changed() {
    answers = new Answers(models, tools);
    version++;
  }

  /** Whether the entry is a plain list price. */
  private static boolean isListed(PriceEntry entry) {
    return entry.getBasis() == PriceBasis.PER_UNIT
        && (entry.getKind() == PriceKind.MODEL || entry.getKind() == PriceKind.TOOL)
        && entry.getTenantId() == null
        && entry.getBandFrom() == 0
        && entry.getDailyFromMinute() == null;
  }

  /**
   * A number that rises with every change of the book; what was priced at a lower one may cost
   * something else now.
   */
  public long version() {
    return version;
  }

  /**
   * What the span costs, at list prices and by the contracts of the tenant it names.
   *
   * @see #price(Billable)
   */
  public Pricing price(AgentSpan span, long eventTimeMicros) {
    if (span.getPhase() == SpanPhase.START) {
      String model = model(span.getResponseModel(), span.getRequestModel());
      return Pricing.notBillable(
          span.getKind() == SpanKind.TOOL || model == null
              ? blankToNull(span.getToolName())
              : model);
    }
    return price(Billable.of(span, span.getTenantId(), eventTimeMicros, currency));
  }

  /**
   * What the work costs. A span that merely starts is not asked for.
   *
   * <p>Only leaf work is billable: an AGENT or a WORKFLOW (they repeat their children), and HUMAN,
   * OTHER, RETRIEVAL or RERANK without usage are NOT_BILLABLE. A tool call without usage counts one
   * {@code calls}.
   *
   * @param work of a checked span: at most 64 usage units, none negative
   * @throws IllegalArgumentException if a usage count is negative
   * @throws ArithmeticException if more than 90 lines of an unchecked span reach {@link
   *     #MAX_LINE_PICO}
   */
  public Pricing price(Billable work) {
    String model = model(work.responseModel(), work.requestModel());
    String tool = blankToNull(work.toolName());
    return switch (work.kind()) {
      case AGENT, WORKFLOW -> Pricing.notBillable(model == null ? tool : model);
      case LLM, EMBEDDING -> priceModel(work, model);
      case TOOL -> priceTool(work, tool);
      case RETRIEVAL, RERANK, HUMAN, OTHER -> {
        if (!hasUsage(work)) {
          yield Pricing.notBillable(model == null ? tool : model);
        }
        yield model == null && tool != null ? priceTool(work, tool) : priceModel(work, model);
      }
    };
  }

  private Pricing priceModel(Billable work, String model) {
    long micros = work.eventTimeMicros();
    Answers now = answers;
    String provider = work.provider();
    Found found = model == null ? Found.NOTHING : now.model(provider, model);
    Map<String, Long> usage = work.usage();
    Lines lines = new Lines(usage.size());
    if (found.sku() == null) {
      String asked = blankToNull(work.requestModel());
      if (asked != null && !asked.equals(model)) {
        Found second = now.model(provider, asked);
        if (second.sku() != null) {
          found = second;
          lines.note(PricingNote.REQUEST_MODEL_USED);
        }
      }
    }
    String tier = Tiers.canonical(work.serviceTier());
    String boundProvider =
        found.sku() == null || found.sku().provider.equals(ProviderNames.ANY)
            ? provider
            : found.sku().provider;
    for (Map.Entry<String, Long> used : usage.entrySet()) {
      long quantity = quantity(used);
      if (quantity == 0) {
        continue;
      }
      String unit = used.getKey();
      Row row = find(found.sku(), unit, tier, work.region(), micros, lines);
      if (row != null) {
        lines.priced(unit, quantity, row);
        continue;
      }
      Row dearest = now.dearest(boundProvider, unit);
      if (dearest != null) {
        lines.bounded(unit, quantity, dearest);
      } else {
        lines.unbounded(unit, quantity);
      }
    }
    return Pricing.of(lines, model, found);
  }

  private Pricing priceTool(Billable work, String tool) {
    long micros = work.eventTimeMicros();
    Found found = tool(work.provider(), tool, micros);
    String tier = Tiers.canonical(work.serviceTier());
    Map<String, Long> usage = work.usage();
    Lines lines = new Lines(usage.size() + 1);
    for (Map.Entry<String, Long> used : usage.entrySet()) {
      long quantity = quantity(used);
      if (quantity > 0) {
        addToolLine(lines, found.sku(), used.getKey(), quantity, tier, work.region(), micros);
      }
    }
    if (!usage.containsKey(Units.CALLS)
        && (lines.isEmpty() || pricesCalls(found.sku(), tier, work.region(), micros))) {
      addToolLine(lines, found.sku(), Units.CALLS, 1, tier, work.region(), micros);
    }
    return Pricing.of(lines, tool, found);
  }

  private void addToolLine(
      Lines lines, Sku sku, String unit, long quantity, String tier, String region, long micros) {
    Row row = find(sku, unit, tier, region, micros, lines);
    if (row != null) {
      lines.priced(unit, quantity, row);
    } else if (unit.equals(Units.CALLS) && unpricedBound.toolCallPico() >= 0) {
      lines.bounded(unit, quantity, unpricedBound.toolCallPico());
    } else {
      lines.unbounded(unit, quantity);
    }
  }

  /**
   * The first candidate that has any price at the time; else the first, so that the answer says
   * what was known.
   */
  private Found tool(String provider, String tool, long micros) {
    List<Found> candidates = answers.tool(provider, tool == null ? "" : tool);
    for (int i = 0; i < candidates.size(); i++) {
      Found candidate = candidates.get(i);
      if (candidate.sku().hasRowAt(micros)) {
        return candidate;
      }
    }
    return candidates.isEmpty() ? Found.NOTHING : candidates.get(0);
  }

  private static boolean pricesCalls(Sku sku, String tier, String region, long micros) {
    return sku != null
        && (sku.find(Units.CALLS, tier, region, micros) != null
            || sku.find(Units.CALLS, Tiers.STANDARD, region, micros) != null);
  }

  /** Own tier before standard, and within a tier the unit before the one it may fall back to. */
  private static Row find(
      Sku sku, String unit, String tier, String region, long micros, Lines lines) {
    if (sku == null) {
      return null;
    }
    Row row = findInTier(sku, unit, tier, region, micros, lines);
    if (row == null && !tier.equals(Tiers.STANDARD)) {
      row = findInTier(sku, unit, Tiers.STANDARD, region, micros, lines);
      if (row != null) {
        lines.note(PricingNote.TIER_FELL_BACK);
      }
    }
    return row;
  }

  private static Row findInTier(
      Sku sku, String unit, String tier, String region, long micros, Lines lines) {
    Row row = sku.find(unit, tier, region, micros);
    if (row != null) {
      return row;
    }
    String fallback = Units.fallback(unit);
    if (fallback == null) {
      return null;
    }
    row = sku.find(fallback, tier, region, micros);
    if (row != null) {
      lines.note(PricingNote.UNIT_FELL_BACK);
    }
    return row;
  }

  private Catalogue catalogue(PriceEntry entry) {
    return entry.getKind() == PriceKind.TOOL ? tools : models;
  }

  private static boolean sameSku(PriceEntry one, PriceEntry other) {
    return one.getKind() == other.getKind()
        && one.getSku().equals(other.getSku())
        && ProviderNames.canonical(one.getProvider())
            .equals(ProviderNames.canonical(other.getProvider()));
  }

  private static String model(String response, String request) {
    String answered = blankToNull(response);
    return answered != null ? answered : blankToNull(request);
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
