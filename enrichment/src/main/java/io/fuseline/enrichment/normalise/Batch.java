package io.fuseline.enrichment.normalise;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Spans that came together, and how they hang on each other. */
final class Batch {

  /** A longer chain of parents is a ring, or none that a person would follow. */
  private static final int MAX_ANCESTORS = 256;

  private final List<Draft> drafts;
  private final Map<SpanRef, SpanRef> parents = new HashMap<>();
  private final Map<SpanRef, Draft> byRef = new HashMap<>();

  /**
   * @param sources all spans of the batch, also those that are no work of an agent: work may hang
   *     on them
   * @param drafts those that are
   */
  Batch(List<SourceSpan> sources, List<Draft> drafts) {
    this.drafts = drafts;
    if (sources.size() > 1) {
      for (SourceSpan source : sources) {
        if (source.parentSpanId() != null) {
          parents.put(SpanRef.of(source), new SpanRef(source.traceId(), source.parentSpanId()));
        }
      }
      for (Draft draft : drafts) {
        byRef.put(SpanRef.of(draft.source), draft);
      }
    }
  }

  /** The nearest span above that meets the condition; null if none in the batch does. */
  Draft nearest(Draft below, Predicate<Draft> condition) {
    SpanRef at = parents.get(SpanRef.of(below.source));
    for (int hop = 0; at != null && hop < MAX_ANCESTORS; hop++) {
      Draft above = byRef.get(at);
      if (above != null && above != below && condition.test(above)) {
        return above;
      }
      at = parents.get(at);
    }
    return null;
  }

  /**
   * Model calls that merely repeat the usage of model calls below them become sums: two
   * instrumentations saw the same call.
   */
  void findRepeats() {
    if (byRef.isEmpty()) {
      return;
    }
    Map<Draft, long[]> below = new HashMap<>();
    for (Draft draft : drafts) {
      if (isModelCall(draft)) {
        Draft above = nearest(draft, Batch::isModelCall);
        if (above != null) {
          long[] sums = below.computeIfAbsent(above, ignored -> new long[2]);
          sums[0] += draft.usage.inputSide();
          sums[1] += draft.usage.outputSide();
        }
      }
    }
    below.forEach(
        (above, sums) -> {
          if (sums[0] == above.usage.inputSide() && sums[1] == above.usage.outputSide()) {
            above.becomeSum();
          }
        });
  }

  private static boolean isModelCall(Draft draft) {
    return draft.usesTokens() && draft.usage.inputSide() + draft.usage.outputSide() > 0;
  }

  private record SpanRef(String traceId, String spanId) {
    static SpanRef of(SourceSpan span) {
      return new SpanRef(span.traceId(), span.spanId());
    }
  }
}
