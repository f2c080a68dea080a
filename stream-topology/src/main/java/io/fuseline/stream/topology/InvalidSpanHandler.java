package io.fuseline.stream.topology;

import java.util.Map;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Sends spans that cannot be booked to the dead letters; any other failure stops the application.
 */
public final class InvalidSpanHandler extends LogAndContinueProcessingExceptionHandler {
  private DeadLetters deadLetters;

  @Override
  public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception error) {
    if (error instanceof InvalidSpanException invalid
        && deadLetters.admit(
            invalid.reason(),
            context.topic() + "-" + context.partition() + "@" + context.offset(),
            invalid.getMessage())) {
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
