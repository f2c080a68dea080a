package io.fuseline.stream.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class PolicyVersionProperties {
  private static final List<String> FIELDS =
      List.of(
          "id: cap",
          "description: A cap.",
          "mode: warn",
          "match: {tenant: acme, agent: 'c*'}",
          "rule: {type: budget, per: agent, window: day, limit: '10', currency: USD}",
          "ladder: [{at: 80%, action: throttle, caps: {cooldown_ms: 5, tool_denylist: [b, a]}},"
              + " {at: 100%, within: 60m, action: kill}]");

  @Property(tries = 200)
  void shouldStayTheSameWhateverTheOrderSpacesAndComments(@ForAll long seed) {
    Random random = new Random(seed);
    List<String> fields = new ArrayList<>(FIELDS);
    Collections.shuffle(fields, random);
    StringBuilder text = new StringBuilder(random.nextBoolean() ? "--- # start\n" : "");
    for (String field : fields) {
      text.append(random.nextBoolean() ? "# said in passing\n" : "")
          .append(random.nextBoolean() ? field : field.replace(": ", ":   "))
          .append(random.nextBoolean() ? "  # why\n" : "\n")
          .append("\n".repeat(random.nextInt(3)));
    }

    assertThat(version(text.toString())).isEqualTo(version(String.join("\n", FIELDS)));
  }

  @Example
  void shouldStayTheSameWhenTheSameIsSaidInOtherWords() {
    String said = String.join("\n", FIELDS);
    String otherwise =
        said.replace("tenant: acme, agent: 'c*'", "agent: \"c*\", tenant: acme")
            .replace("'10'", "10.00")
            .replace(", currency: USD", "")
            .replace("window: day, ", "")
            .replace("[b, a]", "[a, b]")
            .replace("60m", "1h")
            .replace("action: kill", "action: kill, severity: critical");

    assertThat(version(otherwise)).isEqualTo(version(said));
  }

  @Example
  void shouldChangeWithEveryChangeOfMeaning() {
    String said = String.join("\n", FIELDS);
    Set<String> versions = new HashSet<>(Set.of(version(said)));
    String[][] changes = {
      {"id: cap", "id: cap2"},
      {"A cap.", "The cap."},
      {"warn", "shadow"},
      {"acme", "acme*"},
      {"per: agent", "per: run"},
      {"window: day", "window: hour"},
      {"'10'", "'10.000000000001'"},
      {"80%", "81%"},
      {"throttle", "throttle, severity: page"},
      {"cooldown_ms: 5", "cooldown_ms: 6"},
      {"[b, a]", "[b]"},
      {"within: 60m, ", ""},
      {"action: kill", "action: pause"}
    };
    for (String[] change : changes) {
      String changed = said.replace(change[0], change[1]);
      if (change[1].equals("per: run")) {
        changed = changed.replace("window: day, ", "");
      }
      assertThat(versions.add(version(changed))).as(String.join(" -> ", change)).isTrue();
    }
  }

  private static String version(String text) {
    return PolicyFile.parse(text, "test.yaml").get(0).policy().version();
  }
}
