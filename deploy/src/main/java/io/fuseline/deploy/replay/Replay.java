package io.fuseline.deploy.replay;

import io.fuseline.deploy.progress.Progress;
import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.stream.judge.Times;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.topology.TopologySettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/**
 * Runs the deciding core over a file of spans, without Kafka, in the order in which the spans
 * became known: by their end, else their start, else their observed time; ties as they stand in the
 * file. The clock is event time: it moves from span to span, and runs go idle and budget windows
 * end by it. It stops at the last span: what is open then stays open.
 *
 * <p>The same input gives the same bytes. All spans are held in memory at once.
 */
public final class Replay {
  /** Spans priced side by side before they are judged one after the other. */
  private static final int BATCH = 4_096;

  private final PriceBook prices;
  private final PolicySet policies;
  private final TopologySettings settings = TopologySettings.defaults();

  private Replay(PriceBook prices, PolicySet policies) {
    this.prices = prices;
    this.policies = policies;
  }

  /**
   * Loads what spans are priced and judged by.
   *
   * @param prices a price file of ours, a LiteLLM list ({@code .json}, {@code .json.gz}), or {@code
   *     default} for the shipped list
   * @param policies a policy file, a folder of them, or {@code default} for the shipped ones
   * @throws ReplayInputException when one of them has a fault; every fault is named
   */
  public static Replay with(String prices, String policies) {
    PriceBook book = Inputs.prices(prices);
    return new Replay(book, Inputs.policies(policies, book.currency()));
  }

  /**
   * Replays a file and writes the results into a folder once all of them are complete; files of the
   * same names are replaced.
   *
   * @param spans JSON lines, one AgentSpan each, plain or gzip
   * @param out folder; made when it is not there
   * @param reports where progress is reported
   * @throws ReplayInputException when the file cannot be read to its end
   * @throws IOException when the results cannot be written
   */
  public ReplaySummary run(Path spans, Path out, PrintWriter reports) throws IOException {
    try (OutputFolder folder = OutputFolder.in(out);
        Recorder recorder = new Recorder(folder)) {
      List<HeldSpan> held = read(spans, recorder, reports);
      held.sort(Comparator.comparingLong(HeldSpan::eventMicros)); // stable
      Instant first = held.isEmpty() ? null : Times.instant(held.get(0).eventMicros());
      Instant last = held.isEmpty() ? null : Times.instant(held.get(held.size() - 1).eventMicros());

      EventClock clock = new EventClock();
      Scopes scopes = new Scopes(prices.currency(), policies, clock, recorder);
      Runs runs = new Runs(prices, settings, policies, clock, scopes, recorder);
      try (Progress progress =
          Progress.start("replay", "spans", OptionalLong.of(held.size()), reports)) {
        for (int from = 0; from < held.size(); from += BATCH) {
          List<HeldSpan> batch = held.subList(from, Math.min(held.size(), from + BATCH));
          for (PricedArrival arrival : batch.parallelStream().map(this::price).toList()) {
            clock.advanceTo(arrival.span().eventTimeMicros());
            runs.accept(arrival);
          }
          progress.advance(batch.size());
          Collections.fill(batch, null); // the state grows while the input is let go
        }
      }
      RollupTable.write(folder, scopes.cells(), prices.currency());
      ReplaySummary summary = recorder.summary(scopes, prices.currency(), first, last);
      folder.write("summary.json", summary.toJson().toPrettyString() + "\n");
      recorder.close();
      folder.publish();
      return summary;
    }
  }

  private static List<HeldSpan> read(Path spans, Recorder recorder, PrintWriter reports)
      throws IOException {
    try (Progress progress = Progress.start("read", "lines", OptionalLong.empty(), reports)) {
      return new SpanFile(spans).read(recorder, progress);
    }
  }

  /** Does for one span what needs no state. */
  private PricedArrival price(HeldSpan held) {
    CheckedSpan.Accepted span =
        (CheckedSpan.Accepted) SpanCheck.check(held.span(), SpanCheck.NO_CLOCK);
    return PricedArrival.of(held.line(), span, prices);
  }
}
