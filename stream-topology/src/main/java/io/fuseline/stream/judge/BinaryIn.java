package io.fuseline.stream.judge;

import io.fuseline.stream.policy.Subject;
import java.nio.charset.StandardCharsets;

/** Reads what {@link BinaryOut} wrote. */
final class BinaryIn {
  private final byte[] bytes;
  private int at;

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

  String text() {
    int length = count() - 1;
    if (length < 0) {
      return null;
    }
    String value = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return value;
  }

  Subject subject() {
    return new Subject(text(), text(), text(), text(), text(), text(), text(), text());
  }

  /** Checks the version byte that every state value starts with. */
  static BinaryIn open(byte[] bytes, int version, String what) {
    BinaryIn in = new BinaryIn(bytes);
    int found = in.raw();
    if (found != version) {
      throw new IllegalStateException(
          what
              + " has state format "
              + found
              + ", this program reads "
              + version
              + ". Start the newer program, or reset the application's state.");
    }
    return in;
  }
}
