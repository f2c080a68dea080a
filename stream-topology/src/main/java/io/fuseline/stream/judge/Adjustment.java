package io.fuseline.stream.judge;

/**
 * What a correction has changed, and when it was booked. Signed; money in pico-units.
 *
 * @param bookedMicros time it is booked at, epoch microseconds UTC: the span's own, or a later one
 *     when the span's billing period was closed
 * @param unpricedSpans -1 when the span has come to be priced, 1 when it no longer is, else 0
 */
record Adjustment(long bookedMicros, long cost, long listCost, long bound, int unpricedSpans) {

  Adjustment reversed() {
    return new Adjustment(bookedMicros, -cost, -listCost, -bound, -unpricedSpans);
  }

  Adjustment plus(Adjustment other) {
    return new Adjustment(
        bookedMicros,
        Math.addExact(cost, other.cost),
        Math.addExact(listCost, other.listCost),
        Math.addExact(bound, other.bound),
        unpricedSpans + other.unpricedSpans);
  }

  boolean isNothing() {
    return cost == 0 && listCost == 0 && bound == 0 && unpricedSpans == 0;
  }

  void write(BinaryOut out) {
    out.varint(bookedMicros);
    out.zigzag(cost);
    out.zigzag(listCost - cost);
    out.zigzag(bound);
    out.zigzag(unpricedSpans);
  }

  static Adjustment read(BinaryIn in) {
    long bookedMicros = in.varint();
    long cost = in.zigzag();
    return new Adjustment(bookedMicros, cost, cost + in.zigzag(), in.zigzag(), (int) in.zigzag());
  }
}
