package io.fuseline.stream.policy;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.yaml.snakeyaml.nodes.Node;

/** Reads the rules of detectors, each by the type it has in YAML. */
final class DetectorRules {
  /** Most calls that a sign is looked for in. */
  private static final int MOST_CALLS = 64;

  /** In pico-units. */
  private static final long ONE_USD = 1_000_000_000_000L;

  private static final long QUARTER_USD = ONE_USD / 4;

  private static final Set<String> SIGNS = signs();

  /** The types, as messages name them. */
  static final String TYPES =
      "loop, "
          + String.join(", ", SIGNS)
          + ", growing-input, reasoning-share, run-bound, abandoned-run,"
          + " spend-burst, spend-drift, cost-shift";

  private DetectorRules() {}

  static boolean knows(String type) {
    return SIGNS.contains(type)
        || switch (type) {
          case "loop",
              "growing-input",
              "reasoning-share",
              "run-bound",
              "abandoned-run",
              "spend-burst",
              "spend-drift",
              "cost-shift" ->
              true;
          default -> false;
        };
  }

  /** The rule of a type that is known; null when the reader has noted a fault. */
  static Rule read(String type, Node node, PolicyReader reader) {
    return switch (type) {
      case "loop" -> {
        Map<String, Node> fields = reader.fields(node, "rule", "type", "ignore_tools");
        yield new RunRule.Loop(ignored(fields, reader));
      }
      case "growing-input" -> {
        reader.fields(node, "rule", "type");
        yield new RunRule.GrowingInput();
      }
      case "reasoning-share" -> {
        Map<String, Node> fields = reader.fields(node, "rule", "type", "floor_tokens");
        yield new RunRule.ReasoningShare(
            reader.number(fields, "rule.", "floor_tokens", 10_000, 1, 1_000_000_000));
      }
      case "run-bound" -> {
        Map<String, Node> fields = reader.fields(node, "rule", "type", "of");
        RunRule.Of of = reader.choice(fields, "rule.", "of", null, node, RunRule.Of.values());
        yield of == null ? null : new RunRule.Bound(of);
      }
      case "abandoned-run" -> {
        reader.fields(node, "rule", "type");
        yield new RunRule.Abandoned();
      }
      case "spend-burst" -> spendBurst(node, reader);
      case "spend-drift" -> {
        Map<String, Node> fields = reader.fields(node, "rule", "type", "floor");
        yield new AgentRule.SpendDrift(money(fields, node, QUARTER_USD, reader));
      }
      case "cost-shift" -> {
        Map<String, Node> fields = reader.fields(node, "rule", "type", "least_calls");
        yield new AgentRule.CostShift(
            (int) reader.number(fields, "rule.", "least_calls", 50, 10, 400));
      }
      default -> repetition(sign(type), node, reader);
    };
  }

  private static Rule spendBurst(Node node, PolicyReader reader) {
    Map<String, Node> fields = reader.fields(node, "rule", "type", "window", "floor", "confidence");
    return new AgentRule.SpendBurst(
        reader.minutes(fields, Duration.ofMinutes(5)),
        money(fields, node, ONE_USD, reader),
        confidence(fields, node, reader));
  }

  private static long money(
      Map<String, Node> fields, Node node, long otherwise, PolicyReader reader) {
    return fields.containsKey("floor") ? reader.money(fields, "floor", node) : otherwise;
  }

  private static AgentRule.Confidence confidence(
      Map<String, Node> fields, Node node, PolicyReader reader) {
    String written = reader.text(fields, "rule.", "confidence", node, false);
    for (AgentRule.Confidence known : AgentRule.Confidence.values()) {
      if (written == null ? known == AgentRule.Confidence.P99 : known.written().equals(written)) {
        return known;
      }
    }
    reader.fault(
        fields.get("confidence"),
        "rule.confidence",
        "'%s' is not known. Use one of 90%%, 95%%, 99%%, 99.9%%.".formatted(written));
    return AgentRule.Confidence.P99;
  }

  private static Rule repetition(RunRule.Sign sign, Node node, PolicyReader reader) {
    Map<String, Node> fields = reader.fields(node, "rule", "type", "within_calls", "ignore_tools");
    return new RunRule.Repetition(
        sign,
        (int) reader.number(fields, "rule.", "within_calls", MOST_CALLS, 2, MOST_CALLS),
        ignored(fields, reader));
  }

  private static Set<String> ignored(Map<String, Node> fields, PolicyReader reader) {
    return reader.tools(fields.get("ignore_tools"), "rule.ignore_tools");
  }

  private static RunRule.Sign sign(String type) {
    for (RunRule.Sign sign : RunRule.Sign.values()) {
      if (sign.written().equals(type)) {
        return sign;
      }
    }
    throw new IllegalArgumentException(type);
  }

  private static Set<String> signs() {
    Set<String> names = new TreeSet<>();
    for (RunRule.Sign sign : RunRule.Sign.values()) {
      names.add(sign.written());
    }
    return names;
  }
}
