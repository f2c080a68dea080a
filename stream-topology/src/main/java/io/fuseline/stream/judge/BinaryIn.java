package io.fuseline.stream.judge;

import io.fuseline.stream.policy.Subject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads what {@link BinaryOut} wrote. */
final class BinaryIn {
  private final byte[] bytes;
  private int at;
  private int version;

  /** Texts read so far that may be referred to again; null before the first. */
  private List<String> texts;

  BinaryIn(byte[] bytes) {
    this.bytes = bytes;
  }

  int raw() {
    return bytes[at++] & 0xFF;
  }

  boolean bool() {
    return raw() != 0;
  }

  long varint() {
    long value = 0;
    int shift = 0;
    while (true) {
      byte next = bytes[at++];
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
      shift += 7;
    }
  }

  int count() {
    return Math.toIntExact(varint());
  }

  long zigzag() {
    long value = varint();
    return value >>> 1 ^ -(value & 1);
  }

  long fixed() {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | bytes[at++] & 0xFF;
    }
    return value;
  }

  byte[] bytes(int count) {
    byte[] value = Arrays.copyOfRange(bytes, at, at + count);
    at += count;
    return value;
  }

  String text() {
    int length = count() - 1;
    if (length < 0) {
      return null;
    }
    String value = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return value;
  }

  /** A text or null, as {@link BinaryOut#shared} wrote it. */
  String shared() {
    int reference = count();
    if (reference == BinaryOut.NO_TEXT) {
      return null;
    }
    if (reference != BinaryOut.NEW_TEXT) {
      int index = reference - BinaryOut.FIRST_TEXT;
      return index < CommonTexts.COUNT
          ? CommonTexts.at(index)
          : texts.get(index - CommonTexts.COUNT);
    }
    String value = text();
    if (texts == null) {
      texts = new ArrayList<>();
    }
    texts.add(value);
    return value;
  }

  Subject subject() {
    Subject subject = new Subject(text(), text(), text(), text(), text(), text(), text(), text());
    // Formats 1 and 2 knew no tags.
    int count = isBefore(3) ? 0 : count();
    if (count == 0) {
      return subject;
    }
    Map<String, String> tags = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      tags.put(text(), text());
    }
    return subject.tagged(tags);
  }

  Subject sharedSubject() {
    return new Subject(
        shared(), shared(), shared(), shared(), shared(), shared(), shared(), shared());
  }

  /** Version of the format that the value was written in. */
  int version() {
    return version;
  }

  /** True for a value that a program wrote whose format was older. */
  boolean isBefore(int format) {
    return version != 0 && version < format;
  }

  /**
   * Checks the version byte that every state value starts with.
   *
   * @param newest version that this program writes; it reads those before it too, from 1
   */
  static BinaryIn open(byte[] bytes, int newest, String what) {
    BinaryIn in = new BinaryIn(bytes);
    in.version = in.raw();
    if (in.version < 1 || in.version > newest) {
      throw new IllegalStateException(
          what
              + " has state format "
              + in.version
              + ", this program reads "
              + (newest == 1 ? "1" : "1 to " + newest)
              + ". Start the newer program, or reset the application's state.");
    }
    return in;
  }
}
