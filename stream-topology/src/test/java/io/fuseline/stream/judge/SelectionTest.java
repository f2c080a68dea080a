package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.TEN_O_CLOCK;
import static io.fuseline.stream.judge.SpanDraft.llmSpan;
import static io.fuseline.stream.judge.SpanDraft.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.Dimension;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whom policies are for, as the judges ask it. */
class SelectionTest {
  private static final String GENERAL =
      "{id: general, rule: {type: budget, per: run, limit: 10}, ladder: [{at: 100%, action: pause}]}\n---\n";

  @Test
  void shouldHoldARoleToItsOwnCapAndNotToTheGeneralOne() {
    String support =
        GENERAL
            + "{id: support, match: {role: support}, rule: {type: budget, per: run, limit: 50}, ladder: [{at: 100%, action: kill}]}";
    RunUnderTest run = new RunUnderTest(support).storedBetweenSpans();

    run.see(llmSpan().role("support").costs("49")).see(llmSpan().role("support").costs("1"));

    assertThat(run.actions()).containsExactly(Action.KILL);
    assertThat(run.commands.get(0).getPolicyId()).isEqualTo("support");
  }

  @Test
  void shouldActOnAllOfTheEqualsSoThatTheStrictestStands() {
    String twice = GENERAL + GENERAL.replace("general", "other").replace("pause", "kill");
    RunUnderTest run = new RunUnderTest(twice);

    run.see(llmSpan().costs("10"));

    assertThat(run.actions()).containsExactly(Action.PAUSE, Action.KILL);
  }

  @Test
  void shouldNotLetAShadowPolicyDisplaceOneThatEnforces() {
    RunUnderTest run =
        new RunUnderTest(
            GENERAL
                + "{id: tried, mode: shadow, match: {agent: coder}, rule: {type: budget, per: run, limit: 99}, ladder: [{at: 100%, action: kill}]}");

    run.see(llmSpan().costs("10"));

    assertThat(run.actions()).containsExactly(Action.PAUSE);
  }

  @Test
  void shouldLetGoWhenAMoreSpecificPolicyComesToHold() {
    RunUnderTest run = new RunUnderTest(GENERAL);
    run.see(llmSpan().costs("10"));

    run.apply(
        GENERAL
            + "{id: mine, match: {agent: coder}, rule: {type: budget, per: run, limit: 50}, ladder: [{at: 100%, action: kill}]}");
    run.see(llmSpan().costs("1")).see(llmSpan().costs("39"));

    assertThat(run.actions()).containsExactly(Action.PAUSE, Action.RESTORE, Action.KILL);
  }

  @Test
  void shouldSelectACycleByToolTagAndCondition() {
    RunUnderTest run =
        new RunUnderTest(
            """
            id: loops
            match: {tool: "web_*", tags: {budget_tier: basic}}
            when: environment == "prod" && agent.startsWith("cod")
            rule: {type: exact-cycle}
            ladder: [{at: 3, action: kill}]
            """);
    Map<String, String> basic = Map.of("budget_tier", "basic");

    run.see(5, toolCall("web_search").signature(1).tags(Map.of("budget_tier", "gold")));
    run.see(5, toolCall("browser").signature(2).tags(basic));
    run.see(5, toolCall("web_fetch").signature(3).agent("writer").tags(basic));
    assertThat(run.alerts).isEmpty();

    run.see(3, toolCall("web_fetch").signature(4).tags(basic));
    assertThat(run.actions()).containsExactly(Action.KILL);
  }

  @Test
  void shouldKeepTheTagsOfARunBetweenItsSpans() {
    RunUnderTest run =
        new RunUnderTest(
                "{id: basic, match: {tags: {budget_tier: basic}}, rule: {type: budget, per: run, limit: 1}, ladder: [{at: 100%, action: pause}]}")
            .storedBetweenSpans();

    run.see(llmSpan().tags(Map.of("budget_tier", "basic")).costs("0.5"));
    run.see(llmSpan().run("child", "run-1").agent("helper").costs("0.5"));

    assertThat(run.actions()).containsExactly(Action.PAUSE);
  }

  @Test
  void shouldGiveOneToolItsOwnLimit() {
    String policies =
        """
        {id: tools, rule: {type: budget, per: tool, limit: 100}, ladder: [{at: 100%, action: alert}]}
        ---
        {id: browser, match: {tool: browser}, rule: {type: budget, per: tool, limit: 5}, ladder: [{at: 100%, action: pause}]}
        """;

    var browser = new ScopeUnderTest(Dimension.TOOL, "browser", policies);
    var search = new ScopeUnderTest(Dimension.TOOL, "search", policies);
    browser.see(withoutSubject(ScopeUnderTest.spend("6", TEN_O_CLOCK)));
    search.see(withoutSubject(ScopeUnderTest.spend("6", TEN_O_CLOCK)));

    assertThat(browser.commands).extracting(Command::getPolicyId).containsExactly("browser");
    assertThat(search.alerts).extracting(Alert::getPolicyId).isEmpty();
  }

  /** As a scope that is not an agent gets it. */
  private static Delta withoutSubject(Delta delta) {
    return new Delta(
        delta.cause(),
        delta.eventMicros(),
        delta.cost(),
        delta.listCost(),
        delta.bound(),
        delta.spans(),
        delta.llmCalls(),
        delta.toolCalls(),
        delta.errors(),
        delta.unpricedSpans(),
        delta.tokens(),
        delta.rootRunId(),
        delta.spanId(),
        null,
        null,
        delta.presence(),
        null,
        0,
        null);
  }
}
