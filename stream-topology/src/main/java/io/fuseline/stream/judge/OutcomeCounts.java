package io.fuseline.stream.judge;

import java.util.Set;
import java.util.TreeMap;

/**
 * Outcomes by type: how many were achieved and missed, and what they are worth. Bounded: types that
 * do not fit are added up under {@value RunState#OTHERS}.
 */
final class OutcomeCounts {
  /** Types kept apart; a rolling budget window may hold 169 of these. */
  static final int MAX_TYPES = 16;

  private final TreeMap<String, Count> byType = new TreeMap<>();

  /** What came of one type. */
  static final class Count {
    long successes;
    long failures;
    final Amount value = new Amount();

    void add(long moreSuccesses, long moreFailures, Amount moreValue) {
      successes += moreSuccesses;
      failures += moreFailures;
      value.add(moreValue);
    }
  }

  boolean isEmpty() {
    return byType.isEmpty();
  }

  /** Types that are kept apart, and {@value RunState#OTHERS} when there are more. */
  Set<String> types() {
    return byType.keySet();
  }

  Count of(String type) {
    return byType.get(type);
  }

  /**
   * Adds outcomes.
   *
   * @return the type they were added under
   */
  String add(Achieved achieved) {
    String type = keptAs(achieved.type());
    count(type).add(achieved.successes(), achieved.failures(), Amount.ofPico(achieved.value()));
    return type;
  }

  void add(OutcomeCounts other) {
    other.byType.forEach(
        (type, count) -> count(keptAs(type)).add(count.successes, count.failures, count.value));
  }

  private String keptAs(String type) {
    boolean fits = byType.containsKey(type) || byType.size() < MAX_TYPES;
    return fits ? type : RunState.OTHERS;
  }

  private Count count(String type) {
    return byType.computeIfAbsent(type, t -> new Count());
  }

  /**
   * What came of one type. Where more types came than are kept apart, those that are not count for
   * each type that is asked for and not found: a success that is counted once too often stops
   * nobody.
   *
   * @param type null for all types
   */
  Count sum(String type) {
    Count sum = new Count();
    if (type == null) {
      byType.values().forEach(count -> sum.add(count.successes, count.failures, count.value));
      return sum;
    }
    Count found = byType.getOrDefault(type, byType.get(RunState.OTHERS));
    if (found != null) {
      sum.add(found.successes, found.failures, found.value);
    }
    return sum;
  }

  void write(BinaryOut out) {
    out.varint(byType.size());
    byType.forEach(
        (type, count) -> {
          out.text(type);
          out.varint(count.successes);
          out.varint(count.failures);
          count.value.write(out);
        });
  }

  static OutcomeCounts read(BinaryIn in) {
    OutcomeCounts counts = new OutcomeCounts();
    for (int i = in.count(); i > 0; i--) {
      counts.count(in.text()).add(in.varint(), in.varint(), Amount.read(in));
    }
    return counts;
  }
}
