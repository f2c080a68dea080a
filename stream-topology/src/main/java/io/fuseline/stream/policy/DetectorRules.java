package io.fuseline.stream.policy;

import java.util.Map;
import org.yaml.snakeyaml.nodes.Node;

/** Reads the rules of detectors, each by the type it has in YAML. */
final class DetectorRules {
  /** The types, as messages name them. */
  static final String TYPES = "run-bound";

  private DetectorRules() {}

  /** The rule; null when no detector has that type, or when the reader has noted a fault. */
  static Rule read(String type, Node node, PolicyReader reader) {
    return switch (type) {
      case "run-bound" -> bound(node, reader);
      default -> null;
    };
  }

  static boolean knows(String type) {
    return type.equals("run-bound");
  }

  private static Rule bound(Node node, PolicyReader reader) {
    Map<String, Node> fields = reader.fields(node, "rule", "type", "of");
    RunRule.Of of = reader.choice(fields, "rule.", "of", null, node, RunRule.Of.values());
    return of == null ? null : new RunRule.Bound(of);
  }
}
