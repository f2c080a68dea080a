package io.fuseline.stream.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Assertions;

class SelectorProperties {

  @Property(tries = 5000)
  void shouldMatchAsTheDefinitionOfAGlobSays(
      @ForAll("globs") String glob, @ForAll("texts") String text) {
    assertThat(new Glob(glob).matches(text)).isEqualTo(naive(glob, text));
  }

  @Example
  void shouldTakeACodePointForOneCharacter() {
    assertThat(new Glob("a?b").matches("a😀b")).isTrue();
    assertThat(new Glob("??").matches("😀")).isFalse();
    assertThat(new Glob("a.b").matches("axb")).isFalse();
    assertThat(new Glob("*\\E.*").matches("x\\E.y")).isTrue();
    assertThat(new Glob("").matches("")).isTrue();
  }

  @Example
  void shouldNotBeStalledByAnyGlob() {
    Glob glob = new Glob("*a".repeat(200) + "*b");
    String text = "a".repeat(500);

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5), () -> assertThat(glob.matches(text)).isFalse());
  }

  @Example
  void shouldMatchWhenEveryNamedAttributeDoes() {
    Subject subject = new Subject("acme", "coder-1", "worker", null, "apollo", null, "4711", "");

    assertThat(Selector.everyone().matches(subject)).isTrue();
    assertThat(matches(subject, "tenant", "acme", "agent", "coder-?")).isTrue();
    assertThat(matches(subject, "tenant", "acme", "agent", "tester-?")).isFalse();
    assertThat(matches(subject, "role", "w*", "project", "*", "cost_centre", "47*")).isTrue();
    assertThat(matches(subject, "environment", "?*")).isFalse();
  }

  @Example
  void shouldMatchAnAttributeThatIsNotGivenWithAStarOnly() {
    Subject subject = new Subject("acme", "coder", null, null, null, null, null, null);

    assertThat(matches(subject, "team", "*")).isTrue();
    assertThat(matches(subject, "team", "b*")).isFalse();
    assertThat(matches(subject, "workflow", "?")).isFalse();
    assertThatNoException().isThrownBy(() -> matches(subject, "role", ""));
  }

  private static boolean matches(Subject subject, String... globs) {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < globs.length; i += 2) {
      all.put(globs[i], globs[i + 1]);
    }
    return new Selector(all).matches(subject);
  }

  /** By the definition: a star takes nothing, or one character and stays. */
  private static boolean naive(String glob, String text) {
    if (glob.isEmpty()) {
      return text.isEmpty();
    }
    if (glob.charAt(0) == '*') {
      return naive(glob.substring(1), text) || !text.isEmpty() && naive(glob, text.substring(1));
    }
    return !text.isEmpty()
        && (glob.charAt(0) == '?' || glob.charAt(0) == text.charAt(0))
        && naive(glob.substring(1), text.substring(1));
  }

  @Provide
  Arbitrary<String> globs() {
    return Arbitraries.strings().withChars("ab.*?").ofMaxLength(7);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings().withChars("ab.").ofMaxLength(8);
  }
}
