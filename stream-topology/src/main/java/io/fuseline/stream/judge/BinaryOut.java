package io.fuseline.stream.judge;

import io.fuseline.stream.policy.Subject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * Writes the state's binary form: variable-length integers and length-prefixed UTF-8. Grows as
 * needed.
 */
final class BinaryOut {
  static final int NO_TEXT = 0;
  static final int NEW_TEXT = 1;
  static final int FIRST_TEXT = 2;

  private byte[] bytes;
  private int size;

  /** Texts written so far that can be referred to; null before the first. */
  private List<String> texts;

  BinaryOut(int expectedSize) {
    bytes = new byte[expectedSize];
  }

  private void ensure(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }

  void raw(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
  }

  void bool(boolean value) {
    raw(value ? 1 : 0);
  }

  /** An unsigned integer, 7 bits a byte. */
  void varint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[size++] = (byte) (rest & 0x7F | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  /** A signed integer: small magnitudes are short. */
  void zigzag(long value) {
    varint(value << 1 ^ value >> 63);
  }

  /** Eight bytes, big endian; for hashes, which have no small values. */
  void fixed(long value) {
    ensure(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[size++] = (byte) (value >>> shift);
    }
  }

  /** As they are; their count has to be known. */
  void bytes(byte[] value) {
    ensure(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
  }

  /** A text or null. */
  void text(String value) {
    if (value == null) {
      varint(0);
      return;
    }
    int start = size;
    int length = value.length(); // in bytes, too, as long as all of it is ASCII
    varint(length + 1L);
    ensure(length);
    for (int i = 0; i < length; i++) {
      char letter = value.charAt(i);
      if (letter >= 0x80) {
        size = start;
        utf8(value);
        return;
      }
      bytes[size + i] = (byte) letter;
    }
    size += length;
  }

  private void utf8(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    varint(utf8.length + 1L);
    bytes(utf8);
  }

  /**
   * A text or null; what was written before in this value, or is {@linkplain CommonTexts common},
   * takes a byte.
   */
  void shared(String value) {
    if (value == null) {
      varint(NO_TEXT);
      return;
    }
    int index = CommonTexts.indexOf(value);
    if (index < 0 && texts != null) {
      index = indexOf(value);
    }
    if (index >= 0) {
      varint(FIRST_TEXT + (long) index);
      return;
    }
    if (texts == null) {
      texts = new ArrayList<>();
    }
    texts.add(value);
    varint(NEW_TEXT);
    text(value);
  }

  private int indexOf(String value) {
    int hash = value.hashCode(); // which the text keeps
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      if (text.hashCode() == hash && text.equals(value)) {
        return CommonTexts.COUNT + i;
      }
    }
    return -1;
  }

  /** Without tags: what is kept of a span is booked anew under the span's own. */
  void sharedSubject(Subject subject) {
    shared(subject.tenant());
    shared(subject.agent());
    shared(subject.role());
    shared(subject.team());
    shared(subject.project());
    shared(subject.workflow());
    shared(subject.costCentre());
    shared(subject.environment());
  }

  /** With tags, but without the call at hand. */
  void subject(Subject subject) {
    text(subject.tenant());
    text(subject.agent());
    text(subject.role());
    text(subject.team());
    text(subject.project());
    text(subject.workflow());
    text(subject.costCentre());
    text(subject.environment());
    varint(subject.tags().size());
    new TreeMap<>(subject.tags())
        .forEach(
            (tag, value) -> {
              text(tag);
              text(value);
            });
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }
}
