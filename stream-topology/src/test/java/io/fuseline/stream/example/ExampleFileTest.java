package io.fuseline.stream.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExampleFileTest {
  private static final String VALID =
      """
      cases:
        - name: one
          spans:
            - {agent: a, cost: "1", at: 5m, times: 2, every: 10s}
          expect:
            - {action: kill}
      """;

  @Test
  void shouldRepeatASpanWithItsInterval() {
    List<ExampleSpan> spans =
        ExampleFile.parse(VALID, "a.test.yaml").get(0).events().stream()
            .map(ExampleSpan.class::cast)
            .toList();

    assertThat(spans).extracting(ExampleSpan::id).containsExactly("span-1", "span-2");
    assertThat(spans.get(1).eventMicros() - spans.get(0).eventMicros()).isEqualTo(10_000_000);
    assertThat(spans.get(0).costPico()).isEqualTo(1_000_000_000_000L);
  }

  @Test
  void shouldReadAnOutcomeAmongTheSpans() {
    String text =
        VALID.replace(
            "    expect:", "      - {outcome: lead_won, value: \"7.5\", at: 1h}\n    expect:");

    ExampleEvent last = ExampleFile.parse(text, "a.test.yaml").get(0).events().get(2);

    assertThat(last)
        .isInstanceOfSatisfying(
            ExampleOutcome.class,
            outcome -> {
              assertThat(outcome.root()).isEqualTo("run-1");
              assertThat(outcome.type()).isEqualTo("lead_won");
              assertThat(outcome.success()).isTrue();
              assertThat(outcome.valuePico()).isEqualTo(7_500_000_000_000L);
            });
    assertThatThrownBy(() -> ExampleFile.parse(text.replace("at: 1h", "cost: 1"), "a.test.yaml"))
        .hasMessageContaining("'cost' is not known. Known: outcome, success");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          agent: a     | agnet: a     | case 'one', span 1: 'agnet' is not known. Known: agent,
          cost: "1"    | cost: one    | case 'one', span 1: cost: 'one' is not an amount such as "0.05".
          at: 5m       | at: noon     | case 'one', span 1: at: 'noon' is not a time such as 90s, 5m or 2h.
          times: 2     | times: -1    | case 'one', span 1: times: '-1' is not a whole number from 0 to 100000.
          action: kill | acting: kill | case 'one', expect 1: 'acting' is not known. Known: policy,
          name: one    | title: one   | case 1: 'title' is not known. Known:
          cases:       | case:        | 'case' is not known. Known: cases.
          """)
  void shouldNameFileCaseAndSpanOfAFault(String was, String is, String message) {
    assertThatThrownBy(() -> ExampleFile.parse(VALID.replace(was, is), "a.test.yaml"))
        .isInstanceOf(ExampleException.class)
        .hasMessageStartingWith("a.test.yaml: " + message);
  }

  @Test
  void shouldHoldOnlyWhenJustWhatWasExpectedFollowed() {
    Map<String, String> kill = Map.of("action", "kill", "span", "3");
    Map<String, String> closed = Map.of("state", "closed", "span", "4");

    assertThat(new Example.Outcome(List.of(Map.of("action", "kill")), List.of(kill)).holds())
        .isTrue();
    assertThat(new Example.Outcome(List.of(Map.of("action", "pause")), List.of(kill)).holds())
        .isFalse();
    assertThat(new Example.Outcome(List.of(), List.of(kill)).holds()).isFalse();
    assertThat(new Example.Outcome(List.of(kill, closed), List.of(closed, kill)).holds()).isFalse();
  }
}
