package io.fuseline.enrichment.normalise;

import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.schemas.InputInterpretation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model call used, in units that do not overlap.
 *
 * @param leaves unit to count, more than 0; may be changed
 * @param input how the input counter was read
 * @param rule what decided it, and whether reasoning was found outside the output; null if the
 *     producer told disjoint usage
 */
record Usage(Map<String, Long> leaves, InputInterpretation input, String rule) {

  /** Decided by {@code inclusion.json}. */
  static final String BY_TABLE = "table";

  /** More cached tokens than input tokens: these cannot include those. */
  static final String BY_EXCESS = "cache-exceeds-input";

  /** Only one reading gives the total that was reported. */
  static final String BY_TOTAL = "reported-total";

  /** Nothing told; OpenTelemetry's rule was taken: included. */
  static final String BY_DEFAULT = "default";

  static Usage none() {
    return new Usage(new HashMap<>(), InputInterpretation.UNKNOWN, null);
  }

  /**
   * Usage that needs no reading, such as web searches.
   *
   * @throws UntellableException when a count is none
   */
  static Usage told(Reading reading) throws UntellableException {
    mustBeReadable(reading);
    mustBeCounts(reading.units());
    Map<String, Long> leaves = new HashMap<>(reading.units());
    leaves.values().removeIf(count -> count == 0);
    InputInterpretation input =
        reading.disjoint() ? InputInterpretation.DISJOINT : InputInterpretation.UNKNOWN;
    return new Usage(leaves, input, null);
  }

  /** Input of all kinds, cached or not. */
  long inputSide() {
    return sum(true);
  }

  /** Output of all kinds, with reasoning. */
  long outputSide() {
    return sum(false);
  }

  private long sum(boolean input) {
    long sum = 0;
    for (Map.Entry<String, Long> leaf : leaves.entrySet()) {
      String unit = leaf.getKey();
      if (unit.endsWith("_tokens") && isInput(unit) == input) {
        sum += leaf.getValue();
      }
    }
    return sum;
  }

  private static boolean isInput(String unit) {
    return unit.contains("input_") || unit.contains("cache_");
  }

  /**
   * Takes the counters of a model call apart.
   *
   * @param oneSided whether the call has no output that is counted, such as an embedding
   * @param notes where to add what was decided without proof
   * @throws UntellableException when the counters contradict each other
   */
  static Usage of(Reading reading, InclusionRule table, boolean oneSided, List<String> notes)
      throws UntellableException {
    if (reading.disjoint()) {
      return told(reading);
    }
    mustBeReadable(reading);
    mustBeCounts(reading.raw());
    return new Reckoning(reading, table, oneSided, notes).usage();
  }

  private static void mustBeReadable(Reading reading) throws UntellableException {
    if (reading.unreadable() != null) {
      throw new UntellableException(
          "UNREADABLE_USAGE",
          reading.unreadable(),
          "is no whole number; expected a count of tokens or units; have the instrumentation"
              + " write one");
    }
  }

  private static void mustBeCounts(Map<String, Long> counts) throws UntellableException {
    for (Map.Entry<String, Long> counter : counts.entrySet()) {
      long count = counter.getValue();
      if (count < 0) {
        throw new UntellableException(
            "NEGATIVE_USAGE",
            counter.getKey(),
            "is " + count + "; expected 0 or more; leave the counter out where it is not known");
      }
      if (count > SpanCheck.MAX_QUANTITY) {
        throw new UntellableException(
            "ABSURD_USAGE",
            counter.getKey(),
            "is " + count + "; expected at most " + SpanCheck.MAX_QUANTITY);
      }
    }
  }
}
