package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import net.jqwik.api.constraints.WithNull;

class BinaryProperties {
  private static final int VERSION = 1;

  @Property
  void everyTextComesBackAndTakesItsBytesOfUtf8(
      @ForAll List<@WithNull @StringLength(max = 200) String> texts) {
    BinaryOut out = new BinaryOut(1);
    out.raw(VERSION);
    texts.forEach(out::text);
    byte[] bytes = out.toBytes();

    BinaryIn in = BinaryIn.open(bytes, VERSION, "Texts");
    assertThat(texts)
        .allSatisfy(text -> assertThat(in.text()).isEqualTo(text == null ? null : readable(text)));
    assertThat(bytes).hasSize(1 + texts.stream().mapToInt(BinaryProperties::bytes).sum());
  }

  @Property
  void everySharedTextComesBack(
      @ForAll
          List<@WithNull @CharRange(from = 'a', to = 'c') @StringLength(max = 2) String> texts) {
    BinaryOut out = new BinaryOut(1);
    out.raw(VERSION);
    texts.forEach(text -> out.shared(text == null ? null : new String(text.toCharArray())));

    BinaryIn in = BinaryIn.open(out.toBytes(), VERSION, "Texts");
    assertThat(texts).allSatisfy(text -> assertThat(in.shared()).isEqualTo(text));
  }

  @Property
  void everyNumberComesBack(@ForAll List<Long> numbers) {
    BinaryOut out = new BinaryOut(1);
    out.raw(VERSION);
    for (long number : numbers) {
      out.varint(number);
      out.zigzag(number);
      out.fixed(number);
    }

    BinaryIn in = BinaryIn.open(out.toBytes(), VERSION, "Numbers");
    for (long number : numbers) {
      assertThat(in.varint()).isEqualTo(number);
      assertThat(in.zigzag()).isEqualTo(number);
      assertThat(in.fixed()).isEqualTo(number);
    }
  }

  private static int bytes(String text) {
    return text == null
        ? 1
        : varintBytes(readable(text).getBytes(StandardCharsets.UTF_8).length + 1)
            + readable(text).getBytes(StandardCharsets.UTF_8).length;
  }

  private static int varintBytes(int value) {
    return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : 3;
  }

  /** Half a surrogate pair cannot be written as UTF-8. */
  private static String readable(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
