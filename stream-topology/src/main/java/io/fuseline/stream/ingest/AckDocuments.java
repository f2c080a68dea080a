package io.fuseline.stream.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.json.AvroJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Answers to commands as JSON: one, an array of them, or one after another. */
public final class AckDocuments {
  private AckDocuments() {}

  /**
   * @param now stands for {@code acked_at} where an answer does not say when
   * @throws UnreadableBatchException when the body is not JSON
   * @throws FaultyAcksException naming the first answer that is not one
   */
  public static List<CommandAck> of(byte[] body, Instant now)
      throws UnreadableBatchException, FaultyAcksException {
    List<CommandAck> acks = new ArrayList<>();
    for (JsonNode document : SpanDocuments.of(body)) {
      try {
        acks.add(ack(document, now));
      } catch (IllegalArgumentException e) {
        throw new FaultyAcksException("Answer " + (acks.size() + 1) + ", " + e.getMessage(), e);
      }
    }
    return acks;
  }

  private static CommandAck ack(JsonNode document, Instant now) {
    if (document instanceof ObjectNode object && !object.hasNonNull("acked_at")) {
      object.put("acked_at", now.toString());
    }
    // Records take an unknown symbol for its default; a slip of the pen must not become REFUSED.
    requireSymbol(document, "result", AckResult.values());
    requireSymbol(document, "target_type", TargetType.values());
    CommandAck ack = AvroJson.fromJson(document, CommandAck.class);
    requireText("command_id", ack.getCommandId());
    requireText("target", ack.getTarget());
    requireText("runtime", ack.getRuntime());
    return ack;
  }

  private static void requireSymbol(JsonNode document, String field, Enum<?>[] symbols) {
    JsonNode given = document.path(field);
    if (given.isTextual()
        && Arrays.stream(symbols).noneMatch(symbol -> symbol.name().equals(given.textValue()))) {
      throw new IllegalArgumentException(
          "%s: expected one of %s, found %s".formatted(field, Arrays.toString(symbols), given));
    }
  }

  private static void requireText(String field, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(field + " is empty");
    }
  }
}
