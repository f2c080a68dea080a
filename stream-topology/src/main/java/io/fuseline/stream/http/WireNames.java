package io.fuseline.stream.http;

import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.query.CostQueries.Span;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The names of an enum's values in addresses and JSON: lower-case with hyphens, such as {@code
 * cost-centre}.
 */
final class WireNames<E extends Enum<E>> {
  static final WireNames<Dimension> DIMENSIONS = of(Dimension.class, WireNames::hyphenated);
  static final WireNames<TargetType> TARGETS = of(TargetType.class, WireNames::hyphenated);
  static final WireNames<Span> SPANS = of(Span.class, WireNames::hyphenated);
  static final WireNames<WindowSize> WINDOWS = of(WindowSize.class, WireNames::shortWindow);

  /**
   * Stands for a value that a newer writer knows and this reader does not; nothing can be asked
   * about it.
   */
  private static final String UNKNOWN = "other";

  private final Class<E> type;
  private final Function<E, String> naming;
  private final Map<String, E> values = new LinkedHashMap<>();

  private WireNames(Class<E> type, Function<E, String> naming) {
    this.type = type;
    this.naming = naming;
    for (E value : type.getEnumConstants()) {
      values.put(naming.apply(value), value);
    }
  }

  private static <E extends Enum<E>> WireNames<E> of(Class<E> type, Function<E, String> naming) {
    return new WireNames<>(type, naming);
  }

  String name(E value) {
    return naming.apply(value);
  }

  /**
   * @throws IllegalArgumentException when no value has this name
   */
  E value(String name) {
    return Optional.ofNullable(values.get(name))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "not one of " + Arrays.toString(type.getEnumConstants())));
  }

  /** The value of this name, if it is one that can be asked about. */
  Optional<E> asked(String name) {
    return UNKNOWN.equals(name) ? Optional.empty() : Optional.ofNullable(values.get(name));
  }

  /** The names that can be asked about, as a list for people. */
  String choices() {
    return values.keySet().stream()
        .filter(name -> !name.equals(UNKNOWN))
        .collect(Collectors.joining(", "));
  }

  private static String hyphenated(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String shortWindow(WindowSize window) {
    return switch (window) {
      case MINUTE -> "1m";
      case HOUR -> "1h";
      case DAY -> "1d";
      case OTHER -> UNKNOWN;
    };
  }
}
