package io.fuseline.stream.judge;

/** What one scope has spent in one window, or ever. */
public final class Cell {
  /** The same as that of {@link ScopeState}, three of which are in it; 3 to 5 were only there. */
  private static final int VERSION = 7;

  final Amount cost = new Amount();
  final Amount listCost = new Amount();
  final Amount bound = new Amount();
  long spans;
  long llmCalls;
  long toolCalls;
  long errors;
  long unpricedSpans;
  long tokens;

  /** Null until the first outcome. */
  OutcomeCounts outcomes;

  /** How often the cell was written to the roll-up topic. */
  int revision;

  /** True once it was written as final; later spans are written as further final revisions. */
  boolean closed;

  private boolean armed;

  void add(Delta delta) {
    cost.add(delta.cost());
    listCost.add(delta.listCost());
    bound.add(delta.bound());
    spans += delta.spans();
    llmCalls += delta.llmCalls();
    toolCalls += delta.toolCalls();
    errors += delta.errors();
    unpricedSpans += delta.unpricedSpans();
    tokens += delta.tokens();
    if (delta.achieved() != null) {
      outcomes().add(delta.achieved());
    }
  }

  private OutcomeCounts outcomes() {
    if (outcomes == null) {
      outcomes = new OutcomeCounts();
    }
    return outcomes;
  }

  /** The same amounts and counts, never written out. */
  Cell amounts() {
    Cell copy = new Cell();
    copy.add(this);
    return copy;
  }

  void add(Cell other) {
    cost.add(other.cost);
    listCost.add(other.listCost);
    bound.add(other.bound);
    spans += other.spans;
    llmCalls += other.llmCalls;
    toolCalls += other.toolCalls;
    errors += other.errors;
    unpricedSpans += other.unpricedSpans;
    tokens += other.tokens;
    if (other.outcomes != null) {
      outcomes().add(other.outcomes);
    }
  }

  /**
   * Outcomes of one type.
   *
   * @param type null for all
   */
  OutcomeCounts.Count outcomes(String type) {
    return outcomes == null ? new OutcomeCounts.Count() : outcomes.sum(type);
  }

  /** True when something was booked that is of interest: spans, money or outcomes. */
  public boolean isUsed() {
    return spans > 0 || !cost.isZero() || outcomes != null;
  }

  /** What was achieved, over all types. */
  public long successes() {
    return outcomes(null).successes;
  }

  /** What was missed, over all types. */
  public long failures() {
    return outcomes(null).failures;
  }

  /** Cost and conservative bound together. */
  Amount exposure() {
    Amount sum = cost.copy();
    sum.add(bound);
    return sum;
  }

  /** Contracted cost. */
  public Amount cost() {
    return cost;
  }

  public Amount listCost() {
    return listCost;
  }

  public Amount bound() {
    return bound;
  }

  public long spans() {
    return spans;
  }

  public long llmCalls() {
    return llmCalls;
  }

  public long toolCalls() {
    return toolCalls;
  }

  public long errors() {
    return errors;
  }

  public long unpricedSpans() {
    return unpricedSpans;
  }

  public long tokens() {
    return tokens;
  }

  public boolean closed() {
    return closed;
  }

  public int revision() {
    return revision;
  }

  /** True while the clock is set to write the cell out. */
  public boolean armed() {
    return armed;
  }

  public void setArmed(boolean armed) {
    this.armed = armed;
  }

  void write(BinaryOut out) {
    cost.write(out);
    listCost.write(out);
    bound.write(out);
    out.zigzag(spans);
    out.zigzag(llmCalls);
    out.zigzag(toolCalls);
    out.zigzag(errors);
    out.zigzag(unpricedSpans);
    out.zigzag(tokens);
    out.varint(revision);
    out.bool(closed);
    out.bool(armed);
    if (outcomes == null) {
      out.varint(0); // as no types
    } else {
      outcomes.write(out);
    }
  }

  /** Reads a cell from a value whose versions go with those of cells. */
  static Cell read(BinaryIn in) {
    Cell cell = new Cell();
    cell.cost.add(Amount.read(in));
    // Format 1 knew no contracts: list cost and cost were the same.
    cell.listCost.add(in.version() == 1 ? cell.cost : Amount.read(in));
    cell.bound.add(Amount.read(in));
    cell.spans = in.zigzag();
    cell.llmCalls = in.zigzag();
    cell.toolCalls = in.zigzag();
    cell.errors = in.zigzag();
    cell.unpricedSpans = in.zigzag();
    cell.tokens = in.zigzag();
    cell.revision = in.count();
    cell.closed = in.bool();
    cell.armed = in.bool();
    if (!in.isBefore(6)) {
      OutcomeCounts outcomes = OutcomeCounts.read(in);
      cell.outcomes = outcomes.isEmpty() ? null : outcomes;
    }
    return cell;
  }

  public byte[] toBytes() {
    BinaryOut out = new BinaryOut(56);
    out.raw(VERSION);
    write(out);
    return out.toBytes();
  }

  public static Cell fromBytes(byte[] bytes) {
    return bytes == null ? null : read(BinaryIn.open(bytes, VERSION, "A cell"));
  }
}
