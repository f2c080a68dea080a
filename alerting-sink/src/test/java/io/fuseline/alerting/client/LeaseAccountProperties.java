package io.fuseline.alerting.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.alerting.client.LeaseAccount.Lease;
import io.fuseline.alerting.client.LeaseAccount.Taken;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever is taken, settled, given back and lost, in whatever order. */
class LeaseAccountProperties {
  private enum What {
    TAKE,
    SETTLE,
    RENEW,
    LOSE_QUESTION,
    END,
    WAIT
  }

  /**
   * @param cents estimate, or size of a lease
   * @param share of the estimate that a call has cost, in percent
   */
  private record Step(What what, int cents, int share) {}

  @Property
  void shouldNeverSpendMoreThanWasToldAndIsLeased(@ForAll("steps") List<Step> steps) {
    var pipeline = new Pipeline();
    for (var step : steps) {
      pipeline.take(step);

      assertThat(pipeline.spent()).isLessThanOrEqualTo(pipeline.told.add(pipeline.leased));
    }
  }

  /** What was told in the end is what was spent, and what calls of earlier leases left over. */
  @Property
  void shouldHaveToldAllThatWasSpentWhenTheLastLeaseIsBack(@ForAll("steps") List<Step> steps) {
    var pipeline = new Pipeline();
    steps.forEach(pipeline::take);
    pipeline.take(new Step(What.END, 1, 0));

    assertThat(pipeline.told).isGreaterThanOrEqualTo(pipeline.spent());
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(What.values()),
            Arbitraries.integers().between(1, 50),
            Arbitraries.integers().between(0, 100))
        .as(Step::new)
        .list()
        .ofMaxSize(60);
  }

  /** Grants what is asked for, and knows what it was told. */
  private static final class Pipeline {
    private static final long GOOD_FOR = 10;

    private final LeaseAccount account = new LeaseAccount();
    private final List<Call> calls = new ArrayList<>();
    private BigDecimal told = BigDecimal.ZERO;
    private BigDecimal leased = BigDecimal.ZERO;
    private long now;
    private int leases;

    private static final class Call {
      private final Taken taken;
      private BigDecimal cost;
      private boolean open = true;

      Call(Taken taken, BigDecimal estimate) {
        this.taken = taken;
        cost = estimate;
      }
    }

    BigDecimal spent() {
      return calls.stream().map(call -> call.cost).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    void take(Step step) {
      var amount = BigDecimal.valueOf(step.cents(), 2);
      switch (step.what()) {
        case TAKE ->
            account.take(amount, now).ifPresent(taken -> calls.add(new Call(taken, amount)));
        case SETTLE ->
            calls.stream()
                .filter(call -> call.open)
                .skip(step.cents() % 3)
                .findFirst()
                .ifPresent(
                    call -> {
                      call.open = false;
                      call.cost = call.cost.multiply(BigDecimal.valueOf(step.share(), 2));
                      account.settle(call.taken, call.cost);
                    });
        case RENEW -> {
          end();
          leased = amount;
          var estimate = amount.multiply(BigDecimal.valueOf(step.share(), 2));
          var lease = new Lease("l" + ++leases, amount, now + GOOD_FOR, Optional.empty());
          calls.add(new Call(account.open(lease, estimate), estimate));
        }
        case LOSE_QUESTION -> account.giveBack();
        case END -> end();
        case WAIT -> now += step.cents() % 7;
      }
    }

    private void end() {
      account
          .giveBack()
          .ifPresent(
              back -> {
                account.told(back);
                told = told.add(back.used());
              });
      leased = BigDecimal.ZERO;
    }
  }
}
