package io.fuseline.stream.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.TargetType;
import io.fuseline.stream.judge.Limit;
import io.fuseline.stream.judge.Standing;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.PolicyFile;
import io.fuseline.stream.policy.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * The bound that leases are for. Holders ask, spend, report, die without a word; spans reach the
 * books late; the books may be wiped of promises. The oracle is a sum: what was in truth spent.
 */
class AdmissionProperties {
  private static final long SECOND = 1_000_000;
  private static final long CAP = 1_000_000_000_000L;
  private static final AdmissionSettings SETTINGS = AdmissionSettings.defaults();
  private static final Policy BUDGET =
      PolicyFile.parse(
              """
              id: cap
              rule: {type: budget, per: run, window: life, limit: "1.00"}
              ladder: [{at: 100%, action: kill}]
              """,
              "test.yaml")
          .stream()
          .map(ParsedPolicy::policy)
          .findFirst()
          .orElseThrow();

  /** Nothing is forgotten: never over the cap, and never even at it, which would stop the run. */
  @Property(tries = 500)
  void shouldNeverSpendTheCapWhatEverHoldersDo(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int holders) {
    World world = new World(seed, holders, SETTINGS.settleMicros());
    for (int i = 0; i < 600; i++) {
      world.step();
      assertThat(world.spent).isLessThan(CAP);
    }
  }

  /**
   * The promises are lost time and again: what goes over is what was promised or under way then.
   */
  @Property(tries = 500)
  void shouldOverspendNoMoreThanWhatWasOutWhenPromisesWereLost(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int holders) {
    World world = new World(seed, holders, SETTINGS.settleMicros());
    long overspendable = 0;
    for (int i = 0; i < 600; i++) {
      if (world.random.nextInt(100) == 0) {
        long out = world.largestLease * holders + world.notInTheBooks();
        overspendable += out;
        world.loseMemory();
      }
      world.step();
      assertThat(world.spent).isLessThan(CAP + overspendable);
    }
  }

  /** Spans come at once: what goes over when promises are lost is one lease per holder. */
  @Property(tries = 500)
  void shouldOverspendOneLeasePerHolderWhenPromisesAreLostAndTheBooksFollow(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int holders) {
    World world = new World(seed, holders, 0);
    for (int i = 0; i < 600; i++) {
      if (world.random.nextInt(50) == 0) {
        world.loseMemory();
      }
      world.step();
      assertThat(world.spent).isLessThan(CAP + world.largestLease * holders);
    }
  }

  /** Who spends and tells it gets all of the cap but for the last call, promises come back. */
  @Property(tries = 100)
  void shouldGiveOutAllOfTheCap(@ForAll long seed) {
    World world = new World(seed, 1, 5 * SECOND);
    long cost = CAP / 100 * 18;
    int made = 0;
    String lease = null;
    long used = Ask.UNKNOWN;
    for (int i = 0; i < 20; i++) {
      Opinion opinion = world.ask("holder-0", cost, CAP / 2, lease, used);
      lease = null;
      used = Ask.UNKNOWN;
      if (opinion.decision() == Decision.ALLOW) {
        made++;
        world.spend(cost);
        lease = world.lastGrant;
        used = cost;
      }
      world.now += world.random.nextInt((int) (2 * SECOND));
    }
    assertThat(made).isEqualTo(5); // a sixth would reach 1.08
  }

  private static final class Lease {
    final String id;
    final long until;
    long left;
    long used;

    Lease(String id, long amount, long until) {
      this.id = id;
      this.left = amount;
      this.until = until;
    }
  }

  /** One budget, its holders, and the truth. */
  private static final class World {
    final Random random;
    final long mostDelay;
    final int holders;
    final Map<String, Lease> leases = new HashMap<>();

    /** When a span reaches the books, and what it cost. */
    final List<long[]> underWay = new ArrayList<>();

    Admission admission = new Admission(SETTINGS);
    long now = 1_777_888_800_000_000L;
    long spent;
    long booked;
    long largestLease;
    int grants;
    String lastGrant;

    World(long seed, int holders, long mostDelay) {
      this.random = new Random(seed);
      this.holders = holders;
      this.mostDelay = mostDelay;
    }

    void step() {
      now += (long) (random.nextDouble() * random.nextDouble() * 4 * SECOND);
      String holder = "holder-" + random.nextInt(holders);
      Lease lease = leases.get(holder);
      long estimate = CAP / 1000 * (1 + random.nextInt(200));
      switch (random.nextInt(10)) {
        case 0 -> leases.remove(holder); // died, and nobody tells what was spent
        case 1, 2 -> {
          if (lease != null) { // its clock must not be trusted for a report: late ones count too
            admission.giveBack(lease.id, lease.used, now);
            leases.remove(holder);
          }
        }
        default -> {
          if (lease != null && now < lease.until && lease.left >= estimate) {
            lease.left -= estimate;
            lease.used += estimate;
            spend(estimate);
          } else {
            askForLease(holder, lease, estimate);
          }
        }
      }
    }

    private void askForLease(String holder, Lease before, long estimate) {
      Opinion opinion =
          ask(
              holder,
              estimate,
              random.nextInt(4) == 0 ? estimate : CAP / 2,
              before == null ? null : before.id,
              before == null ? Ask.UNKNOWN : before.used);
      leases.remove(holder);
      if (opinion.decision() != Decision.ALLOW) {
        return;
      }
      assertThat(opinion.lease()).isGreaterThanOrEqualTo(estimate);
      largestLease = Math.max(largestLease, opinion.lease());
      Lease lease = new Lease(lastGrant, opinion.lease(), opinion.expiresAt());
      lease.left -= estimate;
      lease.used += estimate;
      spend(estimate);
      leases.put(holder, lease);
    }

    Opinion ask(String holder, long estimate, long lease, String returned, long used) {
      arrive();
      lastGrant = "lease-" + grants++;
      Subject subject = new Subject("acme", "coder", null, null, null, null, null, null);
      Ask ask =
          new Ask(lastGrant, subject, "run-1", "run-1", estimate, 0, holder, lease, returned, used);
      Limit limit =
          new Limit(
              BUDGET,
              TargetType.RUN,
              "acme",
              "run-1",
              0,
              Long.MAX_VALUE,
              booked,
              0,
              estimate,
              BUDGET.ladder(),
              now,
              now);
      return admission.ask(
          ask, List.of(new Standing(List.of(limit), List.of())), Sight.clear(now), now);
    }

    void spend(long cost) {
      spent += cost;
      long delay = mostDelay == 0 ? 0 : (long) (random.nextDouble() * mostDelay);
      underWay.add(new long[] {now + delay, cost});
    }

    private void arrive() {
      underWay.removeIf(
          span -> {
            if (span[0] <= now) {
              booked += span[1];
            }
            return span[0] <= now;
          });
    }

    long notInTheBooks() {
      arrive();
      return spent - booked;
    }

    void loseMemory() {
      admission = new Admission(SETTINGS);
    }
  }
}
