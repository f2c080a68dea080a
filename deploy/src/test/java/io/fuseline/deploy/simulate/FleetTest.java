package io.fuseline.deploy.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.deploy.simulate.Fleet.Misbehaviour;
import io.fuseline.enrichment.price.DefaultPrices;
import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.schemas.CostStatus;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FleetTest {
  private static final Instant NOW = Instant.parse("2026-10-01T12:00:00Z");

  private static final PriceBook PRICES = prices();

  private final Fleet fleet = new Fleet(7, "run");

  @Test
  void shouldPlaySameRunsWhenSeedIsSame() {
    Fleet twin = new Fleet(7, "run");
    Fleet other = new Fleet(8, "run");

    List<Step> steps = healthySteps(fleet);

    assertThat(healthySteps(twin)).isEqualTo(steps);
    assertThat(healthySteps(other)).isNotEqualTo(steps);
  }

  @ParameterizedTest
  @EnumSource(Misbehaviour.class)
  void shouldMisbehaveInSameWayWhenSeedIsSame(Misbehaviour kind) {
    Fleet twin = new Fleet(7, "run");

    assertThat(doings(twin.misbehavingRun(kind, 3)))
        .isEqualTo(doings(fleet.misbehavingRun(kind, 3)));
  }

  @Test
  void shouldTakeFiveToFortyStepsWhenHealthy() {
    assertThat(healthyRuns(200))
        .allSatisfy(run -> assertThat(steps(run, 100)).hasSizeBetween(5, 40));
  }

  @Test
  void shouldNotRepeatACallThreeTimesWhenHealthy() {
    assertThat(healthyRuns(500))
        .allSatisfy(
            run -> {
              List<Step.ToolCall> calls = toolCalls(steps(run, 100));
              assertThat(calls.stream().collect(Collectors.groupingBy(call -> call)).values())
                  .allSatisfy(same -> assertThat(same).hasSizeLessThan(3));
            });
  }

  @Test
  void shouldRepeatThreeCallsWithSameResultsWhenLooping() {
    List<Step> steps = steps(fleet.misbehavingRun(Misbehaviour.LOOPING, 0), 100);
    List<Step.ToolCall> calls = toolCalls(steps);

    List<Step.ToolCall> cycle = calls.subList(3, 6);
    assertThat(cycle).doesNotHaveDuplicates();
    for (int repeat = 3; repeat + 3 <= calls.size(); repeat += 3) {
      assertThat(calls.subList(repeat, repeat + 3)).isEqualTo(cycle);
    }
    assertThat(steps.get(0).work()).isInstanceOf(Step.ModelCall.class);
    assertThat(steps.get(2).work()).isInstanceOf(Step.ModelCall.class);
  }

  @Test
  void shouldCallItsToolTwentyTimesASecondWhenExploding() {
    RunPlan plan = fleet.misbehavingRun(Misbehaviour.EXPLODING, 0);
    List<Step> calls = steps(plan, 101).subList(1, 101);

    assertThat(toolCalls(calls)).hasSize(100).doesNotHaveDuplicates();
    Duration takes = calls.stream().map(Step::takes).reduce(Duration.ZERO, Duration::plus);
    assertThat(takes).isBetween(Duration.ofMillis(4_500), Duration.ofMillis(5_500));
    assertThat(plan.heedsThrottle()).isFalse();
  }

  @Test
  void shouldStartSubAgentsThatStartSubAgentsWhenDelegating() {
    RunPlan plan = fleet.misbehavingRun(Misbehaviour.DELEGATING, 0);
    List<Step> all = work(plan, 10_000);

    assertThat(all.stream().mapToInt(step -> step.starts().size()).sum()).isEqualTo(2 + 4 + 8);
    assertThat(cost(plan.worker().agent(), all)).isGreaterThan(new BigDecimal("20"));
  }

  @Test
  void shouldMakeAboutTheRateAskedFor() {
    int runs = Fleet.runsAtOnce(40);
    Duration oneRun =
        healthyRuns(400)
            .flatMap(run -> steps(run, 100).stream())
            .map(Step::takes)
            .reduce(Duration.ZERO, Duration::plus);
    long steps = healthyRuns(400).mapToLong(run -> steps(run, 100).size()).sum();

    assertThat(runs * steps * 1000.0 / oneRun.toMillis()).isBetween(32.0, 48.0);
  }

  @Test
  void shouldCostWhatSuchAgentsCostAndFindEveryPrice() {
    List<BigDecimal> costs =
        healthyRuns(300).map(run -> cost(run.worker().agent(), steps(run, 100))).toList();

    assertThat(costs)
        .allSatisfy(
            cost -> assertThat(cost).isBetween(new BigDecimal("0.001"), new BigDecimal("2")));
  }

  private List<Step> healthySteps(Fleet of) {
    return LongStream.range(0, 20)
        .mapToObj(of::healthyRun)
        .flatMap(run -> steps(run, 100).stream())
        .toList();
  }

  private Stream<RunPlan> healthyRuns(int count) {
    return LongStream.range(0, count).mapToObj(fleet::healthyRun);
  }

  private static List<Step> steps(RunPlan run, int most) {
    List<Step> steps = new ArrayList<>();
    while (steps.size() < most && run.worker().steps().hasNext()) {
      steps.add(run.worker().steps().next());
    }
    return steps;
  }

  private static PriceBook prices() {
    PriceBook prices = new PriceBook("USD");
    DefaultPrices.load().forEach(prices::put);
    return prices;
  }

  private static List<Step.Work> doings(RunPlan run) {
    return work(run, 60).stream().map(Step::work).toList();
  }

  private static BigDecimal cost(Agent agent, List<Step> steps) {
    SpanScribe scribe = new SpanScribe("acme");
    BigDecimal sum = BigDecimal.ZERO;
    int number = 0;
    for (Step step : steps) {
      number++;
      var span = scribe.span(agent, step, "run", "run", null, number, NOW, NOW);
      var pricing = PRICES.price(span, NOW.getEpochSecond() * 1_000_000);
      assertThat(pricing.status()).as(step.toString()).isEqualTo(CostStatus.PRICED);
      sum = sum.add(BigDecimal.valueOf(pricing.contractedPico(), 12));
    }
    return sum;
  }

  /** The steps of a run and of all sub-agents it started. */
  private static List<Step> work(RunPlan run, int most) {
    List<Step> done = new ArrayList<>();
    Deque<Worker> waiting = new ArrayDeque<>(List.of(run.worker()));
    while (!waiting.isEmpty() && done.size() < most) {
      Worker worker = waiting.remove();
      while (worker.steps().hasNext() && done.size() < most) {
        Step step = worker.steps().next();
        waiting.addAll(step.starts());
        done.add(step);
      }
    }
    return done;
  }

  private static List<Step.ToolCall> toolCalls(List<Step> steps) {
    return steps.stream()
        .map(Step::work)
        .filter(Step.ToolCall.class::isInstance)
        .map(Step.ToolCall.class::cast)
        .toList();
  }
}
