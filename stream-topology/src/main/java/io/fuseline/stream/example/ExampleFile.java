package io.fuseline.stream.example;

import io.fuseline.enrichment.outcome.OutcomeCheck;
import io.fuseline.stream.judge.Times;
import io.fuseline.stream.policy.Subject;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads examples. A file ends in {@code .test.yaml} and lists cases; each has a name, spans (and
 * outcomes among them) and what is expected.
 */
public final class ExampleFile {
  /** How the names of example files end; they are not read as policies. */
  public static final String ENDING = ".test.yaml";

  private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");
  private static final int MOST_SPANS = 100_000;
  private static final Pattern AFTER = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
  private static final Pattern MONEY = Pattern.compile("\\d{1,6}(\\.\\d{1,12})?");

  private static final Set<String> SPAN_FIELDS =
      new java.util.LinkedHashSet<>(
          List.of(
              "agent",
              "role",
              "team",
              "project",
              "workflow",
              "cost_centre",
              "environment",
              "tenant",
              "tags",
              "tool",
              "model",
              "step",
              "root",
              "run",
              "parent",
              "cost",
              "tokens",
              "call",
              "at",
              "times",
              "every"));

  private static final Set<String> OUTCOME_FIELDS =
      new java.util.LinkedHashSet<>(
          List.of(
              "outcome", "success", "count", "value", "root", "tenant", "at", "times", "every"));

  private static final Set<String> EXPECTED_FIELDS =
      new java.util.LinkedHashSet<>(
          List.of("policy", "action", "state", "target", "target_type", "command", "span"));

  private final String file;
  private String place = "";
  private int spans;

  private ExampleFile(String file) {
    this.file = file;
  }

  /** The example files of a file or, at any depth, a folder. */
  public static List<Path> below(Path fileOrFolder) throws IOException {
    try (Stream<Path> found = Files.walk(fileOrFolder)) {
      return found.filter(file -> file.toString().endsWith(ENDING)).sorted().toList();
    }
  }

  /**
   * Reads one file.
   *
   * @throws ExampleException at the first thing that is wrong
   */
  public static List<Example> read(Path file) throws IOException {
    return parse(Files.readString(file), file.toString());
  }

  /** Reads a text; {@code name} is what to call it in messages. */
  public static List<Example> parse(String text, String name) {
    return new ExampleFile(name).cases(text);
  }

  private List<Example> cases(String text) {
    Object document;
    try {
      document = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
    } catch (YAMLException e) {
      throw wrong("is not valid YAML: " + e.getMessage());
    }
    Map<String, Object> top = mapping(document, Set.of("cases"));
    List<Example> examples = new ArrayList<>();
    for (Object each : list(top.get("cases"), "cases")) {
      place = "case " + (examples.size() + 1);
      Map<String, Object> fields = mapping(each, Set.of("name", "start", "spans", "expect"));
      String name = text(fields, "name", null);
      if (name == null) {
        throw wrong("has no name.");
      }
      place = "case '" + name + "'";
      long start = Times.micros(start(fields));
      List<ExampleEvent> all = new ArrayList<>();
      spans = 0;
      int number = 0;
      for (Object entry : list(fields.get("spans"), "spans")) {
        place = "case '" + name + "', span " + ++number;
        boolean outcome = entry instanceof Map<?, ?> map && map.containsKey("outcome");
        Map<String, Object> given = mapping(entry, outcome ? OUTCOME_FIELDS : SPAN_FIELDS);
        if (outcome) {
          addOutcomes(all, given, start);
        } else {
          addSpans(all, given, start);
        }
      }
      List<Map<String, String>> expected = new ArrayList<>();
      for (Object row : list(fields.get("expect"), "expect")) {
        place = "case '" + name + "', expect " + (expected.size() + 1);
        Map<String, String> wanted = new TreeMap<>();
        mapping(row, EXPECTED_FIELDS)
            .forEach((field, value) -> wanted.put(field, String.valueOf(value)));
        expected.add(wanted);
      }
      examples.add(new Example(file, name, all, expected));
    }
    return examples;
  }

  private Instant start(Map<String, Object> fields) {
    Object given = fields.get("start");
    if (given == null) {
      return START;
    }
    if (given instanceof java.util.Date date) { // YAML knows times
      return date.toInstant();
    }
    try {
      return Instant.parse(String.valueOf(given));
    } catch (DateTimeParseException e) {
      throw wrong("start: '%s' is not an instant such as 2026-01-05T10:00:00Z.".formatted(given));
    }
  }

  private void addOutcomes(List<ExampleEvent> all, Map<String, Object> fields, long start) {
    String type = text(fields, "outcome", null);
    if (!OutcomeCheck.isType(type)) {
      throw wrong("outcome: '%s' is not a type such as ticket_resolved.".formatted(type));
    }
    Object success = fields.getOrDefault("success", true);
    if (!(success instanceof Boolean)) {
      throw wrong("success: '%s' is neither true nor false.".formatted(success));
    }
    int times = number(fields, "times", 1, MOST_SPANS);
    long every = after(fields, "every");
    long at = start + after(fields, "at");
    for (int i = 0; i < times; i++) {
      checkRoom(all);
      all.add(
          new ExampleOutcome(
              "outcome-" + all.size(),
              text(fields, "root", "run-1"),
              text(fields, "tenant", "default"),
              at + i * every,
              type,
              (Boolean) success,
              number(fields, "count", 1, 1_000_000),
              money(fields, "value")));
    }
  }

  private void checkRoom(List<ExampleEvent> all) {
    if (all.size() >= MOST_SPANS) {
      throw wrong("is over %d spans. Use fewer.".formatted(MOST_SPANS));
    }
  }

  private void addSpans(List<ExampleEvent> all, Map<String, Object> fields, long start) {
    int times = number(fields, "times", 1, MOST_SPANS);
    long every = after(fields, "every");
    long at = start + after(fields, "at");
    String tool = text(fields, "tool", null);
    String root = text(fields, "root", "run-1");
    for (int i = 0; i < times; i++) {
      checkRoom(all);
      String id = "span-" + ++spans;
      String call = text(fields, "call", id);
      all.add(
          new ExampleSpan(
              id,
              root,
              text(fields, "run", root),
              text(fields, "parent", null),
              at + i * every,
              subject(fields),
              tool,
              tool == null ? text(fields, "model", "model") : null,
              text(fields, "step", null),
              money(fields, "cost"),
              number(fields, "tokens", 0, Integer.MAX_VALUE),
              (tool + "\u0000" + call).hashCode()));
    }
  }

  private Subject subject(Map<String, Object> fields) {
    Map<String, String> tags = new TreeMap<>();
    if (fields.get("tags") != null) {
      mapping(fields.get("tags"), null)
          .forEach((tag, value) -> tags.put(tag, String.valueOf(value)));
    }
    return new Subject(
            text(fields, "tenant", "default"),
            text(fields, "agent", "agent"),
            text(fields, "role", null),
            text(fields, "team", null),
            text(fields, "project", null),
            text(fields, "workflow", null),
            text(fields, "cost_centre", null),
            text(fields, "environment", null))
        .tagged(tags);
  }

  private long money(Map<String, Object> fields, String name) {
    String given = text(fields, name, "0");
    if (!MONEY.matcher(given).matches()) {
      throw wrong("%s: '%s' is not an amount such as \"0.05\".".formatted(name, given));
    }
    return new BigDecimal(given).movePointRight(12).longValueExact();
  }

  private long after(Map<String, Object> fields, String name) {
    String given = text(fields, name, "0s");
    Matcher matcher = AFTER.matcher(given);
    if (!matcher.matches()) {
      throw wrong("%s: '%s' is not a time such as 90s, 5m or 2h.".formatted(name, given));
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> amount * 1_000;
      case "s" -> amount * Times.MICROS_PER_SECOND;
      case "m" -> amount * Times.MICROS_PER_MINUTE;
      case "h" -> amount * 60 * Times.MICROS_PER_MINUTE;
      default -> amount * 24 * 60 * Times.MICROS_PER_MINUTE;
    };
  }

  private int number(Map<String, Object> fields, String name, int otherwise, int most) {
    Object given = fields.get(name);
    if (given == null) {
      return otherwise;
    }
    if (given instanceof Integer value && value >= 0 && value <= most) {
      return value;
    }
    throw wrong("%s: '%s' is not a whole number from 0 to %d.".formatted(name, given, most));
  }

  private String text(Map<String, Object> fields, String name, String otherwise) {
    Object given = fields.get(name);
    if (given == null) {
      return otherwise;
    }
    if (given instanceof Map || given instanceof List) {
      throw wrong(name + ": must be a text.");
    }
    return String.valueOf(given);
  }

  private List<?> list(Object given, String name) {
    if (given instanceof List<?> list) {
      return list;
    }
    throw wrong(name + ": must be a list" + (name.equals("expect") ? "; [] for nothing." : "."));
  }

  /**
   * @param known null for any
   */
  private Map<String, Object> mapping(Object given, Set<String> known) {
    if (!(given instanceof Map<?, ?> map)) {
      throw wrong(
          "must be a mapping" + (known == null ? "." : " with " + String.join(", ", known) + "."));
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    map.forEach(
        (key, value) -> {
          String name = String.valueOf(key);
          if (known != null && !known.contains(name)) {
            throw wrong("'%s' is not known. Known: %s.".formatted(name, String.join(", ", known)));
          }
          fields.put(name, value);
        });
    return fields;
  }

  private ExampleException wrong(String message) {
    return new ExampleException(file + ": " + (place.isEmpty() ? "" : place + ": ") + message);
  }
}
