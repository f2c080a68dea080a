package io.fuseline.schemas.serde;

import java.io.OutputStream;
import java.util.Arrays;

/**
 * Collects one record in the Confluent wire format: a zero byte, the schema id (4 bytes, big
 * endian), the Avro binary. Reused from record to record by one thread; unlike
 * ByteArrayOutputStream it takes no lock and copies once.
 */
final class WireBuffer extends OutputStream {
  static final byte MAGIC = 0;
  static final int HEADER_BYTES = 5;

  private static final int INITIAL_BYTES = 1 << 10;

  /** A single huge record must not hold memory for ever. */
  private static final int KEPT_BYTES = 1 << 20;

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;

  void begin(int schemaId) {
    bytes[0] = MAGIC;
    bytes[1] = (byte) (schemaId >>> 24);
    bytes[2] = (byte) (schemaId >>> 16);
    bytes[3] = (byte) (schemaId >>> 8);
    bytes[4] = (byte) schemaId;
    length = HEADER_BYTES;
  }

  byte[] finish() {
    byte[] record = Arrays.copyOf(bytes, length);
    if (bytes.length > KEPT_BYTES) {
      bytes = new byte[INITIAL_BYTES];
    }
    return record;
  }

  @Override
  public void write(int b) {
    ensureRoomFor(1);
    bytes[length++] = (byte) b;
  }

  @Override
  public void write(byte[] source, int offset, int count) {
    ensureRoomFor(count);
    System.arraycopy(source, offset, bytes, length, count);
    length += count;
  }

  private void ensureRoomFor(int count) {
    int needed = Math.addExact(length, count);
    if (needed > bytes.length) {
      long doubled = 2L * bytes.length;
      bytes =
          Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(doubled, needed)));
    }
  }
}
