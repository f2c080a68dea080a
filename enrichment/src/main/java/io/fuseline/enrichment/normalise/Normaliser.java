package io.fuseline.enrichment.normalise;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns spans of any known convention into agent spans. Thread-safe; never throws for what a span
 * holds: what cannot be read is {@link Normalised.Rejected} or {@link Normalised.Ignored}.
 */
public final class Normaliser {

  private static final Normaliser STANDARD = new Normaliser();
  private static final JsonMapper JSON = new JsonMapper();
  private static final TypeReference<Map<String, Object>> ATTRIBUTES = new TypeReference<>() {};

  private Normaliser() {}

  /** The normaliser with the tables that come with Fuseline. */
  public static Normaliser standard() {
    return STANDARD;
  }

  /** Normalises one span by itself: what its parents tell is not known. */
  public Normalised normalise(SourceSpan source) {
    return normalise(List.of(source)).get(0);
  }

  /**
   * Normalises spans that came together. Spans of the same trace complete each other: agent, run,
   * and which of them carries the usage that is priced.
   *
   * @return one answer per span, in the same order
   */
  public List<Normalised> normalise(List<SourceSpan> batch) {
    Map<Map<String, Object>, Reading> resources = new IdentityHashMap<>();
    List<Outcome> outcomes = new ArrayList<>(batch.size());
    List<Draft> drafts = new ArrayList<>(batch.size());
    for (SourceSpan source : batch) {
      Attributes attributes = new Attributes(source.attributes());
      Outcome outcome = read(source, attributes, Dialect.of(source, attributes), resources);
      outcomes.add(outcome);
      if (outcome.draft != null) {
        drafts.add(outcome.draft);
      }
    }
    Batch together = new Batch(batch, drafts);
    together.findRepeats();
    List<Normalised> answers = new ArrayList<>(batch.size());
    for (Outcome outcome : outcomes) {
      answers.add(outcome.answer(together));
    }
    return answers;
  }

  /**
   * Normalises an event that is not part of a span, such as an OTLP log record with an event name.
   *
   * @param resource attributes of the resource that sent it
   * @param scopeName name of the instrumentation scope; empty if there is none
   * @param scopeVersion version of the instrumentation scope; empty if there is none
   */
  public Normalised normaliseEvent(
      SourceEvent event, Map<String, Object> resource, String scopeName, String scopeVersion) {
    Dialect dialect = Dialect.ofEvent(event, scopeName == null ? "" : scopeName);
    if (dialect == null) {
      return Outcome.NO_WORK.settled;
    }
    return alone(Events.span(event, resource, scopeName, scopeVersion), dialect);
  }

  /** Normalises LiteLLM's standard logging payload. */
  public Normalised normaliseLiteLlm(JsonNode payload) {
    if (!payload.isObject()) {
      return Outcome.NO_WORK.settled;
    }
    SourceSpan span = Events.liteLlm(JSON.convertValue(payload, ATTRIBUTES));
    return alone(span, Dialect.of(span, new Attributes(span.attributes())));
  }

  private static Normalised alone(SourceSpan source, Dialect dialect) {
    Attributes attributes = new Attributes(source.attributes());
    return read(source, attributes, dialect, new IdentityHashMap<>())
        .answer(new Batch(List.of(source), List.of()));
  }

  /**
   * What a span tells by itself.
   *
   * @param resources what resources of the batch tell; those that are new are added
   */
  private static Outcome read(
      SourceSpan source,
      Attributes attributes,
      Dialect dialect,
      Map<Map<String, Object>, Reading> resources) {
    KindRule.Answer answer = KindRule.answer(dialect, source, attributes);
    if (answer == null) {
      return Outcome.NO_WORK;
    }
    if (answer.kind() == null) {
      return new Outcome(null, new Normalised.Ignored(answer.ignore()));
    }
    String name = dialect == null ? "" : dialect.name();
    Draft draft =
        new Draft(
            source,
            name,
            answer.kind(),
            Reading.ofSpan(source.attributes(), name, answer.kind()),
            resources.computeIfAbsent(source.resource(), Reading::ofResource));
    if (answer.note() != null) {
      draft.notes.add(answer.note());
    }
    try {
      draft.reckon();
      return new Outcome(draft, null);
    } catch (UntellableException e) {
      return new Outcome(null, e.of(source));
    }
  }

  /**
   * A span that is on its way, or what became of it; one of the two is null.
   *
   * @param settled the answer, whatever the rest of the batch tells
   */
  private record Outcome(Draft draft, Normalised settled) {

    static final Outcome NO_WORK = new Outcome(null, new Normalised.Ignored("no agent work"));

    Normalised answer(Batch together) {
      return draft == null ? settled : AgentSpans.of(draft, together);
    }
  }
}
