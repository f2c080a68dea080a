package io.fuseline.stream.judge;

import io.fuseline.schemas.Dimension;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One value of one dimension of one tenant. Its bytes sort by dimension, then tenant, then value.
 */
public record ScopeKey(Dimension dimension, String tenant, String value) {
  private static final Dimension[] DIMENSIONS = Dimension.values();

  /** Written out, as is {@link #equals}, since nine of them are looked up per span. */
  @Override
  public int hashCode() {
    return (value.hashCode() * 31 + tenant.hashCode()) * 31 + dimension.ordinal();
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof ScopeKey key
            && dimension == key.dimension
            && value.equals(key.value)
            && tenant.equals(key.tenant);
  }

  public byte[] toBytes() {
    byte[] tenantBytes = tenant.getBytes(StandardCharsets.UTF_8);
    byte[] valueBytes = value.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(3 + tenantBytes.length + valueBytes.length)
        .put((byte) dimension.ordinal())
        .putShort((short) tenantBytes.length)
        .put(tenantBytes)
        .put(valueBytes)
        .array();
  }

  public static ScopeKey fromBytes(byte[] bytes) {
    return fromBytes(bytes, bytes.length);
  }

  static ScopeKey fromBytes(byte[] bytes, int length) {
    int tenantLength = ByteBuffer.wrap(bytes).getShort(1);
    return new ScopeKey(
        DIMENSIONS[bytes[0]],
        new String(bytes, 3, tenantLength, StandardCharsets.UTF_8),
        new String(bytes, 3 + tenantLength, length - 3 - tenantLength, StandardCharsets.UTF_8));
  }

  /** Bytes that all keys of a dimension start with. */
  public static byte[] prefix(Dimension dimension) {
    return new byte[] {(byte) dimension.ordinal()};
  }
}
