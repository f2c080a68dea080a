package io.fuseline.stream.ingest;

import io.fuseline.schemas.CommandAck;
import java.util.List;

/** Where answers to commands are kept for the topology. */
@FunctionalInterface
public interface AckSink {

  /**
   * Keeps the answers, each under the target of its command. Returns when all survive the loss of
   * this process.
   *
   * @throws NotKeptException when not all of them could be kept now. Some may have been; sending
   *     all again does no harm: of equal answers to a command one counts.
   */
  void keep(List<CommandAck> acks) throws NotKeptException;
}
