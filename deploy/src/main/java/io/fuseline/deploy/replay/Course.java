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

  Course(PriceBook prices, PolicySet policies, ReplayListener listener) {
    this.scopes = new Scopes(prices.currency(), policies, clock, listener);
    this.runs = new Runs(prices, TopologySettings.defaults(), policies, clock, scopes, listener);
  }

  /** Moves the clock on to the span, then books and judges it. */
  void accept(PricedArrival arrival) throws IOException {
    clock.advanceTo(arrival.span().eventTimeMicros());
    runs.accept(arrival);
  }

  Scopes scopes() {
    return scopes;
  }
}
