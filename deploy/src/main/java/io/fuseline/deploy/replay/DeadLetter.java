package io.fuseline.deploy.replay;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A line that could not be used.
 *
 * @param line from 1
 * @param reason class of the fault, for counting
 * @param field field that is wrong, as the schema names it; empty when the line as a whole is
 * @param message what was wrong, for people
 */
public record DeadLetter(long line, String reason, String field, String message)
    implements SpanFile.Outcome {

  ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("line", line)
        .put("reason", reason)
        .put("field", field)
        .put("message", message);
  }
}
