package io.fuseline.enrichment.price;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
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
  private final Shelves shelves;
  private final Object writing = new Object();

  private final AtomicLong version = new AtomicLong();

  /** Replaced after every change, so that an answer of before is never given after it. */
  private volatile Pricer pricer;

  /** An empty book that bounds what has no price by the dearest price, and tools not at all. */
  public PriceBook(String currency) {
    this(currency, UnpricedBound.DEAREST);
  }

  /**
   * An empty book.
   *
   * @param currency ISO 4217 code of all its prices
   */
  public PriceBook(String currency, UnpricedBound unpricedBound) {
    this.currency = Objects.requireNonNull(currency, "currency");
    this.unpricedBound = Objects.requireNonNull(unpricedBound, "unpricedBound");
    this.shelves = Shelves.empty(currency);
    this.pricer = pricer();
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
   * @throws IllegalArgumentException if the entry is faulty ({@link PriceFaults}), or an exchange
   *     rate into another currency than the book's; the book is as before
   */
  public void put(PriceEntry entry) {
    List<Fault> faults = new ArrayList<>(PriceFaults.of(entry));
    if (entry.getKind() == PriceKind.CURRENCY && !currency.equals(entry.getCurrency())) {
      faults.add(
          new Fault(
              entry.getPriceId(), 0, "currency", "the book's " + currency, entry.getCurrency()));
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(
          faults.stream().map(Fault::message).collect(Collectors.joining("; ")));
    }
    synchronized (writing) {
      PriceEntry old = entries.put(entry.getPriceId(), entry);
      if (entry.equals(old)) {
        return;
      }
      if (old != null && !replaces(entry, old)) {
        shelves.of(old).remove(old);
      }
      shelves.of(entry).put(entry);
      changed();
    }
  }

  /** Removes the entry with the price id, if there is one. */
  public void remove(String priceId) {
    synchronized (writing) {
      PriceEntry old = entries.remove(priceId);
      if (old != null) {
        shelves.of(old).remove(old);
        changed();
      }
    }
  }

  private void changed() {
    pricer = pricer();
    version.incrementAndGet();
  }

  private Pricer pricer() {
    return new Pricer(new Answers(shelves), unpricedBound, !shelves.humans().isEmpty());
  }

  /**
   * A number that rises with every change of the book; what was priced at a lower one may cost
   * something else now.
   */
  public long version() {
    return version.get();
  }

  /**
   * What the span costs, at list prices and by the contracts of the tenant it names.
   *
   * @see #price(Billable)
   */
  public Pricing price(AgentSpan span, long eventTimeMicros) {
    if (span.getPhase() == SpanPhase.START) {
      return Pricing.notBillable(name(span));
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
    return pricer.price(work);
  }

  /** Whether the new entry takes the old one's place on the shelf by itself. */
  private static boolean replaces(PriceEntry entry, PriceEntry old) {
    return entry.getKind() == old.getKind()
        && entry.getBasis() != PriceBasis.ALIAS
        && old.getBasis() != PriceBasis.ALIAS
        && entry.getSku().equals(old.getSku())
        && ProviderNames.canonical(entry.getProvider())
            .equals(ProviderNames.canonical(old.getProvider()));
  }

  private static String name(AgentSpan span) {
    if (span.getKind() != SpanKind.TOOL) {
      for (String model : new String[] {span.getResponseModel(), span.getRequestModel()}) {
        if (model != null && !model.isBlank()) {
          return model;
        }
      }
    }
    return span.getToolName() == null || span.getToolName().isBlank() ? null : span.getToolName();
  }
}
