package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.TEN_O_CLOCK;
import static io.fuseline.stream.judge.SpanDraft.llmSpan;
import static io.fuseline.stream.judge.SpanDraft.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Command;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Window;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;

/** Where budgets stand, and what they ask for, does not depend on the order of spans. */
@PropertyDefaults(tries = 300, edgeCases = EdgeCasesMode.NONE)
class BudgetOrderProperties {
  /** Runs of the tree: the root, two below it, one below the first of these. */
  private static final String[] RUNS = {"run-1", "left", "right", "leaf"};

  private static final String[] PARENTS = {null, "run-1", "run-1", "left"};
  private static final int[] PARENT_NUMBERS = {-1, 0, 0, 1};

  private static final String LADDER =
      "ladder: [{at: 50%, action: alert}, {at: 80%, action: throttle, caps: {cooldown_ms: 1}}, {at: 100%, action: pause}]";

  private static final String RUN_BUDGETS =
      budget("cost", "per: run, limit: 5")
          + budget("tokens", "per: run, of: tokens, limit: 1000")
          + budget("llm-calls", "per: run, of: llm-calls, limit: 8")
          + budget("tool-calls", "per: run, of: tool-calls, limit: 6")
          + budget("dear-calls", "per: run, of: tool-calls, min_unit_price: 0.3, limit: 5")
          + budget("other-calls", "per: run, of: tool-calls, other_than: [tool-1], limit: 5")
          + budget("one-tool", "per: run, of: calls-of-one-tool, limit: 5")
          + budget("steps", "per: run, of: steps, limit: 14")
          + budget("subtree", "per: subtree, limit: 2");

  private static String budget(String id, String rule) {
    return "{id: %s, rule: {type: budget, %s}, %s}%n---%n".formatted(id, rule, LADDER);
  }

  /** One span of one run of the tree; tool 0 is a model call. */
  record Spent(int run, int tool, long cents, long tokens, int second) {
    SpanDraft draft(int number) {
      SpanDraft draft = tool == 0 ? llmSpan() : toolCall("tool-" + tool);
      if (run > 0) {
        draft.run(RUNS[run], PARENTS[run]);
      }
      return draft
          .id("span-" + number)
          .agent("agent-" + run)
          .signature(number)
          .costs(cents + "e-2")
          .tokens(tokens)
          .second(second);
    }

    /**
     * True when the span counts on a run of the tree: it is of it, or of one below it. A run that
     * has reported nothing is not known, and neither is what is above it.
     */
    boolean countsOn(int other, Set<Integer> reported) {
      int at = run;
      while (at != other && reported.contains(at)) {
        at = PARENT_NUMBERS[at];
      }
      return at == other && reported.contains(other);
    }
  }

  @Property
  void shouldStandAtTheSameForARunWhateverTheOrder(
      @ForAll("spans") List<Spent> spans, @ForAll Random random) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < spans.size(); i++) {
      order.add(i);
    }
    RunUnderTest inOrder = seen(spans, order);
    Collections.shuffle(order, random);
    RunUnderTest shuffled = seen(spans, order);

    for (Policy policy : RunUnderTest.policySet(RUN_BUDGETS).all()) {
      Rule.Budget rule = (Rule.Budget) policy.rule();
      if (rule.per() == Rule.Per.RUN) {
        assertThat(RunBudgets.measure(rule, inOrder.state))
            .as(policy.id())
            .isEqualTo(RunBudgets.measure(rule, shuffled.state))
            .isEqualTo(oracle(policy.id(), spans));
      }
    }
    Set<Integer> reported = spans.stream().map(Spent::run).collect(Collectors.toSet());
    for (int run = 0; run < RUNS.length; run++) {
      int number = run;
      long cents =
          spans.stream()
              .filter(span -> span.countsOn(number, reported))
              .mapToLong(Spent::cents)
              .sum();
      for (RunUnderTest each : List.of(inOrder, shuffled)) {
        RunNode node = each.state.nodes.get(RUNS[run]);
        assertThat(node == null ? 0 : node.tree.saturatedPico())
            .as(RUNS[run])
            .isEqualTo(cents * 10_000_000_000L);
      }
    }
    assertThat(strictest(shuffled.commands)).isEqualTo(strictest(inOrder.commands));
  }

  /** What a budget adds up, straight from the spans. */
  private static long oracle(String budget, List<Spent> spans) {
    long models = spans.stream().filter(span -> span.tool() == 0).count();
    Map<Integer, Long> calls = new HashMap<>();
    Map<Integer, Long> cents = new HashMap<>();
    for (Spent span : spans) {
      if (span.tool() > 0) {
        calls.merge(span.tool(), 1L, Long::sum);
        cents.merge(span.tool(), span.cents(), Long::sum);
      }
    }
    long tools = spans.size() - models;
    return switch (budget) {
      case "cost" -> spans.stream().mapToLong(Spent::cents).sum() * 10_000_000_000L;
      case "tokens" -> spans.stream().mapToLong(Spent::tokens).sum();
      case "llm-calls" -> models;
      case "tool-calls" -> tools;
      case "dear-calls" ->
          calls.entrySet().stream()
              .filter(tool -> cents.get(tool.getKey()) >= 30 * tool.getValue())
              .mapToLong(Map.Entry::getValue)
              .sum();
      case "other-calls" -> tools - calls.getOrDefault(1, 0L);
      case "one-tool" -> calls.values().stream().mapToLong(Long::longValue).max().orElse(0);
      case "steps" -> spans.size();
      default -> throw new IllegalArgumentException(budget);
    };
  }

  private static RunUnderTest seen(List<Spent> spans, List<Integer> order) {
    RunUnderTest run = new RunUnderTest(RUN_BUDGETS);
    for (int i : order) {
      run.see(spans.get(i).draft(i));
    }
    return run;
  }

  @Property
  void shouldStandAtTheSameForAScopeWhateverTheOrderInsideAWindow(
      @ForAll("spans") List<Spent> spans, @ForAll("windows") Window window, @ForAll Random random) {
    String yaml =
        scopeBudget("cost", "limit: 5", window)
            + scopeBudget("tokens", "of: tokens, limit: 200", window)
            + scopeBudget("llm-calls", "of: llm-calls, limit: 15", window)
            + scopeBudget("steps", "of: steps, limit: 15", window);
    long secondsApart = window.equals(Window.calendar(Window.Unit.MINUTE, ZoneOffset.UTC)) ? 1 : 59;
    List<Delta> deltas =
        spans.stream()
            .map(
                span ->
                    ScopeUnderTest.spend(
                        span.cents() + "e-2",
                        TEN_O_CLOCK + span.second() * secondsApart * Times.MICROS_PER_SECOND))
            .toList();
    ScopeUnderTest inOrder = ScopeUnderTest.agent(yaml);
    deltas.forEach(inOrder::see);
    List<Delta> order = new ArrayList<>(deltas);
    Collections.shuffle(order, random);
    ScopeUnderTest shuffled = ScopeUnderTest.agent(yaml);
    order.forEach(shuffled::see);

    Cell oracle = new Cell();
    deltas.forEach(oracle::add);
    for (Policy policy : RunUnderTest.policySet(yaml).all()) {
      Rule.Budget rule = (Rule.Budget) policy.rule();
      assertThat(Budgets.measure(rule, ScopeJudge.cell(inOrder.state, window)))
          .as(policy.id())
          .isEqualTo(Budgets.measure(rule, ScopeJudge.cell(shuffled.state, window)))
          .isEqualTo(Budgets.measure(rule, oracle));
    }
    assertThat(strictest(shuffled.commands)).isEqualTo(strictest(inOrder.commands));
  }

  private static String scopeBudget(String id, String rule, Window window) {
    String written =
        window.equals(Window.LIFE)
            ? "life"
            : window.isRolling()
                ? window.length().toMinutes() + "m"
                : window.unit().name().toLowerCase(Locale.ROOT) + ", zone: " + window.zone();
    return budget(id, "per: agent, window: " + written + ", " + rule);
  }

  /**
   * The strictest that each policy asks of each target. Left out are dear tools: whether a tool is
   * one is told from its mean price so far, which goes up and down on the way.
   */
  private static Map<String, Action> strictest(List<Command> commands) {
    Map<String, Action> strictest = new HashMap<>();
    for (Command command : commands) {
      if (!command.getPolicyId().equals("dear-calls")) {
        strictest.merge(
            command.getPolicyId() + " " + command.getTarget(),
            command.getAction(),
            (one, other) -> one.compareTo(other) > 0 ? one : other);
      }
    }
    return strictest;
  }

  @Provide
  Arbitrary<List<Spent>> spans() {
    return Combinators.combine(
            Arbitraries.integers().between(0, RUNS.length - 1),
            Arbitraries.integers().between(0, 3),
            Arbitraries.longs().between(0, 60),
            Arbitraries.longs().between(0, 100),
            Arbitraries.integers().between(0, 59))
        .as(Spent::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(30);
  }

  @Provide
  Arbitrary<Window> windows() {
    return Arbitraries.of(
        Window.LIFE,
        Window.HOUR,
        Window.DAY,
        Window.calendar(Window.Unit.MINUTE, ZoneOffset.UTC),
        Window.calendar(Window.Unit.DAY, ZoneId.of("Asia/Kolkata")),
        Window.calendar(Window.Unit.WEEK, ZoneId.of("Europe/Berlin")),
        Window.calendar(Window.Unit.MONTH, ZoneOffset.UTC),
        Window.calendar(Window.Unit.QUARTER, ZoneId.of("America/New_York")),
        Window.rolling(Duration.ofHours(1)),
        Window.rolling(Duration.ofHours(24)),
        Window.rolling(Duration.ofDays(30)));
  }
}
