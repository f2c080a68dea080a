package io.fuseline.deploy.replay;

import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.stream.policy.PolicySet;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Judges one file of spans by several sets of policies at once: the spans are read and priced once,
 * and each set has a clock and state of its own, so that none sees what another decides. Order and
 * time are those of {@link Replay}. Writes nothing.
 */
public final class SideBySide {
  private final PriceBook prices;
  private final List<PolicySet> policies;

  private SideBySide(PriceBook prices, List<PolicySet> policies) {
    this.prices = prices;
    this.policies = policies;
  }

  /**
   * Loads what spans are priced and judged by.
   *
   * @param prices as in {@link Replay#with}
   * @param policies of each set: a policy file, a folder of them, or {@code default} for the
   *     shipped ones
   * @throws ReplayInputException when one of them has a fault; every fault is named
   */
  public static SideBySide with(String prices, List<String> policies) {
    PriceBook book = Inputs.prices(prices);
    return new SideBySide(
        book, policies.stream().map(source -> Inputs.policies(source, book.currency())).toList());
  }

  /** ISO 4217 currency of all money. */
  public String currency() {
    return prices.currency();
  }

  public PolicySet policies(int set) {
    return policies.get(set);
  }

  /**
   * Judges every span of a file by every set before the next span. An outcome is counted before the
   * first span that is later; those after the last span are counted while the clock stands.
   *
   * @param spans JSON lines, one AgentSpan each, plain or gzip
   * @param outcomes by time
   * @param listeners one per set, in their order; lines that cannot be read as spans are told to
   *     each
   * @param reports where progress is reported
   * @throws ReplayInputException when the file cannot be read to its end
   */
  public void run(
      Path spans,
      List<PastOutcome> outcomes,
      List<? extends ReplayListener> listeners,
      PrintWriter reports)
      throws IOException {
    if (listeners.size() != policies.size()) {
      throw new IllegalArgumentException(
          listeners.size() + " listeners for " + policies.size() + " sets of policies");
    }
    List<DeadLetter> deadLetters = new ArrayList<>();
    SpanFeed feed = SpanFeed.read(spans, deadLetters::add, reports);
    List<Course> courses = new ArrayList<>();
    for (int set = 0; set < policies.size(); set++) {
      ReplayListener listener = listeners.get(set);
      for (DeadLetter letter : deadLetters) {
        listener.onDeadLetter(letter);
      }
      courses.add(new Course(prices, policies.get(set), !outcomes.isEmpty(), listener));
    }
    Deque<PastOutcome> next = new ArrayDeque<>(outcomes);
    feed.play(
        "backtest",
        prices,
        arrival -> {
          while (!next.isEmpty()
              && next.peek().outcome().occurredMicros() < arrival.span().eventTimeMicros()) {
            PastOutcome outcome = next.poll();
            for (Course course : courses) {
              course.accept(outcome);
            }
          }
          for (Course course : courses) {
            course.accept(arrival);
          }
        },
        reports);
    for (PastOutcome outcome : next) {
      for (Course course : courses) {
        course.acceptAtTheEnd(outcome);
      }
    }
  }
}
