package io.fuseline.stream.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.Presets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every preset does what its first line says, in the core that decides in the pipeline too. */
class PresetsTest {
  private static final Path EXAMPLES = Path.of("src/test/resources/presets");

  @ParameterizedTest
  @MethodSource("presets")
  void shouldDoWhatItSays(String name) throws IOException {
    Presets.Preset preset = Presets.named(name).orElseThrow();
    PolicySet policies =
        PolicySet.of(preset.policies().stream().map(ParsedPolicy::policy).toList());
    var examples = ExampleFile.read(EXAMPLES.resolve(name + ".test.yaml"));

    assertThat(examples).isNotEmpty();
    for (Example example : examples) {
      Example.Outcome outcome = Examples.run(example, policies, "USD");
      assertThat(outcome.holds()).as(example.name() + ": found " + outcome.found()).isTrue();
    }
    assertThat(examples).anyMatch(example -> !example.expected().isEmpty());
    assertThat(examples).anyMatch(example -> example.expected().isEmpty());
  }

  @Test
  void shouldStandInTheGuideAsItIsShippedWithWhatItSends() throws IOException {
    String guide = Files.readString(Path.of("../docs/policies.md"));

    for (Presets.Preset preset : Presets.all()) {
      assertThat(preset.title()).isNotBlank().endsWith(".");
      String heading = "### " + preset.name() + "\n";
      assertThat(guide).as("a section for each preset in docs/policies.md").contains(heading);
      String section =
          guide.substring(guide.indexOf(heading) + heading.length()).split("\n##", 2)[0];
      assertThat(section)
          .as("the section of %s in docs/policies.md", preset.name())
          .contains("```yaml\n" + preset.text().stripTrailing() + "\n```\n")
          .contains("\nSends: ");
    }
  }

  @Test
  void shouldNotNameTwoPoliciesAlike() {
    Set<String> ids = new HashSet<>();
    for (Presets.Preset preset : Presets.all()) {
      preset
          .policies()
          .forEach(parsed -> assertThat(ids.add(parsed.policy().id())).as(preset.name()).isTrue());
    }
  }

  static Iterable<String> presets() {
    return Presets.all().stream().map(Presets.Preset::name).toList();
  }
}
