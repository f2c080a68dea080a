package io.fuseline.enrichment.price;

import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.PriceBasis;
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
  private final Lines lines;

  private Pricing(Lines lines, CostStatus status, String name, Found match) {
    this.status = status;
    this.name = name;
    this.match = match;
    this.lines = lines;
  }

  static Pricing notBillable(String name) {
    return new Pricing(Lines.EMPTY, CostStatus.NOT_BILLABLE, name, Found.NOTHING);
  }

  /** The lines are not to be changed any more. */
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
    return lines.listPico;
  }

  /** Sum of the lines that have a price, by the tenant's contract; the list cost without one. */
  public long contractedPico() {
    return lines.contractedPico;
  }

  /** Sum of the known bounds of the lines without a price; part of neither cost. */
  public long boundPico() {
    return lines.boundPico;
  }

  /** Model, tool or role as the span names it; null if it names none. */
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
    return NOTE_SETS.get(lines.notes);
  }

  /** Number of lines, without building them. */
  public int size() {
    return lines.size;
  }

  /** One line per unit with a quantity above 0, by unit name. Built on each call. */
  public List<Line> lines() {
    List<Line> built = new ArrayList<>(lines.size);
    for (int i = 0; i < lines.size; i++) {
      built.add(lines.line(i));
    }
    built.sort(Comparator.comparing(Line::unit));
    return Collections.unmodifiableList(built);
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
    return List.copyOf(ids);
  }

  Found match() {
    return match;
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
        + Pico.toDecimal(boundPico()).toPlainString()
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
   * One unit's part of the cost.
   *
   * @param quantity count of units, above 0
   * @param unitPricePico list price of one unit, multipliers applied, rounded half-even; -1 where
   *     there is none
   * @param listPico quantity × list price × multipliers, rounded once; 0 where there is no price
   * @param contractedPico the same by the tenant's contract; the list cost without one
   * @param boundPico bound of the cost where there is no price; -1 where none can be given; 0 with
   *     a price
   * @param priceId id of the list price used, of the contract's where there is no list price, or of
   *     the entry the bound was taken from; null for none
   * @param contractPriceId id of the contract's unit price; null without one
   * @param multiplierIds ids of the factors applied: list, contract, exchange rate; in order
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
    static final Row[] NO_FACTORS = {};
    private static final Lines EMPTY = new Lines(0);

    private final long[] quantities;

    /** Price, or where a bound was taken from; null for neither. */
    private final Row[] rows;

    /**
     * What is not simply quantity × list price of the row's own unit; null while nothing is. The
     * plain line is the common one: it takes no more than its place in the two arrays.
     */
    private Special[] specials;

    private int size;
    private int unpriced;
    private int notes;
    private long listPico;
    private long contractedPico;
    private long boundPico;

    Lines(int capacity) {
      quantities = new long[capacity];
      rows = new Row[capacity];
    }

    boolean isEmpty() {
      return size == 0;
    }

    void note(PricingNote note) {
      notes |= 1 << note.ordinal();
    }

    /** A line at list price, without factors. */
    void priced(String unit, long quantity, Row row) {
      long cost = Exact.amount(quantity, row, NO_FACTORS);
      if (cost < 0) {
        implausible(unit, quantity, row);
        return;
      }
      listPico = Math.addExact(listPico, cost);
      contractedPico = Math.addExact(contractedPico, cost);
      if (!row.unit().equals(unit)) {
        special(new Special(unit, cost, NO_FACTORS, null, NO_FACTORS, cost));
      }
      add(quantity, row);
    }

    /**
     * A line whose cost is not only quantity × list price.
     *
     * @param contract the contract's price; null for the list price
     * @param contractFactors all that the contracted cost is multiplied by
     */
    void priced(
        String unit, long quantity, Row row, Row[] factors, Row contract, Row[] contractFactors) {
      long cost = Exact.amount(quantity, row, factors);
      long contracted = Exact.amount(quantity, contract == null ? row : contract, contractFactors);
      if (cost < 0 || contracted < 0) {
        implausible(unit, quantity, row);
        return;
      }
      listPico = Math.addExact(listPico, cost);
      contractedPico = Math.addExact(contractedPico, contracted);
      special(new Special(unit, cost, factors, contract, contractFactors, contracted));
      add(quantity, row);
    }

    /** A line that costs what the span declares. */
    void declared(String unit, long quantity, Row row, Row[] factors, long cost) {
      listPico = Math.addExact(listPico, cost);
      contractedPico = Math.addExact(contractedPico, cost);
      special(new Special(unit, cost, factors, null, factors, cost));
      add(quantity, row);
    }

    /** A line without a price that costs at most quantity × the row's price × factors. */
    void bounded(String unit, long quantity, Row row, Row[] factors) {
      bounded(unit, quantity, row, Exact.amount(quantity, row, factors));
    }

    /**
     * A line without a price.
     *
     * @param row where the bound was taken from; null for no row
     * @param boundPico -1 or too much: {@link PriceBook#MAX_LINE_PICO}
     */
    void bounded(String unit, long quantity, Row row, long boundPico) {
      boolean capped = boundPico < 0 || boundPico > PriceBook.MAX_LINE_PICO;
      unpriced(unit, quantity, row, capped ? PriceBook.MAX_LINE_PICO : boundPico);
    }

    void unbounded(String unit, long quantity) {
      unpriced++;
      special(Special.unpriced(unit, Special.NO_BOUND));
      add(quantity, null);
    }

    private void implausible(String unit, long quantity, Row row) {
      note(PricingNote.IMPLAUSIBLE_COST);
      unpriced(unit, quantity, row, PriceBook.MAX_LINE_PICO);
    }

    private void unpriced(String unit, long quantity, Row row, long bound) {
      unpriced++;
      boundPico = Math.addExact(boundPico, bound);
      special(Special.unpriced(unit, -1 - bound));
      add(quantity, row);
    }

    private void special(Special special) {
      if (specials == null) {
        specials = new Special[rows.length];
      }
      specials[size] = special;
    }

    private void add(long quantity, Row row) {
      quantities[size] = quantity;
      rows[size] = row;
      size++;
    }

    private Line line(int i) {
      Row row = rows[i];
      Special special = specials == null ? null : specials[i];
      return special == null ? plain(quantities[i], row) : special.line(quantities[i], row);
    }

    private static Line plain(long quantity, Row row) {
      long cost = Exact.amount(quantity, row, NO_FACTORS);
      return new Line(
          row.unit(),
          quantity,
          Exact.amount(1, row, NO_FACTORS),
          cost,
          cost,
          0,
          row.priceId(),
          null,
          List.of());
    }

    /**
     * What makes a line differ from quantity × list price.
     *
     * @param amount list cost of the line; {@code -1 - bound} where it has no price, {@link
     *     #NO_BOUND} where no bound either
     * @param contract the contract's price; null without one
     * @param contracted contracted cost
     */
    private record Special(
        String unit,
        long amount,
        Row[] factors,
        Row contract,
        Row[] contractFactors,
        long contracted) {

      static final long NO_BOUND = Long.MIN_VALUE;

      static Special unpriced(String unit, long amount) {
        return new Special(unit, amount, NO_FACTORS, null, NO_FACTORS, 0);
      }

      Line line(long quantity, Row row) {
        String priceId = row == null ? null : row.priceId();
        if (amount < 0) {
          long bound = amount == NO_BOUND ? -1 : -1 - amount;
          return new Line(unit, quantity, -1, 0, 0, bound, priceId, null, List.of());
        }
        return new Line(
            unit,
            quantity,
            row.basis() == PriceBasis.DECLARED
                ? Exact.divide(amount, quantity)
                : Exact.amount(1, row, factors),
            amount,
            contracted,
            0,
            priceId,
            contract == null ? null : contract.priceId(),
            ids());
      }

      private List<String> ids() {
        Set<String> ids = new LinkedHashSet<>();
        for (Row factor : factors) {
          ids.add(factor.priceId());
        }
        for (Row factor : contractFactors) {
          ids.add(factor.priceId());
        }
        return List.copyOf(ids);
      }
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
