package io.fuseline.stream.judge;

import io.fuseline.enrichment.price.Billable;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.SpanKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is kept of a span until its run is forgotten: to know it again, to show it on the run's
 * timeline, to undo it when it is written again, and to price it again when prices change.
 *
 * @param open true while a further writing may come: it was a START or a SNAPSHOT
 * @param agent agent it was booked under; null when an older program kept it
 * @param cost contracted cost it stands in the books with, pico-units
 * @param status whether its usage has prices
 * @param revision corrections made so far, over all writings of the span
 * @param booked what stands in the books for it, corrections included; null for a START, for a span
 *     that costs nothing whatever the prices, and for what an older program kept of a final span
 * @param billable what is needed to price it again; null when it cannot be or need not be
 * @param adjustments the corrections in {@code booked}, by the time they were booked at; kept while
 *     the span is open, empty after
 */
public record SpanRecord(
    boolean open,
    long eventMicros,
    String runId,
    String agent,
    String kind,
    String name,
    long cost,
    CostStatus status,
    boolean error,
    int revision,
    Booking booked,
    Billable billable,
    List<Adjustment> adjustments) {
  private static final int VERSION = 2;
  private static final CostStatus[] STATUSES = CostStatus.values();

  private static final int OPEN = 1;
  private static final int ERROR = 2;
  private static final int BOOKED = 4;
  private static final int BILLABLE = 8;
  private static final int ADJUSTED = 16;

  /** Stands under a response's id: only that it is there counts. */
  public static final SpanRecord RESPONSE =
      new SpanRecord(
          false,
          0,
          null,
          null,
          null,
          null,
          0,
          CostStatus.NOT_BILLABLE,
          false,
          0,
          null,
          null,
          List.of());

  /** Stands under an outcome's id, likewise. */
  public static final SpanRecord OUTCOME = RESPONSE;

  /** The cost at list prices, pico-units; what an older program kept knows no other cost. */
  long listCost() {
    return booked == null ? cost : booked.listCost();
  }

  /** False when at least one line has no price. */
  public boolean priced() {
    return isPriced(status);
  }

  static boolean isPriced(CostStatus status) {
    return status != CostStatus.UNPRICED && status != CostStatus.PARTIAL;
  }

  /** The same without what only pricing it again needs; for those who never do. */
  public SpanRecord withoutPrice() {
    return open || booked == null
        ? this
        : new SpanRecord(
            false,
            eventMicros,
            runId,
            agent,
            kind,
            name,
            cost,
            status,
            error,
            revision,
            null,
            null,
            List.of());
  }

  SpanRecord withRevision(int other) {
    return new SpanRecord(
        open,
        eventMicros,
        runId,
        agent,
        kind,
        name,
        cost,
        status,
        error,
        other,
        booked,
        billable,
        adjustments);
  }

  SpanRecord withStatus(CostStatus other) {
    return new SpanRecord(
        open,
        eventMicros,
        runId,
        agent,
        kind,
        name,
        cost,
        other,
        error,
        revision,
        booked,
        billable,
        adjustments);
  }

  /** The same span with one more correction in its books. */
  SpanRecord corrected(Adjustment adjustment, CostStatus newStatus) {
    Booking now = booked.with(adjustment);
    return new SpanRecord(
        open,
        eventMicros,
        runId,
        agent,
        kind,
        name,
        now.cost(),
        newStatus,
        error,
        revision + 1,
        now,
        billable,
        open ? added(adjustment) : List.of());
  }

  /** One adjustment per time it is booked at, and none that changes nothing. */
  private List<Adjustment> added(Adjustment adjustment) {
    List<Adjustment> all = new ArrayList<>(adjustments.size() + 1);
    Adjustment sum = adjustment;
    for (Adjustment one : adjustments) {
      if (one.bookedMicros() == adjustment.bookedMicros()) {
        sum = one.plus(adjustment);
      } else {
        all.add(one);
      }
    }
    if (!sum.isNothing()) {
      all.add(sum);
    }
    return List.copyOf(all);
  }

  /** What was booked before any correction; {@code booked} is not null. */
  Booking firstBooked() {
    Booking first = booked;
    for (Adjustment adjustment : adjustments) {
      first = first.with(adjustment.reversed());
    }
    return first;
  }

  public byte[] toBytes() {
    BinaryOut out = new BinaryOut(256);
    out.raw(VERSION);
    out.raw(
        (open ? OPEN : 0)
            | (error ? ERROR : 0)
            | (booked != null ? BOOKED : 0)
            | (billable != null ? BILLABLE : 0)
            | (adjustments.isEmpty() ? 0 : ADJUSTED));
    out.raw(status.ordinal());
    out.varint(eventMicros);
    out.shared(runId);
    out.shared(agent);
    out.shared(kind);
    out.shared(name);
    out.varint(revision);
    if (booked == null) {
      out.zigzag(cost);
    } else {
      booked.write(out);
    }
    if (billable != null) {
      writeBillable(out);
    }
    if (!adjustments.isEmpty()) {
      out.varint(adjustments.size());
      adjustments.forEach(adjustment -> adjustment.write(out));
    }
    return out.toBytes();
  }

  /** Its kind and time are the record's. */
  private void writeBillable(BinaryOut out) {
    out.shared(billable.tenant());
    out.shared(billable.provider());
    out.shared(billable.requestModel());
    out.shared(billable.responseModel());
    out.shared(billable.toolName());
    out.shared(billable.agentRole());
    out.shared(billable.serviceTier());
    out.shared(billable.region());
    Map<String, Long> usage = billable.usage();
    out.varint(usage.size());
    for (String unit : inOrder(usage.keySet())) {
      out.shared(unit);
      out.varint(usage.get(unit));
    }
    out.zigzag(billable.declaredCostPico());
    out.varint(billable.durationMicros());
  }

  /** The same facts give the same bytes. */
  private static String[] inOrder(Set<String> units) {
    String[] sorted = units.toArray(String[]::new);
    Arrays.sort(sorted);
    return sorted;
  }

  public static SpanRecord fromBytes(byte[] bytes) {
    if (bytes == null) {
      return null;
    }
    BinaryIn in = BinaryIn.open(bytes, VERSION, "A span record");
    return in.version() == 1 ? readFormat1(in) : read(in);
  }

  private static SpanRecord read(BinaryIn in) {
    int flags = in.raw();
    CostStatus status = STATUSES[in.raw()];
    long eventMicros = in.varint();
    String runId = in.shared();
    String agent = in.shared();
    String kind = in.shared();
    String name = in.shared();
    int revision = in.count();
    Booking booked = (flags & BOOKED) == 0 ? null : Booking.read(in);
    long cost = booked == null ? in.zigzag() : booked.cost();
    Billable billable = (flags & BILLABLE) == 0 ? null : readBillable(in, kind, eventMicros);
    List<Adjustment> adjustments = List.of();
    if ((flags & ADJUSTED) != 0) {
      int count = in.count();
      adjustments = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        adjustments.add(Adjustment.read(in));
      }
    }
    return new SpanRecord(
        (flags & OPEN) != 0,
        eventMicros,
        runId,
        agent,
        kind,
        name,
        cost,
        status,
        (flags & ERROR) != 0,
        revision,
        booked,
        billable,
        adjustments);
  }

  private static Billable readBillable(BinaryIn in, String kind, long eventMicros) {
    return new Billable(
        SpanKind.valueOf(kind),
        in.shared(),
        in.shared(),
        in.shared(),
        in.shared(),
        in.shared(),
        in.shared(),
        in.shared(),
        in.shared(),
        readUsage(in),
        in.zigzag(),
        in.varint(),
        eventMicros);
  }

  private static Map<String, Long> readUsage(BinaryIn in) {
    int units = in.count();
    Map<String, Long> usage = new TreeMap<>();
    for (int i = 0; i < units; i++) {
      usage.put(in.shared(), in.varint());
    }
    return usage;
  }

  /** Format 1 kept of a final span no more than its cost; of an open one what it had booked. */
  private static SpanRecord readFormat1(BinaryIn in) {
    boolean open = in.bool();
    long eventMicros = in.varint();
    String runId = in.text();
    String kind = in.text();
    String name = in.text();
    long cost = in.zigzag();
    CostStatus status = in.bool() ? CostStatus.PRICED : CostStatus.UNPRICED;
    boolean error = in.bool();
    Booking booked = in.bool() ? Booking.readFormat1(in) : null;
    return new SpanRecord(
        open,
        eventMicros,
        runId,
        null,
        kind,
        name,
        cost,
        status,
        error,
        0,
        booked,
        null,
        List.of());
  }
}
