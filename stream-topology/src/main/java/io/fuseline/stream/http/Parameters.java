package io.fuseline.stream.http;

import io.javalin.http.Context;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parameters of one request, read strictly: an unknown, repeated, empty or wrong one is a
 * {@link Problem} that names it, never silently a default.
 */
final class Parameters {
  private static final Pattern RELATIVE = Pattern.compile("-(\\d{1,6})([smhd])");
  private static final String TIMES =
      "an ISO 8601 instant such as 2026-05-01T12:00:00Z, 'now', or a time before now such as -90s, -15m, -1h, -7d";

  private final Context context;

  private Parameters(Context context) {
    this.context = context;
  }

  /**
   * @throws Problem when the request has a query parameter that is not among {@code known}, or one
   *     twice
   */
  static Parameters of(Context context, Set<String> known) {
    for (Map.Entry<String, List<String>> given : context.queryParamMap().entrySet()) {
      if (!known.contains(given.getKey())) {
        String allowed =
            known.isEmpty()
                ? "no parameters here"
                : "one of " + String.join(", ", new TreeSet<>(known));
        throw new Problem(
                Problem.Kind.BAD_PARAMETER,
                "Parameter '" + given.getKey() + "' is not known; expected " + allowed + ".",
                "Remove or rename the parameter; /openapi.yaml lists all of them.")
            .with("parameter", given.getKey())
            .with("given", String.join(", ", given.getValue()))
            .with("expected", allowed);
      }
      if (given.getValue().size() != 1) {
        throw Problem.badParameter(
            given.getKey(), String.join(", ", given.getValue()), "exactly one value");
      }
    }
    return new Parameters(context);
  }

  /** A decoded part of the path; any character is possible. */
  String path(String name) {
    return context.pathParam(name);
  }

  <E extends Enum<E>> E pathChoice(String name, WireNames<E> names) {
    return choice(name, path(name), names);
  }

  Optional<String> text(String name) {
    String given = context.queryParam(name);
    if (given != null && given.isEmpty()) {
      throw Problem.badParameter(name, given, "a value that is not empty, or no such parameter");
    }
    return Optional.ofNullable(given);
  }

  <E extends Enum<E>> E choice(String name, WireNames<E> names, E otherwise) {
    return text(name).map(given -> choice(name, given, names)).orElse(otherwise);
  }

  int number(String name, int least, int most, int otherwise) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    String given = text.get();
    try {
      int number = Integer.parseInt(given);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Falls through: said below, together with what was expected.
    }
    throw Problem.badParameter(name, given, "a whole number from " + least + " to " + most);
  }

  Instant time(String name, Instant now, Instant otherwise) {
    return text(name).map(given -> time(name, given, now)).orElse(otherwise);
  }

  private static Instant time(String name, String given, Instant now) {
    if (given.equals("now")) {
      return now;
    }
    Matcher relative = RELATIVE.matcher(given);
    if (relative.matches()) {
      return now.minus(unit(relative.group(2)).multipliedBy(Long.parseLong(relative.group(1))));
    }
    try {
      return Instant.parse(given);
    } catch (DateTimeException e) {
      throw Problem.badParameter(name, given, TIMES);
    }
  }

  private static Duration unit(String letter) {
    return switch (letter) {
      case "s" -> Duration.ofSeconds(1);
      case "m" -> Duration.ofMinutes(1);
      case "h" -> Duration.ofHours(1);
      default -> Duration.ofDays(1);
    };
  }

  private static <E extends Enum<E>> E choice(String name, String given, WireNames<E> names) {
    return names
        .asked(given)
        .orElseThrow(() -> Problem.badParameter(name, given, "one of " + names.choices()));
  }
}
