package io.fuseline.enrichment.normalise;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.schemas.SpanKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One row of {@code kinds.json}: what a span did, and so whether it is priced or carries sums of
 * others. The first row that answers counts.
 */
final class KindRule {

  /** In place of an attribute: the span's name. */
  private static final String NAME = "@name";

  private static final List<KindRule> ALL = all();

  private final Set<String> dialects;
  private final Set<String> scopes;
  private final String attribute;
  private final Map<String, SpanKind> values;
  private final List<ByPattern> patterns;
  private final Set<String> has;
  private final SpanKind otherwise;
  private final String ignore;
  private final String note;

  private KindRule(JsonNode row) {
    this.dialects = Tables.texts(row.path("in"));
    this.scopes = Tables.texts(row.path("scopes"));
    this.attribute = row.path("attribute").textValue();
    this.values = new HashMap<>();
    row.path("values")
        .properties()
        .forEach(value -> values.put(value.getKey(), kind(value.getValue())));
    this.patterns = new ArrayList<>();
    row.path("patterns")
        .forEach(
            pattern ->
                patterns.add(
                    new ByPattern(
                        Pattern.compile(pattern.required("match").textValue()),
                        kind(pattern.required("kind")))));
    this.has = Tables.texts(row.path("has"));
    this.otherwise = row.has("kind") ? kind(row.get("kind")) : kind(row.path("else"));
    this.ignore = row.path("ignore").textValue();
    this.note = row.path("note").textValue();
  }

  /** What the span did; null if no row answers: then it is no work of an agent. */
  static Answer answer(Dialect dialect, SourceSpan span, Attributes attributes) {
    for (KindRule rule : ALL) {
      if (rule.concerns(dialect, span)) {
        Answer answer = rule.ask(span, attributes);
        if (answer != null) {
          return answer;
        }
      }
    }
    return null;
  }

  private boolean concerns(Dialect dialect, SourceSpan span) {
    return (dialects.isEmpty() || dialect != null && dialects.contains(dialect.name()))
        && (scopes.isEmpty() || Dialect.beginsWithAny(span.scopeName(), scopes));
  }

  private Answer ask(SourceSpan span, Attributes attributes) {
    if (ignore != null) {
      return new Answer(null, ignore, null);
    }
    if (attribute != null) {
      String value = attribute.equals(NAME) ? span.name() : Values.text(attributes.get(attribute));
      SpanKind kind = value == null ? null : byValue(value);
      return kind == null ? null : new Answer(kind, null, note);
    }
    for (String name : has) {
      if (attributes.get(name) != null) {
        return new Answer(otherwise, null, note);
      }
    }
    return null;
  }

  private SpanKind byValue(String value) {
    SpanKind kind = values.get(value);
    if (kind == null && !values.isEmpty()) {
      kind = values.get(value.toLowerCase(Locale.ROOT));
    }
    if (kind != null) {
      return kind;
    }
    for (ByPattern pattern : patterns) {
      if (pattern.match.matcher(value).find()) {
        return pattern.kind;
      }
    }
    return otherwise;
  }

  private static SpanKind kind(JsonNode name) {
    return name.isTextual() ? SpanKind.valueOf(name.textValue()) : null;
  }

  private static List<KindRule> all() {
    List<KindRule> all = new ArrayList<>();
    Tables.load("kinds.json").forEach(row -> all.add(new KindRule(row)));
    return List.copyOf(all);
  }

  private record ByPattern(Pattern match, SpanKind kind) {}

  /**
   * What the table says.
   *
   * @param kind null: the span is not wanted
   * @param ignore why it is not wanted; null if it is
   * @param note what was taken for granted; null if nothing was
   */
  record Answer(SpanKind kind, String ignore, String note) {}
}
