package io.fuseline.stream.judge;

import java.util.ArrayList;
import java.util.List;

/**
 * The outcomes of one root run, and those among them that wait until it is known which scopes they
 * belong to. Bounded.
 */
final class RunOutcomes {
  /** Outcomes that wait apart; more are added to the last one of their type. */
  static final int MAX_WAITING = 64;

  final OutcomeCounts counts = new OutcomeCounts();
  private List<Waiting> waiting = new ArrayList<>();

  /** An outcome that only the tenant and its own type were told of. */
  record Waiting(Achieved achieved, long occurredMicros) {}

  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  void await(Achieved achieved, long occurredMicros) {
    if (waiting.size() >= MAX_WAITING) {
      for (int i = waiting.size() - 1; i >= 0; i--) {
        Waiting last = waiting.get(i);
        if (last.achieved().type().equals(achieved.type())) {
          waiting.set(i, new Waiting(sum(last.achieved(), achieved), last.occurredMicros()));
          return;
        }
      }
    }
    waiting.add(new Waiting(achieved, occurredMicros)); // at most one more for each type
  }

  private static Achieved sum(Achieved one, Achieved other) {
    return new Achieved(
        one.type(),
        one.successes() + other.successes(),
        one.failures() + other.failures(),
        Math.addExact(one.value(), other.value()));
  }

  /** What has waited, oldest first; nothing waits any more. */
  List<Waiting> takeWaiting() {
    List<Waiting> taken = waiting;
    waiting = new ArrayList<>();
    return taken;
  }

  void write(BinaryOut out) {
    counts.write(out);
    out.varint(waiting.size());
    for (Waiting one : waiting) {
      one.achieved().write(out);
      out.varint(one.occurredMicros());
    }
  }

  static RunOutcomes read(BinaryIn in) {
    RunOutcomes outcomes = new RunOutcomes();
    outcomes.counts.add(OutcomeCounts.read(in));
    for (int i = in.count(); i > 0; i--) {
      outcomes.waiting.add(new Waiting(Achieved.read(in), in.varint()));
    }
    return outcomes;
  }
}
