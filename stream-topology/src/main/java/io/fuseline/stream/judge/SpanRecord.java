package io.fuseline.stream.judge;

/**
 * What is kept of a span for deduplication and for a run's timeline.
 *
 * @param provisional what a START or SNAPSHOT booked, to be reversed by the next writing; null once
 *     the span is final
 * @param open true while an END may still come
 */
public record SpanRecord(
    boolean open,
    long eventMicros,
    String runId,
    String kind,
    String name,
    long cost,
    boolean priced,
    boolean error,
    Booking provisional) {
  private static final int VERSION = 1;

  public byte[] toBytes() {
    BinaryOut out = new BinaryOut(64);
    out.raw(VERSION);
    out.bool(open);
    out.varint(eventMicros);
    out.text(runId);
    out.text(kind);
    out.text(name);
    out.zigzag(cost);
    out.bool(priced);
    out.bool(error);
    out.bool(provisional != null);
    if (provisional != null) {
      provisional.write(out);
    }
    return out.toBytes();
  }

  public static SpanRecord fromBytes(byte[] bytes) {
    if (bytes == null) {
      return null;
    }
    BinaryIn in = BinaryIn.open(bytes, VERSION, "A span record");
    return new SpanRecord(
        in.bool(),
        in.varint(),
        in.text(),
        in.text(),
        in.text(),
        in.zigzag(),
        in.bool(),
        in.bool(),
        in.bool() ? Booking.read(in) : null);
  }
}
