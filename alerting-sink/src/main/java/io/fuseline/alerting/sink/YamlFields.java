package io.fuseline.alerting.sink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * The fields of one mapping in a routes file. What is wrong is noted with its line, and something
 * harmless is given in its place, so that reading goes on and finds the other faults too.
 */
final class YamlFields {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(ms|s|m|h|d)");
  private static final long MAX_SECRET_BYTES = 64 * 1024;

  /** What all mappings of a file have in common. */
  record Source(Path file, Map<String, String> environment, List<RouteFault> faults) {
    void fault(Node node, String field, String message) {
      faults.add(
          new RouteFault(file.toString(), node.getStartMark().getLine() + 1, field, message));
    }
  }

  private final Source source;
  private final Node node;
  private final String path;
  private final Map<String, Node> fields = new LinkedHashMap<>();

  YamlFields(Source source, Node node, String path) {
    this.source = source;
    this.node = node;
    this.path = path;
    if (!(node instanceof MappingNode mapping)) {
      source.fault(node, path, "must be a mapping of names to values.");
      return;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      var name = tuple.getKeyNode() instanceof ScalarNode key ? key.getValue() : "";
      if (fields.put(name, tuple.getValueNode()) != null) {
        source.fault(tuple.getKeyNode(), full(name), "stands twice. Keep one.");
      }
    }
  }

  /** Refuses any other field. */
  YamlFields known(String... names) {
    var known = new TreeSet<>(Set.of(names));
    fields.forEach(
        (name, value) -> {
          if (!known.contains(name)) {
            source.fault(
                value, full(name), "is not known here. Known: " + String.join(", ", known) + ".");
          }
        });
    return this;
  }

  Set<String> names() {
    return fields.keySet();
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  void fault(String name, String message) {
    source.fault(fields.getOrDefault(name, node), full(name), message);
  }

  YamlFields mapping(String name) {
    return new YamlFields(source, fields.get(name), full(name));
  }

  /** The items of a list of mappings. */
  List<YamlFields> mappings(String name) {
    if (!(fields.get(name) instanceof SequenceNode list)) {
      fault(name, has(name) ? "must be a list." : "is missing.");
      return List.of();
    }
    var items = new ArrayList<YamlFields>();
    for (var item : list.getValue()) {
      items.add(new YamlFields(source, item, full(name) + "[" + items.size() + "]"));
    }
    return items;
  }

  /** A text; null when there is none. */
  String text(String name) {
    if (fields.get(name) instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
      return scalar.getValue().strip();
    }
    if (has(name)) {
      fault(name, "must be a text that is not empty.");
    }
    return null;
  }

  /** A text that must be there; empty after a fault. */
  String required(String name) {
    var text = text(name);
    if (text == null && !has(name)) {
      fault(name, "is missing.");
    }
    return text == null ? "" : text;
  }

  /** One text, or a list of them. */
  List<String> texts(String name) {
    if (fields.get(name) instanceof SequenceNode list) {
      var texts = new ArrayList<String>();
      for (var item : list.getValue()) {
        if (item instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
          texts.add(scalar.getValue().strip());
        } else {
          source.fault(item, full(name), "must be a list of texts.");
        }
      }
      return texts;
    }
    var one = text(name);
    return one == null ? List.of() : List.of(one);
  }

  int number(String name, int otherwise, int least, int most) {
    var text = text(name);
    if (text == null) {
      return otherwise;
    }
    if (text.matches("\\d{1,9}")) {
      var number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    }
    fault(name, "'%s' must be a whole number from %d to %d.".formatted(text, least, most));
    return otherwise;
  }

  Duration duration(String name, Duration otherwise, Duration least, Duration most) {
    var text = text(name);
    if (text == null) {
      return otherwise;
    }
    var matcher = DURATION.matcher(text);
    if (matcher.matches()) {
      var amount = Long.parseLong(matcher.group(1));
      var duration =
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
          };
      if (duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0) {
        return duration;
      }
    }
    fault(
        name,
        "'%s' must be a duration such as 500ms, 30s, 5m or 1h, from %s to %s."
            .formatted(text, shown(least), shown(most)));
    return otherwise;
  }

  private static String shown(Duration duration) {
    if (duration.toMillisPart() > 0) {
      return duration.toMillis() + "ms";
    }
    return duration.toSeconds() % 60 == 0 ? duration.toMinutes() + "m" : duration.toSeconds() + "s";
  }

  /** One of the choices, written as they are; {@code otherwise} when absent or wrong. */
  <T> T choice(String name, Map<String, T> choices, T otherwise) {
    var text = text(name);
    return text == null ? otherwise : chosen(name, text, choices, otherwise);
  }

  /** Some of the choices. */
  <T> List<T> choices(String name, Map<String, T> choices, List<T> otherwise) {
    var texts = texts(name);
    var chosen = new ArrayList<T>();
    for (var text : texts) {
      var one = chosen(name, text, choices, null);
      if (one != null) {
        chosen.add(one);
      }
    }
    return has(name) ? chosen : otherwise;
  }

  private <T> T chosen(String name, String text, Map<String, T> choices, T otherwise) {
    if (choices.containsKey(text)) {
      return choices.get(text);
    }
    fault(
        name,
        "'%s' is not known. Use one of %s."
            .formatted(text, String.join(", ", new TreeSet<>(choices.keySet()))));
    return otherwise;
  }

  /**
   * What a parser makes of a text that must be there; null after a fault. The parser's message
   * follows the field's name.
   */
  <T> T parsed(String name, Function<String, T> parser) {
    var text = required(name);
    return text.isEmpty() ? null : parse(name, text, parser);
  }

  <T> T parse(String name, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      fault(name, e.getMessage() + ".");
      return null;
    }
  }

  /** A secret that must be there; null after a fault. */
  Secret secret(String name) {
    if (!has(name)) {
      fault(name, "is missing. Write {env: NAME} or {file: PATH}.");
      return null;
    }
    if (!(fields.get(name) instanceof MappingNode)) {
      fault(
          name,
          "is a secret, which does not belong into this file. Write {env: NAME} or {file: PATH}.");
      return null;
    }
    return mapping(name).referred();
  }

  /** A secret, or a text that is none; null when there is neither. */
  Secret textOrSecret(String name) {
    if (fields.get(name) instanceof MappingNode) {
      return secret(name);
    }
    var text = text(name);
    return text == null ? null : new Secret(text);
  }

  private Secret referred() {
    known("env", "file");
    if (has("env") == has("file")) {
      source.fault(node, path, "must name one source: {env: NAME} or {file: PATH}.");
      return null;
    }
    var value = has("env") ? fromEnvironment(required("env")) : fromFile(required("file"));
    if (value == null) {
      return null;
    }
    if (value.isBlank() || value.chars().anyMatch(Character::isISOControl)) {
      source.fault(node, path, "is empty or has control characters in it, where it was read from.");
      return null;
    }
    return new Secret(value);
  }

  private String fromEnvironment(String name) {
    var value = source.environment().get(name);
    if (value == null) {
      fault("env", "the environment variable " + name + " is not set.");
    }
    return value == null ? null : value.strip();
  }

  /** Relative to the folder of the routes file. */
  private String fromFile(String name) {
    var file = source.file().toAbsolutePath().resolveSibling(name);
    try {
      if (Files.size(file) > MAX_SECRET_BYTES) {
        fault("file", file + " is too large for a secret.");
        return null;
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      fault("file", file + " cannot be read: " + e.getClass().getSimpleName() + ".");
      return null;
    }
  }

  private String full(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
