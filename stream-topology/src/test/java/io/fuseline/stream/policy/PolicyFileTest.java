package io.fuseline.stream.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.PolicyMode;
import io.fuseline.schemas.Severity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyFileTest {
  private static final String VALID =
      """
      id: cap
      description: A cap.
      mode: enforce
      match: {tenant: acme, agent: "c*"}
      rule: {type: budget, per: run, limit: "10.5"}
      ladder:
        - {at: 80%, action: alert}
        - {at: 100%, within: 30m, action: throttle, severity: page, caps: {max_tokens: 5}}
      """;

  @TempDir Path folder;

  @Test
  void shouldReadEveryField() {
    Policy policy = only(VALID).policy();

    assertThat(policy.id()).isEqualTo("cap");
    assertThat(policy.description()).isEqualTo("A cap.");
    assertThat(policy.mode()).isEqualTo(PolicyMode.ENFORCE);
    assertThat(policy.match().globs()).containsEntry("tenant", "acme").containsEntry("agent", "c*");
    assertThat(policy.rule())
        .isEqualTo(new Rule.Budget(Rule.Per.RUN, Window.LIFE, 10_500_000_000_000L, "USD"));
    assertThat(policy.ladder()).hasSize(2);
    assertThat(policy.ladder().get(0))
        .isEqualTo(new Rung("80%", 8_400_000_000_000L, null, Action.ALERT, Severity.WARNING, null));
    Rung throttle = policy.ladder().get(1);
    assertThat(throttle.within()).isEqualTo(Duration.ofMinutes(30));
    assertThat(throttle.severity()).isEqualTo(Severity.PAGE);
    assertThat(throttle.caps().getMaxTokens()).isEqualTo(5);
    assertThat(policy.version()).matches("[0-9a-f]{12}");
  }

  @Test
  void shouldFillInDefaults() {
    Policy cycle =
        only("{id: a, rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}").policy();
    Policy explosion =
        only("{id: a, rule: {type: tool-call-explosion}, ladder: [{at: 10x, action: alert}]}")
            .policy();
    Policy budget =
        only("{id: a, rule: {type: budget, per: team, limit: 1}, ladder: [{at: 1%, action: kill}]}")
            .policy();

    assertThat(cycle.rule()).isEqualTo(new Rule.ExactCycle(8, Set.of()));
    assertThat(cycle.mode()).isEqualTo(PolicyMode.ENFORCE);
    assertThat(cycle.description()).isEmpty();
    assertThat(cycle.match()).isEqualTo(Selector.everyone());
    assertThat(cycle.ladder().get(0).severity()).isEqualTo(Severity.CRITICAL);
    assertThat(explosion.rule()).isEqualTo(new Rule.ToolCallExplosion(5, 100, Set.of()));
    assertThat(((Rule.Budget) budget.rule()).window()).isEqualTo(Window.DAY);
  }

  @Test
  void shouldReadTheDefaultPolicies() throws IOException {
    try (InputStream in =
        PolicyFile.class.getResourceAsStream("/io/fuseline/policies/default-policies.yaml")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);

      assertThat(PolicyFile.parse(text, "default-policies.yaml"))
          .extracting(parsed -> parsed.policy().id())
          .containsExactly(
              "runaway-loop",
              "loop",
              "repeated-error",
              "growing-input",
              "abandoned-run",
              "tool-call-explosion",
              "run-cap",
              "agent-daily-cap",
              "spend-burst",
              "spend-drift",
              "cost-shift");
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          id: cap                  | id: Cap!             | 1 | id                  | 'Cap!' is not an id. Use 1 to 100 lower-case letters, digits, '.', '_' or '-'.
          id: cap                  | ids: cap             | 1 | ids                 | is not known here. Known: id, description, mode, match, when, rule, ladder.
          id: cap                  | x: 1                 | 1 | id                  | is missing.
          description: A cap.      | description: []      | 2 | description         | must be a text that is not empty.
          mode: enforce            | mode: loud           | 3 | mode                | 'loud' is not known. Use one of shadow, warn, enforce.
          mode: enforce            | mode: Enforce        | 3 | mode                | 'Enforce' is not known. Use one of shadow, warn, enforce.
          tenant: acme             | planet: mars         | 4 | match.planet        | is not known here. Known: agent, cost_centre, environment, model, project, role, team, tenant, tool, workflow, tags.
          tenant: acme             | tool: search         | 4 | match.tool          | is not known of a budget per run, which adds up many; it would never match. Leave it out.
          tenant: acme             | tags: {}             | 4 | match.tags          | must name at least one tag, such as {budget_tier: basic}.
          mode: enforce            | when: team = "x"      | 3 | when                | at 1:6 of the condition: token recognition error at: '= '. Known here: agent, cost_centre, environment, project, role, tags, team, tenant, workflow.
          mode: enforce            | when: taem == team   | 3 | when                | at 1:1 of the condition: undeclared reference to 'taem' (in container ''). Known here: agent, cost_centre, environment, project, role, tags, team, tenant, workflow.
          mode: enforce            | when: team           | 3 | when                | at 1:1 of the condition: expected type 'bool' but found 'string'. Known here: agent, cost_centre, environment, project, role, tags, team, tenant, workflow.
          tenant: acme             | tenant: ""           | 4 | match.tenant        | must be a text that is not empty.
          type: budget             | type: bugdet         | 5 | rule.type           | 'bugdet' is not known. Use exact-cycle, tool-call-explosion, budget or one of loop, alternation, near-cycle, no-progress, repeated-call, repeated-error, growing-input, reasoning-share, run-bound, abandoned-run, spend-burst, spend-drift, cost-shift.
          per: run                 | per: galaxy          | 5 | rule.per            | 'galaxy' is not known. Use one of run, subtree, agent, tool, step, model, workflow, team, project, cost-centre, tenant, outcome.
          per: run,                | ''                   | 5 | rule.per            | is missing. Use one of run, subtree, agent, tool, step, model, workflow, team, project, cost-centre, tenant, outcome.
          per: run                 | per: run, window: day | 5 | rule.window        | A run's budget holds for its life. Leave the window out.
          per: run                 | per: run, max: 3     | 5 | rule.max            | is not known here. Known: type, per, of, window, zone, limit, currency, min_unit_price, other_than, outcome, min_spend, min_attempts.
          per: run                 | per: team            | 4 | match.agent         | is not known of a budget per team, which adds up many; it would never match. Leave it out.
          per: run                 | per: run, currency: EUR | 5 | rule.currency    | 'EUR' is not kept; costs are in USD.
          per: run                 | per: run, of: joy    | 5 | rule.of             | 'joy' is not known. Use one of cost, tokens, llm-calls, tool-calls, calls-of-one-tool, steps, action-value, cost-per-outcome.
          per: run                 | per: subtree, of: tokens | 5 | rule.of         | a budget per subtree is of cost. Use per: run.
          per: run                 | per: agent, of: action-value | 5 | rule.of     | 'action-value' is known of a run only. Use per: run.
          per: run                 | per: run, of: tokens | 5 | rule.limit          | '10.5' must be a whole number from 1 to 1000000000000.
          per: run                 | per: run, other_than: [a] | 5 | rule.other_than | selects tool calls of a run. Use it with per: run and of: tool-calls or of: calls-of-one-tool.
          per: run                 | per: agent, window: 90s | 5 | rule.window      | rolls over 1m to 100d, in whole minutes.
          per: run                 | per: agent, window: year | 5 | rule.window     | 'year' is not known. Use one of life, minute, hour, day, week, month, quarter.
          per: run                 | per: agent, zone: Mars | 5 | rule.zone         | 'Mars' is not a time zone. Write a name such as Europe/Berlin.
          per: run                 | per: agent, window: 24h, zone: UTC | 5 | rule.zone | is of calendar windows; a rolling one follows no calendar.
          at: 80%                  | at: 80%, falling: 90% | 7 | ladder[0].falling  | must not be higher than at.
          at: 80%                  | at: 80%, rising: 80% | 7 | ladder[0].rising    | is another word for at. Keep one.
          at: 80%                  | at: 80%, cooldown: 0s | 7 | ladder[0].cooldown | must be over 0, such as 5m.
          at: 80%                  | at: 80%, renotify: x | 7 | ladder[0].renotify  | must be a duration such as 30s, 5m, 1h or 1d.
          "10.5"                   | "ten"                | 5 | rule.limit          | 'ten' is not an amount of money. Write a decimal with at most 12 fraction digits, such as "500" or "0.05".
          "10.5"                   | 1e-999999999         | 5 | rule.limit          | '1e-999999999' is not an amount of money. Write a decimal with at most 12 fraction digits, such as "500" or "0.05".
          "10.5"                   | "0.0000000000001"    | 5 | rule.limit          | '0.0000000000001' is not an amount of money. Write a decimal with at most 12 fraction digits, such as "500" or "0.05".
          "10.5"                   | "0"                  | 5 | rule.limit          | '0' must be over 0 and at most 1000000.
          "10.5"                   | "-1"                 | 5 | rule.limit          | '-1' must be over 0 and at most 1000000.
          "10.5"                   | "1000000.01"         | 5 | rule.limit          | '1000000.01' must be over 0 and at most 1000000.
          at: 80%                  | at: eighty           | 7 | ladder[0].at        | 'eighty' is not a part of the limit. Write a percentage over 0, such as 80%.
          at: 80%                  | at: 0%               | 7 | ladder[0].at        | '0%' is not a part of the limit. Write a percentage over 0, such as 80%.
          at: 80%,                 | ''                   | 7 | ladder[0].at        | is missing.
          at: 100%                 | at: 80%              | 8 | ladder[1].at        | must be higher than that of the rung before.
          action: alert            | action: restore      | 7 | ladder[0].action    | 'restore' is not known. Use one of alert, throttle, require-approval, pause, kill.
          action: alert            | act: alert           | 7 | ladder[0].act       | is not known here. Known: at, rising, falling, within, cooldown, renotify, action, severity, caps, approval_timeout, denied, approvers.
          action: alert            | within: 1h, action: alert | 7 | ladder[0].within | counts from the rung before; the first rung has none.
          within: 30m              | within: soon         | 8 | ladder[1].within    | must be a duration such as 30s, 5m, 1h or 1d.
          within: 30m              | within: 0s           | 8 | ladder[1].within    | must be over 0, such as 1h.
          severity: page           | severity: awful      | 8 | ladder[1].severity  | 'awful' is not known. Use one of info, warning, critical, page.
          action: alert            | action: alert, caps: {max_tokens: 1} | 7 | ladder[0].caps | belong to action: throttle only.
          ', caps: {max_tokens: 5}' | ''                  | 8 | ladder[1].caps      | are missing. A throttle says what it limits, for example 'caps: {cooldown_ms: 2000}'.
          {max_tokens: 5}          | {}                   | 8 | ladder[1].caps      | limit nothing. Set at least one, such as cooldown_ms.
          max_tokens: 5            | max_tokens: 0        | 8 | ladder[1].caps.max_tokens | '0' must be a whole number from 1 to 2147483647.
          max_tokens: 5            | max_steps_remaining: -1 | 8 | ladder[1].caps.max_steps_remaining | '-1' must be a whole number from 0 to 2147483647.
          max_tokens: 5            | cooldown_ms: 1d      | 8 | ladder[1].caps.cooldown_ms | '1d' must be a whole number from 1 to 86400000.
          max_tokens: 5            | tool_allowlist: all  | 8 | ladder[1].caps.tool_allowlist | must be a list of tool names, such as [poll_status].
          max_tokens: 5            | tool_denylist: [[]]  | 8 | ladder[1].caps.tool_denylist | must be a list of tool names, such as [poll_status].
          max_tokens: 5            | money: 5             | 8 | ladder[1].caps.money | is not known here. Known: max_tokens, max_steps_remaining, tool_allowlist, tool_denylist, cooldown_ms.
          """)
  void shouldNameFileLineAndFieldOfAFault(
      String was, String is, int line, String field, String message) {
    assertThat(VALID).contains(was);

    List<PolicyFault> faults = faultsOf(VALID.replace(was, is));

    assertThat(faults).contains(new PolicyFault("test.yaml", line, field, message));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          '{type: exact-cycle, max_period: 9}'               | rule.max_period | '9' must be a whole number from 1 to 8.
          '{type: exact-cycle, ignore_tools: poll}'          | rule.ignore_tools | must be a list of tool names, such as [poll_status].
          '{type: exact-cycle, window: 5m}'                  | rule.window     | is not known here. Known: type, max_period, ignore_tools.
          '{type: tool-call-explosion, window: 11m}'         | rule.window     | must be 1m to 10m in whole minutes.
          '{type: tool-call-explosion, window: 90s}'         | rule.window     | must be 1m to 10m in whole minutes.
          '{type: tool-call-explosion, floor_calls: 0}'      | rule.floor_calls | '0' must be a whole number from 1 to 1000000.
          '{type: exact-cycle, type: exact-cycle}'           | rule.type       | stands twice. Keep one.
          'exact-cycle'                                      | rule.type       | '' is not known. Use exact-cycle, tool-call-explosion, budget or one of loop, alternation, near-cycle, no-progress, repeated-call, repeated-error, growing-input, reasoning-share, run-bound, abandoned-run, spend-burst, spend-drift, cost-shift.
          """)
  void shouldFindFaultsInRules(String rule, String field, String message) {
    String text = "id: a\nrule: " + rule + "\nladder: [{at: 3, action: kill}]\n";

    assertThat(faultsOf(text)).contains(new PolicyFault("test.yaml", 2, field, message));
  }

  @ParameterizedTest
  @CsvSource({
    "exact-cycle, 1",
    "exact-cycle, 3x",
    "exact-cycle, 2.5",
    "tool-call-explosion, 1x",
    "tool-call-explosion, 10",
    "tool-call-explosion, 10%",
    "tool-call-explosion, 1.0001x"
  })
  void shouldRefuseAThresholdOfAnotherRule(String type, String at) {
    String text = "{id: a, rule: {type: %s}, ladder: [{at: %s, action: kill}]}";

    assertThat(faultsOf(text.formatted(type, at)))
        .extracting(PolicyFault::field)
        .containsExactly("ladder[0].at");
  }

  @Test
  void shouldRefuseAThresholdThatIsMoreThanCanBeCompared() {
    String text = VALID.replace("10.5", "1000000").replace("at: 100%", "at: 1000%");

    assertThat(faultsOf(text))
        .containsExactly(
            new PolicyFault(
                "test.yaml",
                8,
                "ladder[1].at",
                "'1000%' of this limit is over 9 million, the most that is compared. Lower one."));
  }

  @Test
  void shouldReportEverythingThatIsWrongAtOnce() throws IOException {
    Files.writeString(
        folder.resolve("a.yaml"), VALID.replace("80%", "x").replace("id: cap", "id: CAP"));
    Files.writeString(folder.resolve("b.yml"), "id: b\n---\nid: c\nrule: {type: exact-cycle}\n");
    Files.writeString(folder.resolve("c.yaml"), "id: [unclosed\n");
    Files.writeString(folder.resolve("readme.md"), "not a policy");

    var refused = catchThrowableOfType(PolicyFileException.class, () -> PolicyFile.read(folder));

    assertThat(refused.faults())
        .extracting(
            fault -> Path.of(fault.file()).getFileName() + ":" + fault.line() + " " + fault.field())
        .containsExactly(
            "a.yaml:1 id",
            "a.yaml:7 ladder[0].at",
            "b.yml:1 rule",
            "b.yml:1 ladder",
            "b.yml:3 ladder",
            "c.yaml:2 ");
    assertThat(refused).hasMessageContaining("b.yml:3: ladder: must list at least one rung");
  }

  @Test
  void shouldRefuseAnIdThatStandsInTwoFiles() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), VALID);
    Files.writeString(folder.resolve("b.yaml"), "# another\n" + VALID);

    var refused = catchThrowableOfType(PolicyFileException.class, () -> PolicyFile.read(folder));

    assertThat(refused.faults())
        .containsExactly(
            new PolicyFault(
                folder.resolve("b.yaml").toString(),
                2,
                "id",
                "'cap' is already the id of the policy at %s:1. Ids are unique; rename one."
                    .formatted(folder.resolve("a.yaml"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "[a, b]", "7"})
  void shouldSayOnceThatADocumentIsNoPolicy(String text) {
    assertThat(faultsOf(text))
        .containsExactly(
            new PolicyFault(
                "test.yaml",
                1,
                "",
                "is not a policy: expected a mapping with id, rule and ladder."));
  }

  @Test
  void shouldSayOnceThatARungIsNoMapping() {
    assertThat(faultsOf("{id: a, rule: {type: exact-cycle}, ladder: [kill]}"))
        .extracting(PolicyFault::field)
        .containsExactly("ladder[0]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "# only a comment\n", "---\n", "---\n---\n...\n"})
  void shouldReadNothingFromAnEmptyFile(String text) {
    assertThat(PolicyFile.parse(text, "test.yaml")).isEmpty();
  }

  @Test
  void shouldSkipEmptyDocuments() {
    String text =
        "---\n"
            + VALID
            + "---\n# nothing here\n---\n"
            + VALID.replace("id: cap", "id: b")
            + "---\n";

    assertThat(PolicyFile.parse(text, "test.yaml"))
        .extracting(parsed -> parsed.policy().id(), ParsedPolicy::line)
        .containsExactly(tuple("cap", 2), tuple("b", 13));
  }

  @Test
  void shouldRefuseAliasesThatGrowWithoutBound() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }

    assertThat(faultsOf(bomb.toString()))
        .anySatisfy(
            fault ->
                assertThat(fault.message()).startsWith("is not valid YAML: Number of aliases"));
  }

  @Test
  void shouldRefuseWhatIsTooDeep() {
    assertThat(faultsOf("[".repeat(5000)))
        .singleElement()
        .satisfies(
            fault -> assertThat(fault.message()).startsWith("is not valid YAML: Nesting Depth"));
  }

  @Test
  void shouldRefuseWhatIsTooLongOrNoText() {
    assertThat(faultsOf("#" + "x".repeat(4_000_000)))
        .singleElement()
        .satisfies(fault -> assertThat(fault.message()).contains("at most 1048576 is read"));
    assertThat(faultsOf("id: a\u0000b"))
        .singleElement()
        .satisfies(fault -> assertThat(fault.message()).contains("special characters"));
  }

  @Test
  void shouldAllowAnchors() {
    String text =
        """
        id: a
        rule: {type: tool-call-explosion, ignore_tools: &tools [x, y]}
        ladder: [{at: 2x, action: throttle, caps: {tool_denylist: *tools}}]
        """;

    assertThat(only(text).policy().ladder().get(0).caps().getToolDenylist())
        .containsExactly("x", "y");
    assertThat(only(only(text).source()).policy()).isEqualTo(only(text).policy());
  }

  @Test
  void shouldRefuseFilesThatCannotBeRead() throws IOException {
    Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'#', (byte) 0xE4, '\n'});
    Path huge = Files.writeString(folder.resolve("huge.yaml"), "#".repeat(2_000_000));

    assertThatThrownBy(() -> PolicyFile.read(latin))
        .isInstanceOf(PolicyFileException.class)
        .hasMessageContaining("latin.yaml: cannot be read as UTF-8 text");
    assertThatThrownBy(() -> PolicyFile.read(huge))
        .isInstanceOf(PolicyFileException.class)
        .hasMessageContaining("huge.yaml: is 2000000 long; at most 1048576 is read. Split it.");
    assertThatThrownBy(() -> PolicyFile.read(folder.resolve("none.yaml")))
        .isInstanceOf(PolicyFileException.class)
        .hasMessageContaining("none.yaml: does not exist.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        VALID_SOURCE,
        "# before\n---\n"
            + VALID_SOURCE
            + "---\n"
            + "id: z\n"
            + "rule: {type: exact-cycle}\nladder: [{at: 2, action: kill}]\n",
        "---\n  id: indented\n  rule: {type: exact-cycle}\n  ladder:\n    - at: 3\n      action: kill\n",
        "--- {id: flow, rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}\n--- # next\nid: b\nrule: {type: exact-cycle}\nladder: [{at: 3, action: kill}]",
        "\uFEFFid: marked\r\nrule: {type: exact-cycle}\r\nladder:\r\n- at: 3 # three\r\n  action: kill\r\n",
        "id: wide\ndescription: \"\uD83D\uDE00 \uD83D\uDE00\"\nrule: {type: exact-cycle}\nladder: [{at: 3, action: kill}]\n---\nid: after\ndescription: |\n  two\n   lines\n\nrule: {type: exact-cycle}\nladder: [{at: 3, action: kill}]\n"
      })
  void shouldGiveEachDocumentASourceThatReadsTheSame(String text) {
    for (ParsedPolicy parsed : PolicyFile.parse(text, "test.yaml")) {
      ParsedPolicy again = only(parsed.source());

      assertThat(again.policy()).isEqualTo(parsed.policy());
      assertThat(again.compiled()).isEqualTo(parsed.compiled());
      assertThat(again.source()).isEqualTo(parsed.source());
    }
  }

  private static final String VALID_SOURCE =
      "id: plain # why\ndescription: >-\n  folded\n  text\nrule:\n  type: budget\n  per: run\n  limit: 5\n"
          + "ladder:\n# the only one\n- at: 80%\n  action: alert\n";

  private static ParsedPolicy only(String text) {
    List<ParsedPolicy> policies = PolicyFile.parse(text, "test.yaml");
    assertThat(policies).hasSize(1);
    return policies.get(0);
  }

  private static List<PolicyFault> faultsOf(String text) {
    return catchThrowableOfType(
            PolicyFileException.class, () -> PolicyFile.parse(text, "test.yaml"))
        .faults();
  }
}
