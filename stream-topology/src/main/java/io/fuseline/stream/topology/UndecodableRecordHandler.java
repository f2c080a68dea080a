package io.fuseline.stream.topology;

import io.fuseline.schemas.serde.UndecodableRecordException;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;

/**
 * Sends records that no schema can read (prices, policies) to the dead letters. When it is the
 * registry that fails, the record is not to blame, and the application stops.
 */
public final class UndecodableRecordHandler extends LogAndContinueExceptionHandler {
  private DeadLetters deadLetters;

  @Override
  public Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception error) {
    if (error instanceof UndecodableRecordException
        && deadLetters.admit(
            "undecodable",
            record.topic() + "-" + record.partition() + "@" + record.offset(),
            error.getMessage())) {
      return super.handleError(context, record, error);
    }
    return Response.fail();
  }

  @Override
  public void configure(Map<String, ?> configs) {
    super.configure(configs);
    deadLetters = DeadLetters.from(configs);
  }
}
