package io.fuseline.enrichment.normalise;

import io.fuseline.schemas.SpanKind;
import java.util.ArrayList;
import java.util.List;

/** One span on its way: what is known of it by itself. */
final class Draft {

  final SourceSpan source;
  final String dialect;
  final Reading span;
  final Reading resource;
  final List<String> notes = new ArrayList<>();

  /** Changed where it turns out that the span repeats others of its batch. */
  SpanKind kind;

  Usage usage;
  Places place;

  Draft(SourceSpan source, String dialect, SpanKind kind, Reading span, Reading resource) {
    this.source = source;
    this.dialect = dialect;
    this.kind = kind;
    this.span = span;
    this.resource = resource;
  }

  /** Whether it asks a model or an index: such work is charged by what it used. */
  boolean usesTokens() {
    return switch (kind) {
      case LLM, EMBEDDING, RERANK, RETRIEVAL -> true;
      default -> false;
    };
  }

  /** Whether it carries sums of others, and so is not priced. */
  boolean isSum() {
    return kind == SpanKind.AGENT || kind == SpanKind.WORKFLOW;
  }

  /** Reads the counters. */
  void reckon() throws UntellableException {
    place = Places.of(dialect, source.scopeName(), span, resource);
    if (isSum()) {
      usage = Usage.none();
    } else if (usesTokens()) {
      InclusionRule table =
          InclusionRule.of(dialect, source.scopeName(), source.scopeVersion(), place.provider());
      usage = Usage.of(span, table, kind != SpanKind.LLM, notes);
    } else {
      usage = Usage.told(span);
    }
  }

  /** The span turned out to repeat spans below it. */
  void becomeSum() {
    kind = SpanKind.WORKFLOW;
    usage = Usage.none();
    notes.add("repeats the usage of model calls below it: not priced");
  }

  /** The field as the span has it, else as its resource has it. */
  String own(Field field) {
    String told = span.text(field);
    return told != null ? told : resource.text(field);
  }

  /** Whether the span or its resource names the agent. */
  boolean namesAgent() {
    return agentId() != null || agentName() != null;
  }

  String agentId() {
    return lasting(own(Field.AGENT_ID));
  }

  String agentName() {
    return lasting(own(Field.AGENT_NAME));
  }

  private String lasting(String id) {
    return Places.isInstanceId(source.scopeName(), id) ? null : id;
  }
}
