package io.fuseline.enrichment.normalise;

import io.fuseline.schemas.AgentSpan;
import java.util.List;

/** What became of a span or event that came in. */
public sealed interface Normalised {

  /**
   * Work of an agent.
   *
   * @param span the span; a new instance, the caller's own
   * @param notes what was decided without proof or left out, for people; empty where all was clear
   */
  record Span(AgentSpan span, List<String> notes) implements Normalised {}

  /**
   * No work of an agent, such as an HTTP or database span. Nothing is lost: it has no cost.
   *
   * @param reason why, in few words, from a fixed set: fit for counting
   */
  record Ignored(String reason) implements Normalised {}

  /**
   * Work of an agent whose usage cannot be told. It belongs to the dead letters.
   *
   * @param reason class of the fault, such as {@code NEGATIVE_USAGE}: fit for counting
   * @param field attribute or usage unit that is wrong
   * @param message what was wrong, where, what was expected and what to do; for people
   */
  record Rejected(String reason, String field, String message) implements Normalised {}
}
