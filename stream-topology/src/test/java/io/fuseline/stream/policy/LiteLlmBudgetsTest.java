package io.fuseline.stream.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.schemas.Action;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiteLlmBudgetsTest {
  @Test
  void shouldReadAConfigFile() {
    LiteLlmBudgets.Result result =
        LiteLlmBudgets.read(
            """
            model_list:
              - model_name: gpt-4o
                litellm_params: {model: openai/gpt-4o, max_budget: 0.5, budget_duration: 1mo}
            litellm_settings:
              max_budget: 100
              budget_duration: 30d
            agent_list:
              - agent_name: ticket-agent
                litellm_params:
                  max_budget_per_session: 5.0
                  max_iterations: 25
            """,
            "config.yaml");
    List<Policy> policies = policies(result);

    assertThat(policies)
        .extracting(Policy::id)
        .containsExactly(
            "litellm-budget-model-list-0-litellm-params",
            "litellm-budget-litellm-settings",
            "litellm-session-agent-list-0-litellm-params",
            "litellm-iterations-agent-list-0-litellm-params");
    assertThat(policies.get(0).rule())
        .isEqualTo(
            new Rule.Budget(
                Rule.Per.MODEL,
                Window.calendar(Window.Unit.MONTH, java.time.ZoneOffset.UTC),
                500_000_000_000L,
                "USD"));
    assertThat(policies.get(0).match().globs()).containsEntry("model", "gpt-4o");
    assertThat(((Rule.Budget) policies.get(1).rule()).window())
        .isEqualTo(Window.rolling(Duration.ofDays(30)));
    assertThat(policies.get(2).match().globs()).containsEntry("agent", "ticket-agent");
    assertThat(policies.get(2).ladder().get(0).action()).isEqualTo(Action.KILL);
    assertThat(((Rule.Budget) policies.get(3).rule()).of()).isEqualTo(Rule.Usage.LLM_CALLS);
    assertThat(((Rule.Budget) policies.get(3).rule()).limitPico()).isEqualTo(25);
    assertThat(result.remarks()).singleElement().asString().contains("30d rolls here");
  }

  @Test
  void shouldReadTeamsAsTheAdminApiGivesThem() {
    LiteLlmBudgets.Result result =
        LiteLlmBudgets.read(
            """
            [{"team_id": "blue", "max_budget": 300.0, "soft_budget": 200.0, "budget_duration": "24h"},
             {"team_id": "red", "soft_budget": 10, "max_budget": null}]
            """,
            "teams.json");
    List<Policy> policies = policies(result);

    assertThat(policies.get(0).ladder())
        .extracting(Rung::at, Rung::action)
        .containsExactly(
            org.assertj.core.api.Assertions.tuple("66.6667%", Action.ALERT),
            org.assertj.core.api.Assertions.tuple("100%", Action.PAUSE));
    assertThat(((Rule.Budget) policies.get(0).rule()).per()).isEqualTo(Rule.Per.TEAM);
    assertThat(policies.get(1).ladder()).extracting(Rung::action).containsExactly(Action.ALERT);
    assertThat(((Rule.Budget) policies.get(1).rule()).window()).isEqualTo(Window.LIFE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {max_budget: lots}                      | x.yaml: max_budget: 'lots' is not an amount of USD over 0.
          {a: {max_budget: -1}}                   | x.yaml: a.max_budget: '-1' is not an amount of USD over 0.
          {max_budget: 5, budget_duration: soon}  | x.yaml: budget_duration: 'soon' is not a duration such as 24h, 30d or 1mo.
          {max_iterations: 0}                     | x.yaml: max_iterations: '0' is not a whole number from 1.
          {model_list: []}                        | x.yaml: no budget setting found
          '[unclosed'                             | x.yaml: is neither YAML nor JSON
          """)
  void shouldSayWhatIsWrongAndWhere(String text, String message) {
    assertThatThrownBy(() -> LiteLlmBudgets.read(text, "x.yaml"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  private static List<Policy> policies(LiteLlmBudgets.Result result) {
    return PolicyFile.parse(result.yaml(), "policies").stream().map(ParsedPolicy::policy).toList();
  }
}
