package io.fuseline.stream.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionTest {
  private static final Set<String> KNOWN = Set.of("agent", "role", "team", "tool", "tags");
  private static final Subject SUBJECT =
      new Subject("acme", "coder-7", "worker", null, null, null, null, null)
          .calling("web_search", null)
          .tagged(Map.of("budget_tier", "basic", "seats", "12"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          role == "worker"                                        | true
          role == "worker" && team == "blue"                      | false
          team == ""                                              | true
          tool.startsWith("web_") && agent.matches("coder-[0-9]") | true
          tags["budget_tier"] in ["basic", "free"]                | true
          "seats" in tags && int(tags["seats"]) > 10              | true
          tags.exists(tag, tag.startsWith("budget"))              | true
          size(tags) == 2 ? role != "" : false                    | true
          """)
  void shouldHoldAsTheLanguageSays(String text, boolean holds) throws Condition.Refused {
    assertThat(Condition.compile(text, KNOWN).holds(SUBJECT)).isEqualTo(holds);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          tags["no_such_tag"] == "x"
          int(role) > 1
          1 / int(tags["seats"].replace) == 1
          agent.matches("(")
          """)
  void shouldNeverThrow(String text) {
    try {
      assertThat(Condition.compile(text, KNOWN).holds(SUBJECT)).isFalse();
    } catch (Condition.Refused e) {
      assertThat(e.faults()).isNotEmpty();
    }
  }

  @Test
  void shouldNameTheLineAndColumnOfAFault() {
    var refused =
        catchThrowableOfType(
            Condition.Refused.class, () -> Condition.compile("role == \"a\" &&\n  taem", KNOWN));

    assertThat(refused.faults())
        .anySatisfy(
            fault -> {
              assertThat(fault.line()).isEqualTo(2);
              assertThat(fault.column()).isEqualTo(3);
              assertThat(fault.message()).contains("undeclared reference to 'taem'");
            });
  }

  @Test
  void shouldNotBeStalledByAnyCondition() throws Condition.Refused {
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 64; i++) {
      many.put("tag-" + i, "a".repeat(200));
    }
    Condition nested =
        Condition.compile(
            "tags.all(a, tags.all(b, tags.all(c, tags.all(d, a + b + c + d != \"\"))))", KNOWN);
    Condition backtracking =
        Condition.compile("tags.exists(t, tags[t].matches(\"(a*)*(a*)*(a*)*b\"))", KNOWN);

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          assertThat(nested.holds(SUBJECT.tagged(many))).isFalse();
          assertThat(backtracking.holds(SUBJECT.tagged(many))).isFalse();
        });
  }

  @Test
  void shouldRefuseWhatIsTooLongOrTooDeep() {
    assertThat(
            catchThrowableOfType(
                    Condition.Refused.class,
                    () -> Condition.compile("role == \"" + "x".repeat(3_000) + "\"", KNOWN))
                .faults())
        .isNotEmpty();
    assertThat(
            catchThrowableOfType(
                    Condition.Refused.class,
                    () -> Condition.compile("(".repeat(300) + "true" + ")".repeat(300), KNOWN))
                .faults())
        .isNotEmpty();
  }
}
