package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.TEN_O_CLOCK;
import static io.fuseline.stream.judge.SpanDraft.llmSpan;
import static io.fuseline.stream.judge.SpanDraft.pico;
import static io.fuseline.stream.judge.SpanDraft.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Dimension;
import io.fuseline.stream.admission.Admission;
import io.fuseline.stream.admission.AdmissionSettings;
import io.fuseline.stream.admission.Ask;
import io.fuseline.stream.admission.Decision;
import io.fuseline.stream.admission.Opinion;
import io.fuseline.stream.admission.Sight;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.Subject;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Admission reads from the state what the judges would do. */
class StandingsTest {
  private static final long MINUTE = Times.MICROS_PER_MINUTE;
  private static final String LADDER =
      "ladder: [{at: 50%, action: alert}, {at: 70%, action: throttle, caps: {max_tokens: 100}},"
          + " {at: 80%, action: require-approval}, {at: 100%, action: kill}]";

  private static final Raises RAISED =
      (policyId, type, tenant, target, now) ->
          policyId.equals("raised") && now < TEN_O_CLOCK + 60 * MINUTE
              ? List.of(
                  new Raises.Raise("d-1", pico("2"), 0, TEN_O_CLOCK + 60 * MINUTE, "ada", "why"))
              : List.of();

  private static final String OF_RUNS =
      """
      id: cap
      rule: {type: budget, per: run, limit: 10}
      %1$s
      ---
      id: raised
      rule: {type: budget, per: run, limit: 8}
      %1$s
      ---
      id: calls
      rule: {type: budget, per: run, of: llm-calls, limit: 20}
      %1$s
      ---
      id: shadowed
      mode: shadow
      rule: {type: budget, per: run, of: steps, limit: 10}
      %1$s
      ---
      id: trees
      rule: {type: budget, per: subtree, limit: 7}
      %1$s
      """
          .formatted(LADDER);

  /** Whatever a run has done: the answer is what the judge does when the call's span comes. */
  @Property(tries = 300)
  void shouldDecideAboutARunAsItsJudgeWould(@ForAll long seed) {
    Random random = new Random(seed);
    RunUnderTest run = new RunUnderTest(OF_RUNS, RAISED);
    PolicySet policies = RunUnderTest.policySet(OF_RUNS);
    for (int i = 0; i < 12; i++) {
      long cost = pico("0.01") * random.nextInt(200);
      boolean below = random.nextBoolean();
      long at = TEN_O_CLOCK + i * 10 * MINUTE;
      Subject subject = llmSpan().facts().subject().calling(null, "model-a");
      String runId = below ? "run-2" : "run-1";
      Opinion opinion =
          decide(
              new Standings(RAISED)
                  .ofRun(run.state, new Call(subject, "run-1", runId, cost, 0), policies, at),
              subject,
              runId,
              cost,
              at);

      SpanDraft span = llmSpan().costsPico(cost).atMicros(at);
      run.see(below ? span.run("run-2", "run-1") : span);

      assertThat(opinion.decision()).isEqualTo(told(run.state, runId));
      run.state = RunState.fromBytes(run.state.toBytes());
    }
  }

  /** What stands for one run of the tree: that of the root and its own. */
  private static Decision told(RunState run, String runId) {
    if (run.episodes.killed()) {
      return Decision.DENY;
    }
    return run.episodes.open().stream()
        .filter(episode -> episode.part == null || episode.part.equals(runId))
        .map(StandingsTest::asDecision)
        .max(Comparator.naturalOrder())
        .orElse(Decision.ALLOW);
  }

  private static Decision asDecision(Episode episode) {
    return episode.sent == null
        ? Decision.ALLOW
        : switch (episode.sent) {
          case THROTTLE -> Decision.THROTTLE;
          case REQUIRE_APPROVAL -> Decision.NEEDS_APPROVAL;
          default -> Decision.DENY;
        };
  }

  private static final String OF_AGENTS =
      """
      id: hourly
      rule: {type: budget, per: agent, window: hour, limit: 5}
      %1$s
      ---
      id: raised
      rule: {type: budget, per: agent, window: day, limit: 8}
      %1$s
      ---
      id: rolling
      rule: {type: budget, per: agent, window: 2h, limit: 7}
      %1$s
      ---
      id: monthly
      rule: {type: budget, per: agent, window: month, zone: Europe/Berlin, limit: 30}
      %1$s
      """
          .formatted(LADDER);

  /**
   * Windows too: what began anew, what has moved on. A command that stands from an earlier window
   * is obeyed until it is lifted, and is not compared.
   */
  @Property(tries = 300)
  void shouldDecideAboutAScopeAsItsJudgeWould(@ForAll long seed) {
    Random random = new Random(seed);
    ScopeUnderTest scope = ScopeUnderTest.agent(OF_AGENTS, RAISED);
    PolicySet policies = RunUnderTest.policySet(OF_AGENTS);
    long at = TEN_O_CLOCK;
    int compared = 0;
    for (int i = 0; i < 30; i++) {
      at += random.nextInt(20) * MINUTE + random.nextInt(1000);
      long cost = pico("0.01") * random.nextInt(150);
      Subject subject = ScopeUnderTest.subject("blue");
      Standing standing =
          new Standings(RAISED)
              .ofScope(
                  scope.key,
                  scope.state,
                  new Call(subject, "run-1", "run-1", cost, 0),
                  policies,
                  scope,
                  at);
      Opinion opinion = decide(standing, subject, "run-1", cost, at);

      scope.see(ScopeUnderTest.delta(cost, at, "run-1", Delta.Presence.UNCHANGED, null, 0));

      if (standing.orders().isEmpty()) {
        compared++;
        assertThat(opinion.decision())
            .isEqualTo(
                scope.state.episodes.open().stream()
                    .map(StandingsTest::asDecision)
                    .max(Comparator.naturalOrder())
                    .orElse(Decision.ALLOW));
      }
    }
    assertThat(compared).isPositive();
  }

  @Example
  void shouldKnowAnAgentByItsQuestionBeforeItsFirstSpan() {
    String yaml =
        """
        id: workers
        match: {role: worker}
        rule: {type: budget, per: agent, window: day, limit: 1}
        ladder: [{at: 100%, action: kill}]
        """;
    Standings standings = new Standings(Raises.none());
    ScopeKey key = new ScopeKey(Dimension.AGENT, "acme", "coder");
    Subject worker = ScopeUnderTest.subject("blue");
    Standing standing =
        standings.ofScope(
            key,
            null,
            new Call(worker, "run-1", "run-1", pico("2"), 0),
            RunUnderTest.policySet(yaml),
            new ScopeUnderTest(Dimension.AGENT, "coder", yaml),
            TEN_O_CLOCK);
    assertThat(decide(standing, worker, "run-1", pico("2"), TEN_O_CLOCK).decision())
        .isEqualTo(Decision.DENY);
    assertThat(standing.limits().get(0).windowEnd()).isEqualTo(TEN_O_CLOCK + 14 * 60 * MINUTE);
  }

  @Example
  void shouldCountTheCallOfAToolThatIsDear() {
    String yaml =
        """
        id: dear
        rule: {type: budget, per: run, of: calls-of-one-tool, min_unit_price: "0.10", limit: 3}
        ladder: [{at: 100%, action: require-approval}]
        """;
    RunUnderTest run = new RunUnderTest(yaml);
    run.see(2, toolCall("scrape").costs("0.20"));
    assertThat(decideTool(run, yaml, "scrape", "0.20")).isEqualTo(Decision.NEEDS_APPROVAL);
    assertThat(decideTool(run, yaml, "search", "0.20")).isEqualTo(Decision.ALLOW);
    assertThat(decideTool(run, yaml, "scrape", "0.05")).isEqualTo(Decision.ALLOW);
  }

  @Example
  void shouldNotAskAgainForWhatPeopleHaveApproved() {
    String yaml =
        """
        id: cap
        rule: {type: budget, per: run, limit: 10}
        ladder: [{at: 80%, action: require-approval}, {at: 100%, action: kill}]
        """;
    RunUnderTest run = new RunUnderTest(yaml);
    run.see(llmSpan().costs("8"));
    assertThat(decideTool(run, yaml, "search", "0.20")).isEqualTo(Decision.NEEDS_APPROVAL);
    Episode asked = run.state.episodes.open().get(0);
    asked.approved = asked.rung;
    asked.sent = null;
    assertThat(decideTool(run, yaml, "search", "0.20")).isEqualTo(Decision.ALLOW);
    assertThat(decideTool(run, yaml, "search", "2.00")).isEqualTo(Decision.DENY);
  }

  @Example
  void shouldRefuseAToolThatTheThrottleDoesNotAllow() {
    String yaml =
        """
        id: narrow
        rule: {type: budget, per: run, limit: 10}
        ladder:
          - {at: 50%, action: throttle, caps: {tool_allowlist: [search], max_steps_remaining: 5}}
          - {at: 100%, action: kill}
        """;
    RunUnderTest run = new RunUnderTest(yaml);
    run.see(llmSpan().costs("6"));
    assertThat(run.actions()).containsExactly(Action.THROTTLE);
    assertThat(decideTool(run, yaml, "search", "0.20")).isEqualTo(Decision.THROTTLE);
    assertThat(decideTool(run, yaml, "scrape", "0.20")).isEqualTo(Decision.DENY);
  }

  @Example
  void shouldWeighTheValueOfOneActionAlone() {
    String yaml =
        """
        id: value
        rule: {type: budget, per: run, of: action-value, limit: 10000}
        ladder: [{at: 100%, action: require-approval}]
        """;
    Subject subject = llmSpan().facts().subject();
    for (String value : List.of("9999", "9999")) { // not added up
      Standing standing =
          new Standings(Raises.none())
              .ofRun(
                  null,
                  new Call(subject, "run-1", "run-1", 0, pico(value)),
                  RunUnderTest.policySet(yaml),
                  TEN_O_CLOCK);
      assertThat(decide(standing, subject, "run-1", 0, TEN_O_CLOCK).decision())
          .isEqualTo(Decision.ALLOW);
    }
    Standing dear =
        new Standings(Raises.none())
            .ofRun(
                null,
                new Call(subject, "run-1", "run-1", 0, pico("10000")),
                RunUnderTest.policySet(yaml),
                TEN_O_CLOCK);
    assertThat(decide(dear, subject, "run-1", 0, TEN_O_CLOCK).decision())
        .isEqualTo(Decision.NEEDS_APPROVAL);
  }

  @Example
  void shouldRefuseTheRunOfAnotherTenant() {
    RunUnderTest run = new RunUnderTest(OF_RUNS);
    run.see(llmSpan().costs("0.01"));
    Subject stranger = new Subject("umbrella", "coder", null, null, null, null, null, null);
    Standing standing =
        new Standings(Raises.none())
            .ofRun(
                run.state,
                new Call(stranger, "run-1", "run-1", 1, 0),
                RunUnderTest.policySet(OF_RUNS),
                TEN_O_CLOCK);
    Opinion opinion = decide(standing, stranger, "run-1", 1, TEN_O_CLOCK);
    assertThat(opinion.decision()).isEqualTo(Decision.DENY);
    assertThat(opinion.cause().reason()).contains("another tenant");
  }

  /** A loop was stopped: no budget is near, but the command stands. */
  @Example
  void shouldObeyWhatADetectorHasSaid() {
    String yaml = "{id: loop, rule: {type: exact-cycle}, ladder: [{at: 3, action: pause}]}";
    RunUnderTest run = new RunUnderTest(yaml);
    run.see(4, toolCall("search").signature(7).costs("0.01"));
    Standing standing =
        new Standings(Raises.none())
            .ofRun(
                run.state,
                new Call(llmSpan().facts().subject(), "run-1", "run-1", 1, 0),
                RunUnderTest.policySet(yaml),
                TEN_O_CLOCK);
    Opinion opinion = decide(standing, llmSpan().facts().subject(), "run-1", 1, TEN_O_CLOCK);
    assertThat(opinion.decision()).isEqualTo(Decision.DENY);
    assertThat(opinion.cause().commandId()).isEqualTo(run.command(Action.PAUSE).getCommandId());
    assertThat(opinion.binding()).isNull();
  }

  private static Decision decideTool(RunUnderTest run, String yaml, String tool, String usd) {
    Subject subject = llmSpan().facts().subject().calling(tool, null).tagged(Map.of());
    return decide(
            new Standings(Raises.none())
                .ofRun(
                    run.state,
                    new Call(subject, "run-1", "run-1", pico(usd), 0),
                    RunUnderTest.policySet(yaml),
                    TEN_O_CLOCK),
            subject,
            "run-1",
            pico(usd),
            TEN_O_CLOCK)
        .decision();
  }

  /** With no promises out. */
  private static Opinion decide(
      Standing standing, Subject subject, String runId, long estimate, long nowMicros) {
    Ask ask = new Ask("lease-1", subject, "run-1", runId, estimate, 0, null, 0, null, Ask.UNKNOWN);
    return new Admission(AdmissionSettings.defaults())
        .ask(ask, List.of(standing), Sight.clear(nowMicros), nowMicros);
  }
}
