package io.fuseline.alerting.sink;

import io.fuseline.schemas.Severity;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which events a route takes. Everything that is said must hold; nothing said takes all.
 *
 * @param kind alerts, commands or revocations; null for whatever the destination takes
 * @param atLeast mildest severity; null for any
 * @param scope by name of the scope, a glob that its value matches; an event that is not about such
 *     a scope is not taken
 */
record Match(Event.Kind kind, Severity atLeast, Map<String, Glob> scope) {
  /** What an event can be about. */
  static final Set<String> SCOPES =
      new TreeSet<>(
          Set.of(
              "agent",
              "cost_centre",
              "model",
              "policy",
              "project",
              "run",
              "team",
              "tenant",
              "tool",
              "workflow"));

  static final Match ALL = new Match(null, null, Map.of());

  Match {
    scope = Map.copyOf(scope);
  }

  boolean takes(Event event) {
    return takesLoudness(event)
        && scope.entrySet().stream()
            .allMatch(
                wanted -> {
                  var given = event.scope().get(wanted.getKey());
                  return given != null && wanted.getValue().matches(given);
                });
  }

  /**
   * Whether the event is of the kind and loud enough, whomever it is about. A closing whose worst
   * severity is not known is taken: better one message too many than an incident that stays open.
   */
  boolean takesLoudness(Event event) {
    return (kind == null || event.isOf(kind))
        && (atLeast == null
            || event.severity() == null
            || event.severity().compareTo(atLeast) >= 0);
  }

  /** In words, such as {@code alert, warning or louder, team support}. */
  @Override
  public String toString() {
    var words = new ArrayList<String>();
    if (kind != null) {
      words.add(kind.written());
    }
    if (atLeast != null) {
      words.add(atLeast.name().toLowerCase(Locale.ROOT) + " or louder");
    }
    new TreeMap<>(scope).forEach((name, glob) -> words.add(name + " " + glob));
    return words.isEmpty() ? "all" : String.join(", ", words);
  }
}
