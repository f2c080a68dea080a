package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class Utf8Properties {

  @Property
  void shouldCutBetweenCharactersAndAsLittleAsItMust(
      @ForAll("texts") String text, @ForAll @IntRange(min = 4, max = 40) int most) {
    String cut = Utf8.cut(text, most);

    assertThat(text).startsWith(cut);
    assertThat(Utf8.bytes(cut)).isLessThanOrEqualTo(most);
    if (cut.length() < text.length()) {
      int next = text.offsetByCodePoints(cut.length(), 1);
      assertThat(Utf8.bytes(text.substring(0, next))).isGreaterThan(most);
    }
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of("a", "ä", "漢", "😀")
        .list()
        .ofMaxSize(20)
        .map(all -> String.join("", all));
  }
}
