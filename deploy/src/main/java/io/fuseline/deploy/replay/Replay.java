package io.fuseline.deploy.replay;

import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.stream.policy.PolicySet;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Runs the deciding core over a file of spans, without Kafka, in the order in which the spans
 * became known: by their end, else their start, else their observed time; ties as they stand in the
 * file. The clock is event time: it moves from span to span, and runs go idle and budget windows
 * end by it. It stops at the last span: what is open then stays open.
 *
 * <p>The same input gives the same bytes. All spans are held in memory at once.
 */
public final class Replay {
  private final PriceBook prices;
  private final PolicySet policies;

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
      SpanFeed feed = SpanFeed.read(spans, recorder::onDeadLetter, reports);
      Instant first = feed.first();
      Instant last = feed.last();
      Course course = new Course(prices, policies, false, recorder);
      feed.play("replay", prices, course::accept, reports);
      Scopes scopes = course.scopes();
      RollupTable.write(folder, scopes.cells(), prices.currency());
      ReplaySummary summary = recorder.summary(scopes, prices.currency(), first, last);
      folder.write("summary.json", summary.toJson().toPrettyString() + "\n");
      recorder.close();
      folder.publish();
      return summary;
    }
  }
}
