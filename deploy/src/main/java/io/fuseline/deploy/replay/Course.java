package io.fuseline.deploy.replay;

import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.topology.TopologySettings;
import java.io.IOException;

/** The deciding core with a clock and state of its own, judging spans by one set of policies. */
final class Course {
  private final EventClock clock = new EventClock();
  private final Scopes scopes;
  private final Runs runs;

  /**
   * @param outcomes whether outcomes will come too: more is kept of each span then
   */
  Course(PriceBook prices, PolicySet policies, boolean outcomes, ReplayListener listener) {
    this.scopes = new Scopes(prices.currency(), policies, clock, listener);
    this.runs =
        new Runs(prices, TopologySettings.defaults(), policies, outcomes, clock, scopes, listener);
  }

  /** Moves the clock on to the span, then books and judges it. */
  void accept(PricedArrival arrival) throws IOException {
    clock.advanceTo(arrival.span().eventTimeMicros());
    runs.accept(arrival);
  }

  /** Moves the clock on to the outcome, then counts it. */
  void accept(PastOutcome outcome) throws IOException {
    clock.advanceTo(outcome.outcome().occurredMicros());
    runs.accept(outcome);
  }

  /** Counts an outcome that came after the last span; the clock stands. */
  void acceptAtTheEnd(PastOutcome outcome) throws IOException {
    runs.accept(outcome);
  }

  Scopes scopes() {
    return scopes;
  }
}
