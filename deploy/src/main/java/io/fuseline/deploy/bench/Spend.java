package io.fuseline.deploy.bench;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * What the programs that the pipeline is compared with add up: of one span, or of all spans of a
 * dimension's value in a window. Five numbers, far less than a cell of the pipeline holds.
 *
 * @param costPico in 10^-12 USD
 */
record Spend(long costPico, long tokens, long spans, long llmCalls, long toolCalls) {
  static final Spend NONE = new Spend(0, 0, 0, 0, 0);

  /** Fixed width: nothing that a book would write is cheaper. */
  static final Serde<Spend> SERDE =
      Serdes.serdeFrom(
          (topic, spend) -> spend == null ? null : spend.toBytes(),
          (topic, bytes) -> bytes == null ? null : ofBytes(bytes));

  private static final int BYTES = 5 * Long.BYTES;

  Spend plus(Spend other) {
    return new Spend(
        Math.addExact(costPico, other.costPico),
        Math.addExact(tokens, other.tokens),
        spans + other.spans,
        llmCalls + other.llmCalls,
        toolCalls + other.toolCalls);
  }

  byte[] toBytes() {
    return ByteBuffer.allocate(BYTES)
        .putLong(costPico)
        .putLong(tokens)
        .putLong(spans)
        .putLong(llmCalls)
        .putLong(toolCalls)
        .array();
  }

  static Spend ofBytes(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new Spend(in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
  }
}
