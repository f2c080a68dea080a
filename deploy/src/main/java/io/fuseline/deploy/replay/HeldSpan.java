package io.fuseline.deploy.replay;

import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.schemas.AgentSpan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * A checked span that waits for its turn, in as little memory as will do.
 *
 * @param eventMicros when it became known, epoch microseconds
 * @param line line of the file it stands on, from 1
 * @param avro the span in Avro's single-object encoding
 */
record HeldSpan(long eventMicros, long line, byte[] avro) implements SpanFile.Outcome {

  static HeldSpan of(CheckedSpan.Accepted accepted, long line) {
    try {
      ByteBuffer encoded = accepted.span().toByteBuffer();
      byte[] avro = new byte[encoded.remaining()];
      encoded.get(avro);
      return new HeldSpan(accepted.eventTimeMicros(), line, avro);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // from memory to memory
    }
  }

  AgentSpan span() {
    try {
      return AgentSpan.fromByteBuffer(ByteBuffer.wrap(avro));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // from memory to memory
    }
  }
}
