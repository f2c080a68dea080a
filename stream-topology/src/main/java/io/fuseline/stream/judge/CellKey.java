package io.fuseline.stream.judge;

import io.fuseline.schemas.WindowSize;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One window of one scope. Its bytes sort by scope, then window length, then start, so that a
 * series is one range.
 *
 * @param startMicros first instant of the window, epoch microseconds
 */
public record CellKey(ScopeKey scope, WindowSize window, long startMicros) {
  private static final WindowSize[] WINDOWS = WindowSize.values();
  private static final int TAIL = 1 + 1 + Long.BYTES;

  /** The window that holds {@code eventMicros}. */
  public static CellKey at(ScopeKey scope, WindowSize window, long eventMicros) {
    return new CellKey(scope, window, Windows.start(window, eventMicros));
  }

  @Override
  public int hashCode() {
    return (scope.hashCode() * 31 + window.ordinal()) * 31 + Long.hashCode(startMicros);
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof CellKey key
            && startMicros == key.startMicros
            && window == key.window
            && scope.equals(key.scope);
  }

  public byte[] toBytes() {
    byte[] scopeBytes = scope.toBytes();
    return ByteBuffer.allocate(scopeBytes.length + TAIL)
        .put(scopeBytes)
        .put((byte) 0) // a value never continues with this, so that no scope's cells stand within
        // another's
        .put((byte) window.ordinal())
        .putLong(startMicros)
        .array();
  }

  public static CellKey fromBytes(byte[] bytes) {
    int scopeLength = bytes.length - TAIL;
    return new CellKey(
        ScopeKey.fromBytes(Arrays.copyOf(bytes, scopeLength)),
        WINDOWS[bytes[scopeLength + 1]],
        ByteBuffer.wrap(bytes).getLong(scopeLength + 2));
  }
}
