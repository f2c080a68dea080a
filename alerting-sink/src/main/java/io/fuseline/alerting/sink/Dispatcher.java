package io.fuseline.alerting.sink;

import io.fuseline.alerting.sink.Outcome.Result;
import java.time.Clock;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers events to one destination: tries again as long as that may help, counts, disables the
 * destination after too many failures and tells so. Safe for use by many threads.
 */
final class Dispatcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  private final Destination destination;
  private final SinkTarget target;
  private final Breaker breaker;
  private final Tally tally;
  private final OwnAlerts ownAlerts;
  private final Clock clock;
  private final RandomGenerator random;
  private final Pause pause;

  Dispatcher(
      Destination destination,
      SinkTarget target,
      Breaker breaker,
      Tally tally,
      OwnAlerts ownAlerts,
      Clock clock,
      RandomGenerator random,
      Pause pause) {
    this.destination = destination;
    this.target = target;
    this.breaker = breaker;
    this.tally = tally;
    this.ownAlerts = ownAlerts;
    this.clock = clock;
    this.random = random;
    this.pause = pause;
  }

  Destination destination() {
    return destination;
  }

  Tally tally() {
    return tally;
  }

  /**
   * Returns when the event is delivered, given up or skipped.
   *
   * @throws InterruptedException if the sink closes; the event may be delivered again
   */
  Outcome deliver(Event event) throws InterruptedException {
    return switch (breaker.leave()) {
      case NO -> {
        tally.skipped.increment();
        yield new Outcome(
            Result.SKIPPED,
            0,
            null,
            clock.instant(),
            destination.name() + " is disabled since " + breaker.disabledAt());
      }
      case ONCE -> attempt(event, 1);
      case YES -> attempt(event, destination.retry().maxAttempts());
    };
  }

  private Outcome attempt(Event event, int maxAttempts) throws InterruptedException {
    var first = clock.instant();
    for (var attempt = 1; ; attempt++) {
      var answer = once(event, attempt);
      if (answer.delivered()) {
        tally.delivered.increment();
        note(breaker.succeeded(), answer);
        return new Outcome(Result.DELIVERED, attempt, first, clock.instant(), answer.what());
      }
      if (!answer.mayChange() || attempt >= maxAttempts) {
        tally.failed.increment();
        if (!answer.ofEvent()) {
          note(breaker.failed(), answer);
        }
        return new Outcome(
            Result.GIVEN_UP,
            attempt,
            first,
            clock.instant(),
            answer.mayChange()
                ? "failed " + attempt + " times, at last: " + answer.what()
                : "refused: " + answer.what());
      }
      var delay = destination.retry().delayAfter(attempt, answer.retryAfter(), random);
      LOG.warn(
          "{}: attempt {} of {} for {} failed ({}); next in {} ms",
          destination.name(),
          attempt,
          maxAttempts,
          event.id(),
          answer.what(),
          delay.toMillis());
      tally.retried.increment();
      pause.sleep(delay);
      if (breaker.disabledAt() != null) {
        maxAttempts = attempt + 1; // others have found out meanwhile: one more, and no longer
      }
    }
  }

  private Answer once(Event event, int attempt) throws InterruptedException {
    try {
      return target.attempt(event, attempt);
    } catch (IllegalArgumentException e) {
      return Answer.unfit(e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("Delivery of {} to {} failed", event.id(), destination.name(), e);
      return Answer.refused("cannot be delivered: " + e.getClass().getSimpleName());
    }
  }

  private void note(Breaker.Change change, Answer answer) throws InterruptedException {
    if (change == Breaker.Change.NONE) {
      return;
    }
    var disabled = change == Breaker.Change.DISABLED;
    tally.disabled.set(disabled);
    if (disabled) {
      LOG.error(
          "{} is disabled after {} failures in a row, at last: {}. It is tried again every {} s.",
          destination,
          Breaker.FAILURES,
          answer.what(),
          Breaker.REST.toSeconds());
    } else {
      LOG.info("{} works again and is enabled", destination);
    }
    ownAlerts.tell(destination, disabled, answer.what());
  }

  @Override
  public void close() {
    target.close();
  }
}
