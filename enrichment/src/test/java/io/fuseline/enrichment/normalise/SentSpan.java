package io.fuseline.enrichment.normalise;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A span as an instrumentation sends it, piece by piece. */
final class SentSpan {
  static final long NOON = 1_767_268_800_000_000L;
  static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  private final String id;
  private final String name;
  private final Map<String, Object> attributes = new HashMap<>();
  private final Map<String, Object> resource = new HashMap<>();
  private final List<SourceEvent> events = new ArrayList<>();
  private String parent;
  private String scope = "";
  private String version = "";
  private SpanStatus status = SpanStatus.UNSET;

  private SentSpan(String id, String name) {
    this.id = id;
    this.name = name;
  }

  static SentSpan span(String id, String name) {
    return new SentSpan(id, name);
  }

  static SentSpan span(String name) {
    return new SentSpan("b7ad6b7169203331", name);
  }

  SentSpan under(String parent) {
    this.parent = parent;
    return this;
  }

  SentSpan scope(String scope, String version) {
    this.scope = scope;
    this.version = version;
    return this;
  }

  SentSpan scope(String scope) {
    return scope(scope, "");
  }

  SentSpan with(String attribute, Object value) {
    attributes.put(attribute, value);
    return this;
  }

  SentSpan from(String attribute, Object value) {
    resource.put(attribute, value);
    return this;
  }

  SentSpan failed() {
    status = SpanStatus.ERROR;
    return this;
  }

  SentSpan event(String name, Map<String, Object> attributes) {
    events.add(new SourceEvent(name, NOON, attributes));
    return this;
  }

  SourceSpan sent() {
    return new SourceSpan(
        TRACE,
        id,
        parent,
        name,
        NOON,
        NOON + 2_000_000,
        status,
        null,
        attributes,
        resource,
        events,
        scope,
        version);
  }

  Normalised.Span normalised() {
    Normalised answer = Normaliser.standard().normalise(sent());
    assertThat(answer).isInstanceOf(Normalised.Span.class);
    return (Normalised.Span) answer;
  }

  AgentSpan agentSpan() {
    return normalised().span();
  }

  Normalised.Rejected rejected() {
    Normalised answer = Normaliser.standard().normalise(sent());
    assertThat(answer).isInstanceOf(Normalised.Rejected.class);
    return (Normalised.Rejected) answer;
  }

  /**
   * What becomes of spans that come in one batch; those that are no work of an agent are left out.
   */
  static List<AgentSpan> together(SentSpan... spans) {
    return Normaliser.standard()
        .normalise(Arrays.stream(spans).map(SentSpan::sent).toList())
        .stream()
        .filter(answer -> !(answer instanceof Normalised.Ignored))
        .map(answer -> ((Normalised.Span) answer).span())
        .toList();
  }
}
