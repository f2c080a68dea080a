package io.fuseline.deploy.replay;

import io.fuseline.deploy.progress.Progress;
import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.stream.judge.Times;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/** The good spans of a file, in the order in which they became known, each priced. */
final class SpanFeed {
  /** Spans priced side by side before they are judged one after the other. */
  private static final int BATCH = 4_096;

  private final List<HeldSpan> held;

  private SpanFeed(List<HeldSpan> held) {
    this.held = held;
    held.sort(Comparator.comparingLong(HeldSpan::eventMicros)); // stable
  }

  /** Receives a span when it is its turn. */
  @FunctionalInterface
  interface Receiver {
    void accept(PricedArrival arrival) throws IOException;
  }

  /**
   * Reads the whole file.
   *
   * @param dead receives the lines that cannot be used
   * @throws ReplayInputException when the file cannot be read to its end
   */
  static SpanFeed read(Path spans, SpanFile.DeadLetters dead, PrintWriter reports)
      throws IOException {
    try (Progress progress = Progress.start("read", "lines", OptionalLong.empty(), reports)) {
      return new SpanFeed(new SpanFile(spans).read(dead, progress));
    }
  }

  /** Event time of the first span that is still held; null when there is none. */
  Instant first() {
    return held.isEmpty() ? null : Times.instant(held.get(0).eventMicros());
  }

  /** Event time of the last span; null when there is none. */
  Instant last() {
    return held.isEmpty() ? null : Times.instant(held.get(held.size() - 1).eventMicros());
  }

  /** Hands on every span, and lets go of it. Can be called once. */
  void play(String task, PriceBook prices, Receiver receiver, PrintWriter reports)
      throws IOException {
    try (Progress progress = Progress.start(task, "spans", OptionalLong.of(held.size()), reports)) {
      for (int from = 0; from < held.size(); from += BATCH) {
        List<HeldSpan> batch = held.subList(from, Math.min(held.size(), from + BATCH));
        for (PricedArrival arrival :
            batch.parallelStream().map(span -> priced(span, prices)).toList()) {
          receiver.accept(arrival);
        }
        progress.advance(batch.size());
        Collections.fill(batch, null); // the state grows while the input is let go
      }
    }
  }

  /** Does for one span what needs no state. */
  private static PricedArrival priced(HeldSpan held, PriceBook prices) {
    CheckedSpan.Accepted span =
        (CheckedSpan.Accepted) SpanCheck.check(held.span(), SpanCheck.NO_CLOCK);
    return PricedArrival.of(held.line(), span, prices);
  }
}
