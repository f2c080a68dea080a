package io.fuseline.stream.judge;

import io.fuseline.schemas.TargetType;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Rung;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The raises that hold for one budget and one target. A raise moves every rung up by its amount:
 * the spend is compared with the rungs as if it were that much less.
 */
record Raised(List<Raises.Raise> raises) {
  /**
   * So long after a decision, spans of before it open nothing: whoever decided knew of the stop,
   * and what was still on its way then is no reason for another. Later ones count, lest a clock
   * that is slow keeps a target from being stopped for as long as the raise holds.
   */
  static final Duration COOL_DOWN = Duration.ofMinutes(15);

  private static final Raised NOT = new Raised(List.of());

  /** Raises of a cap on money; other budgets know none. */
  static Raised of(
      Raises raises, Policy policy, TargetType type, String tenant, String target, long nowMicros) {
    if (!(policy.rule() instanceof Rule.Budget budget)
        || budget.of() != Rule.Usage.COST && budget.of() != Rule.Usage.COST_PER_OUTCOME) {
      return NOT;
    }
    List<Raises.Raise> found = raises.of(policy.id(), type, tenant, target, nowMicros);
    int approvers = policy.ladder().stream().mapToInt(Rung::approvers).max().orElse(1);
    List<Raises.Raise> agreed = approvers == 1 ? found : agreed(found, approvers);
    return agreed.isEmpty() ? NOT : new Raised(agreed);
  }

  /**
   * What so many different people have agreed to: of what each of them has raised in all, the
   * least. Several people raise together, they do not add up.
   */
  private static List<Raises.Raise> agreed(List<Raises.Raise> found, int people) {
    Map<String, List<Raises.Raise>> byPerson = new TreeMap<>();
    for (Raises.Raise raise : found) {
      byPerson
          .computeIfAbsent(raise.by().strip().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(raise);
    }
    List<List<Raises.Raise>> most =
        byPerson.values().stream()
            .sorted(Comparator.comparingLong(Raised::sum).reversed())
            .limit(people)
            .toList();
    return most.size() < people ? List.of() : List.of(together(most));
  }

  private static Raises.Raise together(List<List<Raises.Raise>> people) {
    List<Raises.Raise> all = people.stream().flatMap(List::stream).toList();
    return new Raises.Raise(
        all.stream().map(Raises.Raise::decisionId).collect(Collectors.joining(", ")),
        people.stream().mapToLong(Raised::sum).min().orElse(0),
        all.stream().mapToLong(Raises.Raise::decidedMicros).max().orElse(0),
        all.stream().mapToLong(Raises.Raise::untilMicros).min().orElse(0),
        people.stream().map(own -> own.get(0).by()).collect(Collectors.joining(" and ")),
        all.get(all.size() - 1).why());
  }

  private static long sum(List<Raises.Raise> raises) {
    long sum = 0;
    for (Raises.Raise raise : raises) {
      sum += Math.min(raise.amountPico(), Long.MAX_VALUE - sum);
    }
    return sum;
  }

  boolean isNone() {
    return raises.isEmpty();
  }

  /** True for a span of before a decision whose cool-down is not over: it may open nothing. */
  boolean isStale(long eventMicros, long nowMicros) {
    for (Raises.Raise raise : raises) {
      if (eventMicros < raise.decidedMicros() && nowMicros < coolDownEnd(raise)) {
        return true;
      }
    }
    return false;
  }

  private static long coolDownEnd(Raises.Raise raise) {
    return raise.decidedMicros() + COOL_DOWN.toMillis() * 1000;
  }

  /** What of a measure counts against the rungs. */
  long countable(long measure) {
    long left = measure;
    for (Raises.Raise raise : raises) {
      left -= Math.min(raise.amountPico(), Math.max(0, left));
    }
    return left;
  }

  /** By how much the rungs stand higher. */
  long total() {
    long total = 0;
    for (Raises.Raise raise : raises) {
      total = Saturating.add(total, raise.amountPico());
    }
    return total;
  }

  /** Why an episode that the raises lift is closed. */
  String words(String currency) {
    Raises.Raise newest = raises.get(raises.size() - 1);
    return "The cap was raised by %s %s until %s by %s: %s"
        .formatted(
            Budgets.plain(BigDecimal.valueOf(newest.amountPico(), Amount.SCALE)),
            currency,
            Times.instant(newest.untilMicros()),
            newest.by(),
            newest.why().endsWith(".") ? newest.why() : newest.why() + ".");
  }

  /** Who lifted it, with the decision. */
  String approvedBy() {
    Raises.Raise newest = raises.get(raises.size() - 1);
    return newest.by() + " (decision " + newest.decisionId() + ")";
  }

  /**
   * What a RESTORE says: what was raised and until when, what may be spent before the rung that had
   * been reached is reached again, and until when spans of before the decision open nothing.
   */
  Map<String, String> restored(Policy policy, Episode episode, long measure) {
    Raises.Raise newest = raises.get(raises.size() - 1);
    Map<String, String> details = details();
    long left = Ladder.reached(policy, episode).threshold() - countable(measure);
    details.put("headroom", Budgets.plain(BigDecimal.valueOf(left, Amount.SCALE)));
    details.put("raised_until", Times.instant(newest.untilMicros()).toString());
    details.put("cooldown_until", Times.instant(coolDownEnd(newest)).toString());
    return details;
  }

  /** Adds to the details of evidence what was raised. */
  Map<String, String> details() {
    Map<String, String> details = new TreeMap<>();
    long sum = 0;
    StringBuilder decisions = new StringBuilder();
    for (Raises.Raise raise : raises) {
      sum = Math.addExact(sum, raise.amountPico());
      decisions.append(decisions.length() == 0 ? "" : ", ").append(raise.decisionId());
    }
    if (!isNone()) {
      details.put("raised_by", Budgets.plain(BigDecimal.valueOf(sum, Amount.SCALE)));
      details.put("decisions", decisions.toString());
    }
    return details;
  }
}
