package io.fuseline.enrichment.normalise;

import java.util.Map;

/**
 * An event as it was sent: one of a span, or an OTLP log record with an event name.
 *
 * @param name name of the event; empty if it has none
 * @param timeMicros when it happened, microseconds since the epoch, UTC; 0: not known
 * @param attributes values as {@link SourceSpan#attributes()} has them
 */
public record SourceEvent(String name, long timeMicros, Map<String, Object> attributes) {

  /** Replaces null by empty; the map is not copied and must not be changed. */
  public SourceEvent {
    name = name == null ? "" : name;
    attributes = attributes == null ? Map.of() : attributes;
  }
}
