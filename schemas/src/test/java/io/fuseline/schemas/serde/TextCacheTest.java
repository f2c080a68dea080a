package io.fuseline.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;

class TextCacheTest {
  private final TextCache cache = new TextCache();

  @Test
  void shouldGiveTheSameInstanceWhenATextComesAgain() {
    assertThat(cache.of(new Utf8("gpt-5-mini"))).isEqualTo("gpt-5-mini");

    assertThat(cache.of(new Utf8("gpt-5-mini"))).isSameAs(cache.of(new Utf8("gpt-5-mini")));
  }

  @Test
  void shouldGiveEveryTextAsItIsWhenThereAreFarMoreThanPlaces() {
    List<String> texts =
        IntStream.range(0, 50_000).mapToObj(i -> "span-" + Integer.toHexString(i * 31)).toList();

    for (int round = 0; round < 2; round++) {
      assertThat(texts).allSatisfy(text -> assertThat(cache.of(new Utf8(text))).isEqualTo(text));
    }
  }

  @Test
  void shouldTellTextsApartWhenOneBeginsAsTheOther() {
    List<String> texts = List.of("", "a", "aa", "é", "éa", "\u0000", "\u0000\u0000", "日本", "日");

    for (int round = 0; round < 2; round++) {
      assertThat(texts).allSatisfy(text -> assertThat(cache.of(new Utf8(text))).isEqualTo(text));
    }
  }

  /** The decoder uses one buffer for all texts: what it writes later must not change one. */
  @Test
  void shouldKeepATextWhenTheBufferItCameInIsUsedAgain() {
    Utf8 buffer = new Utf8("research-agent");
    String first = cache.of(buffer);
    buffer.set("triage--agents");
    String second = cache.of(buffer);

    assertThat(first).isEqualTo("research-agent");
    assertThat(second).isEqualTo("triage--agents");
    assertThat(cache.of(new Utf8("research-agent"))).isEqualTo("research-agent");
  }

  @Test
  void shouldGiveALongTextAsItIs() {
    String text = "x".repeat(1_000);

    assertThat(cache.of(new Utf8(text))).isEqualTo(text);
  }
}
