package io.fuseline.enrichment.price;

import io.fuseline.schemas.CostStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What one span costs, line by line. Immutable. Money is in pico-units of the book's currency. */
public final class Pricing {

  private static final int NOTES = PricingNote.values().length;
  private static final List<Set<PricingNote>> NOTE_SETS = noteSets();

  private final CostStatus status;
  private final String name;
  private final Found match;
  private final int notes;
  private final long listPico;
  private final long boundPico;
  private final int size;
  private final String[] units;
  private final long[] quantities;
  private final Row[] rows;

  /**
   * Cost of the line; {@code -1 - bound} where it has no price, {@link Long#MIN_VALUE} where no
   * bound either.
   */
  private final long[] amounts;

  private Pricing(Lines lines, CostStatus status, String name, Found match) {
    this.status = status;
    this.name = name;
    this.match = match;
    this.notes = lines.notes;
    this.listPico = lines.listPico;
    this.boundPico = lines.boundPico;
    this.size = lines.size;
    this.units = lines.units;
    this.quantities = lines.quantities;
    this.rows = lines.rows;
    this.amounts = lines.amounts;
  }

  static Pricing notBillable(String name) {
    return new Pricing(Lines.EMPTY, CostStatus.NOT_BILLABLE, name, Found.NOTHING);
  }

  static Pricing of(Lines lines, String name, Found match) {
    CostStatus status;
    if (lines.unpriced == 0) {
      status = match.sku() == null && lines.size == 0 ? CostStatus.UNPRICED : CostStatus.PRICED;
    } else {
      status = lines.unpriced == lines.size ? CostStatus.UNPRICED : CostStatus.PARTIAL;
    }
    return new Pricing(lines, status, name, match);
  }

  /** Whether all usage found a price. */
  public CostStatus status() {
    return status;
  }

  /** Sum of the lines that have a price, at list prices. */
  public long listPico() {
    return listPico;
  }

  /** Sum of the lines that have a price, by the tenant's contract; the list cost without one. */
  public long contractedPico() {
    return listPico;
  }

  /** Sum of the known bounds of the lines without a price; part of neither cost. */
  public long boundPico() {
    return boundPico;
  }

  /** Model or tool as the span names it; null if it names none. */
  public String name() {
    return name;
  }

  /** Sku of the price rows used; null if the name is not known. */
  public String sku() {
    return match.sku() == null ? null : match.sku().name;
  }

  /** Canonical provider of the price rows used; null if the name is not known. */
  public String provider() {
    return match.sku() == null ? null : match.sku().provider;
  }

  public MatchRule matchRule() {
    return match.rule();
  }

  public ProviderRule providerRule() {
    return match.providerRule();
  }

  /** What is worth knowing about how the price was found; empty for the plain case. */
  public Set<PricingNote> notes() {
    return NOTE_SETS.get(notes);
  }

  /** Number of lines, without building them. */
  public int size() {
    return size;
  }

  /** One line per unit with a quantity above 0, by unit name. Built on each call. */
  public List<Line> lines() {
    List<Line> lines = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      String priceId = rows[i] == null ? null : rows[i].priceId();
      long amount = amounts[i];
      if (amount >= 0) {
        lines.add(
            new Line(
                units[i],
                quantities[i],
                rows[i].pricePico(),
                amount,
                amount,
                0,
                priceId,
                null,
                List.of()));
      } else {
        long bound = amount == Lines.NO_BOUND ? -1 : -1 - amount;
        lines.add(new Line(units[i], quantities[i], -1, 0, 0, bound, priceId, null, List.of()));
      }
    }
    lines.sort(Comparator.comparing(Line::unit));
    return Collections.unmodifiableList(lines);
  }

  @Override
  public String toString() {
    return name
        + " "
        + status
        + " list="
        + Pico.toDecimal(listPico()).toPlainString()
        + " contracted="
        + Pico.toDecimal(contractedPico()).toPlainString()
        + " bound="
        + Pico.toDecimal(boundPico).toPlainString()
        + " "
        + matchRule()
        + "/"
        + providerRule()
        + " "
        + notes()
        + " "
        + lines();
  }

  /**
   * Ids of the price entries that the costs rest on, in the order of the lines, each once; without
   * those a bound was taken from.
   */
  public List<String> priceIds() {
    Set<String> ids = new LinkedHashSet<>();
    for (Line line : lines()) {
      if (line.priced()) {
        ids.add(line.priceId());
        if (line.contractPriceId() != null) {
          ids.add(line.contractPriceId());
        }
        ids.addAll(line.multiplierIds());
      }
    }
    ids.remove(null);
    return List.copyOf(ids);
  }

  /**
   * One unit's part of the cost.
   *
   * @param quantity count of units, above 0
   * @param unitPricePico list price of one unit, multipliers applied, rounded half-even; -1 where
   *     there is none
   * @param listPico quantity × list price × multipliers; 0 where there is no price
   * @param contractedPico the same by the tenant's contract; the list cost without one
   * @param boundPico bound of the cost where there is no price; -1 where none can be given; 0 with
   *     a price
   * @param priceId id of the list price used, or of the entry the bound was taken from; null for
   *     neither
   * @param contractPriceId id of the contract's unit price; null without one
   * @param multiplierIds ids of the factors applied: list, contract, currency; in order
   */
  public record Line(
      String unit,
      long quantity,
      long unitPricePico,
      long listPico,
      long contractedPico,
      long boundPico,
      String priceId,
      String contractPriceId,
      List<String> multiplierIds) {

    public boolean priced() {
      return unitPricePico >= 0;
    }
  }

  /** Lines under construction. */
  static final class Lines {
    static final long NO_BOUND = Long.MIN_VALUE;
    static final Lines EMPTY = new Lines(0);

    private final String[] units;
    private final long[] quantities;
    private final Row[] rows;
    private final long[] amounts;
    private int size;
    private int unpriced;
    private int notes;
    private long listPico;
    private long boundPico;

    Lines(int capacity) {
      units = new String[capacity];
      quantities = new long[capacity];
      rows = new Row[capacity];
      amounts = new long[capacity];
    }

    boolean isEmpty() {
      return size == 0;
    }

    void note(PricingNote note) {
      notes |= 1 << note.ordinal();
    }

    void priced(String unit, long quantity, Row row) {
      long cost = capped(quantity, row.pricePico());
      if (cost < 0) {
        note(PricingNote.IMPLAUSIBLE_COST);
        unpriced(unit, quantity, row, PriceBook.MAX_LINE_PICO);
        return;
      }
      listPico = Math.addExact(listPico, cost);
      add(unit, quantity, row, cost);
    }

    void bounded(String unit, long quantity, Row row) {
      long bound = capped(quantity, row.pricePico());
      unpriced(unit, quantity, row, bound < 0 ? PriceBook.MAX_LINE_PICO : bound);
    }

    void bounded(String unit, long quantity, long unitBoundPico) {
      long bound = capped(quantity, unitBoundPico);
      unpriced(unit, quantity, null, bound < 0 ? PriceBook.MAX_LINE_PICO : bound);
    }

    void unbounded(String unit, long quantity) {
      unpriced++;
      add(unit, quantity, null, NO_BOUND);
    }

    private void unpriced(String unit, long quantity, Row row, long bound) {
      unpriced++;
      boundPico = Math.addExact(boundPico, bound);
      add(unit, quantity, row, -1 - bound);
    }

    private void add(String unit, long quantity, Row row, long amount) {
      units[size] = unit;
      quantities[size] = quantity;
      rows[size] = row;
      amounts[size] = amount;
      size++;
    }

    /** The product, or -1 if it is more than a line may come to. */
    private static long capped(long quantity, long pricePico) {
      long product = quantity * pricePico;
      return Math.multiplyHigh(quantity, pricePico) != 0
              || product < 0
              || product > PriceBook.MAX_LINE_PICO
          ? -1
          : product;
    }
  }

  private static List<Set<PricingNote>> noteSets() {
    List<Set<PricingNote>> sets = new ArrayList<>(1 << NOTES);
    for (int bits = 0; bits < 1 << NOTES; bits++) {
      Set<PricingNote> set = EnumSet.noneOf(PricingNote.class);
      for (PricingNote note : PricingNote.values()) {
        if ((bits & 1 << note.ordinal()) != 0) {
          set.add(note);
        }
      }
      sets.add(Collections.unmodifiableSet(set));
    }
    return List.copyOf(sets);
  }
}
