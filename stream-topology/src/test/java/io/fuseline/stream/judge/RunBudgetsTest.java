package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.llmSpan;
import static io.fuseline.stream.judge.SpanDraft.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Command;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Budgets that a run keeps: of its tree, of its parts, of what it uses. */
class RunBudgetsTest {
  private static final String SUBTREE =
      "{id: sub, rule: {type: budget, per: subtree, limit: 10}, ladder: [{at: 100%, action: pause}]}";

  @Example
  void shouldTripAtTheCentThatTakesParentAndChildTogetherToTheCap() {
    RunUnderTest run = new RunUnderTest(SUBTREE).storedBetweenSpans();
    run.see(llmSpan().costs("1")); // the root, whose cap is not reached by it alone
    run.see(llmSpan().run("parent", "run-1").agent("planner").costs("8"));

    for (int cent = 1; cent < 100; cent++) {
      run.see(llmSpan().run("child", "parent").agent("helper").costs("0.01"));
    }
    assertThat(run.commands).isEmpty(); // 9.99
    run.see(llmSpan().run("child", "parent").agent("helper").costs("0.01"));

    assertThat(run.commands).hasSize(1); // 10.00 in the root's tree, 9.00 in the parent's
    assertThat(run.commands.get(0).getTarget()).isEqualTo("run-1");
  }

  @Example
  void shouldTripParentNineAndChildFiveUnderACapOfTenAtTheFirstCentOver() {
    RunUnderTest run = new RunUnderTest(SUBTREE.replace("pause", "kill")).storedBetweenSpans();
    run.see(llmSpan().costs("0"));
    run.see(llmSpan().run("parent", "run-1").agent("planner").costs("9"));

    int cents = 0;
    while (run.commands.isEmpty() && cents < 500) {
      run.see(llmSpan().run("child", "parent").agent("helper").costs("0.01"));
      cents++;
    }

    assertThat(cents).isEqualTo(100); // 9.00 + 1.00: the rung at 100% is the cap itself
    assertThat(run.commands)
        .extracting(Command::getTarget)
        .containsExactlyInAnyOrder("parent", "run-1");
    assertThat(run.command(Action.KILL).getRootRunIds()).containsExactly("run-1");
    assertThat(run.command(Action.KILL).getSpend()).isEqualByComparingTo("10.00");
  }

  @Example
  void shouldActOnEachRunOfTheTreeForItself() {
    RunUnderTest run = new RunUnderTest(SUBTREE).storedBetweenSpans();
    run.see(llmSpan().run("a", "run-1").agent("helper").costs("10"));
    run.see(llmSpan().run("b", "run-1").agent("helper").costs("10"));

    assertThat(run.commands).extracting(Command::getTarget).containsExactly("a", "b");
    assertThat(run.alerts).allMatch(alert -> alert.getRootRunId().equals("run-1"));
    assertThat(run.commands).extracting(Command::getCommandId).doesNotHaveDuplicates();

    run.see(llmSpan().costs("0")); // the root tells of itself: 20 in its tree
    assertThat(run.commands).extracting(Command::getTarget).containsExactly("a", "b", "run-1");
  }

  @Property(tries = 5)
  void shouldConserveCostInATreeOfDepth8And1000Nodes(@ForAll long seed) {
    java.util.Random random = new java.util.Random(seed);
    RunUnderTest run = new RunUnderTest("");
    int nodes = 1_000;
    int[] parents = new int[nodes];
    int[] depths = new int[nodes];
    long[] own = new long[nodes];
    for (int i = 1; i < nodes; i++) {
      int parent = i < 8 ? i - 1 : random.nextInt(i); // a chain of 8 first
      while (depths[parent] >= 7) {
        parent = parents[parent];
      }
      parents[i] = parent;
      depths[i] = depths[parent] + 1;
    }
    List<Integer> order = new java.util.ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      order.add(i);
      order.add(random.nextInt(nodes));
    }
    java.util.Collections.shuffle(order, random); // children before their parents too
    for (int i : order) {
      long cost = random.nextInt(1_000_000);
      own[i] += cost;
      run.see(
          llmSpan()
              .run(
                  i == 0 ? "run-1" : "n" + i,
                  i == 0 ? null : parents[i] == 0 ? "run-1" : "n" + parents[i])
              .agent("a" + i % 7)
              .costsPico(cost));
    }
    RunState kept = RunState.fromBytes(run.state.toBytes());

    long[] tree = own.clone();
    for (int i = nodes - 1; i > 0; i--) {
      tree[parents[i]] += tree[i];
    }
    assertThat(kept.nodes).hasSize(nodes);
    for (int i = 0; i < nodes; i++) {
      assertThat(kept.nodes.get(i == 0 ? "run-1" : "n" + i).tree.saturatedPico())
          .isEqualTo(tree[i]);
    }
    assertThat(kept.nodes.get("run-1").tree).isEqualTo(kept.cost);
  }

  @Example
  void shouldNotHangOrLoseCostWhenRunsNameEachOtherAsParents() {
    RunUnderTest run = new RunUnderTest(SUBTREE).storedBetweenSpans();
    run.see(llmSpan().run("a", "b").agent("x").costs("4"));
    run.see(llmSpan().run("b", "a").agent("y").costs("4"));
    run.see(llmSpan().run("a", "b").agent("x").costs("4"));

    assertThat(run.state.cost).hasToString("12.000000000000");
    assertThat(run.commands).isNotEmpty();
  }

  @Example
  void shouldUndoInTheTreesWhatASpanWrittenAgainReplaces() {
    RunUnderTest run = new RunUnderTest(SUBTREE).storedBetweenSpans();
    run.see(llmSpan().run("child", "run-1").agent("helper").id("s").snapshot().costs("9"));
    run.see(llmSpan().run("child", "run-1").agent("helper").id("s").costs("2"));

    assertThat(run.state.nodes.get("child").tree).hasToString("2.000000000000");
    assertThat(run.commands).isEmpty();
  }

  @Example
  void shouldAskForApprovalAboveFiftyCallsOfADearTool() {
    RunUnderTest run =
        new RunUnderTest(
            """
            id: dear
            rule: {type: budget, per: run, of: calls-of-one-tool, min_unit_price: "0.10", limit: 51}
            ladder: [{at: 100%, action: require-approval}]
            """);
    run.see(500, toolCall("cheap").costs("0.01"));
    run.see(50, toolCall("dear").costs("0.10"));
    run.see(40, toolCall("dearer").costs("0.50"));
    assertThat(run.commands).isEmpty();

    run.see(toolCall("dear").costs("0.10"));
    assertThat(run.actions()).containsExactly(Action.REQUIRE_APPROVAL);
    assertThat(run.commands.get(0).getEvidence().getMeasured()).isEqualTo("51");
    assertThat(run.commands.get(0).getReason()).contains("has used 51 calls of one tool");
  }

  @Example
  void shouldCountCallsOfAllDearToolsTogether() {
    RunUnderTest run =
        new RunUnderTest(
            """
            id: premium
            rule: {type: budget, per: run, of: tool-calls, min_unit_price: "0.10", limit: 101}
            ladder: [{at: 100%, action: require-approval}]
            """);
    run.see(60, toolCall("dear").costs("0.10")).see(40, toolCall("dearer").costs("0.2"));
    run.see(300, toolCall("free"));
    assertThat(run.commands).isEmpty();

    run.see(toolCall("dear").costs("0.10"));
    assertThat(run.actions()).containsExactly(Action.REQUIRE_APPROVAL);
  }

  @Example
  void shouldCountTokensStepsAndModelCalls() {
    for (String of : List.of("tokens", "steps", "llm-calls")) {
      RunUnderTest run =
          new RunUnderTest(
              "{id: use, rule: {type: budget, per: run, of: %s, limit: 10}, ladder: [{at: 100%%, action: kill}]}"
                  .formatted(of));
      run.see(9, llmSpan().tokens(1));
      assertThat(run.commands).as(of).isEmpty();
      run.see(of.equals("steps") ? toolCall("t") : llmSpan().tokens(1));
      assertThat(run.actions()).as(of).containsExactly(Action.KILL);
    }
  }

  @Example
  void shouldStopTheFirstCallOfAToolThatIsNotAllowed() {
    RunUnderTest run =
        new RunUnderTest(
            """
            id: tools
            match: {role: worker, tags: {budget_tier: basic}}
            rule: {type: budget, per: run, of: tool-calls, other_than: [search, "read_*"], limit: 1}
            ladder: [{at: 100%, action: pause}]
            """);
    Map<String, String> basic = Map.of("budget_tier", "basic");
    run.see(9, toolCall("search").tags(basic)).see(9, toolCall("read_file").tags(basic));
    assertThat(run.commands).isEmpty();

    run.see(toolCall("transfer_money").tags(basic));
    assertThat(run.actions()).containsExactly(Action.PAUSE);
  }

  @Example
  void shouldAskForApprovalWhenOneActionIsWorthMoreThanTheLimit() {
    RunUnderTest run =
        new RunUnderTest(
            """
            id: worth
            rule: {type: budget, per: run, of: action-value, limit: "10000"}
            ladder: [{at: 100.0001%, action: require-approval}]
            """);
    run.see(3, toolCall("order").tags(Map.of("declared_value", "9999.99")));
    run.see(toolCall("order").tags(Map.of("declared_value", "10000")));
    run.see(toolCall("order").tags(Map.of("declared_value", "a lot")));
    assertThat(run.commands).isEmpty();

    run.see(toolCall("order").tags(Map.of("declared_value", "10000.01")));
    assertThat(run.actions()).containsExactly(Action.REQUIRE_APPROVAL);
    assertThat(run.commands.get(0).getReason()).contains("declared an action of 10000.01 USD");
  }

  @Example
  void shouldTellWhenTheBudgetEndsAtThePresentPace() {
    RunUnderTest run =
        new RunUnderTest(
            "{id: cap, rule: {type: budget, per: run, limit: 20}, ladder: [{at: 50%, action: alert}]}");
    run.see(llmSpan().minute(0).costs("4")).see(llmSpan().minute(30).costs("6"));

    Map<String, String> details = run.alerts.get(0).getEvidence().getDetails();
    assertThat(details)
        .containsEntry("pace_per_hour", "20.00")
        .containsEntry("ends_at", "2026-05-04T10:29:59Z".replace("10:29:59", "11:00:00"));
    assertThat(run.alerts.get(0).getEvidence().getSummary())
        .endsWith("At this pace it ends at 2026-05-04T11:00:00Z.");
  }
}
