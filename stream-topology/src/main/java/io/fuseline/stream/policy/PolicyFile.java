package io.fuseline.stream.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Caps;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * Reads policies from YAML: one policy per document, several documents per file. Everything wrong
 * is reported at once, with file, line and field; then nothing is applied.
 */
public final class PolicyFile {
  private static final ObjectMapper JSON =
      new ObjectMapper().configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true);

  /** Largest policy file, in bytes; longest policy text, in characters. */
  private static final int MAX_SIZE = 1 << 20;

  /** Examples stand beside the policies and are not read as such. */
  private static final String EXAMPLES = ".test.yaml";

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private PolicyFile() {}

  /**
   * Reads a file, or every {@code .yaml} and {@code .yml} file below a folder except examples
   * ({@code .test.yaml}).
   *
   * @throws PolicyFileException when anything is wrong in any of them
   */
  public static List<ParsedPolicy> read(Path fileOrFolder) {
    List<PolicyFault> faults = new ArrayList<>();
    List<ParsedPolicy> policies = new ArrayList<>();
    for (Path file : files(fileOrFolder)) {
      try {
        if (Files.size(file) > MAX_SIZE) {
          faults.add(tooLarge(file.toString(), Files.size(file)));
          continue;
        }
        parse(Files.readString(file), file.toString(), policies, faults);
      } catch (NoSuchFileException e) {
        faults.add(new PolicyFault(file.toString(), 0, "", "does not exist."));
      } catch (IOException e) {
        faults.add(
            new PolicyFault(
                file.toString(), 0, "", "cannot be read as UTF-8 text: " + e.getMessage()));
      }
    }
    return checked(policies, faults);
  }

  /**
   * Reads policies from a text.
   *
   * @param name what to call the text in messages
   * @throws PolicyFileException when anything is wrong in it
   */
  public static List<ParsedPolicy> parse(String text, String name) {
    List<PolicyFault> faults = new ArrayList<>();
    List<ParsedPolicy> policies = new ArrayList<>();
    parse(text, name, policies, faults);
    return checked(policies, faults);
  }

  private static List<Path> files(Path fileOrFolder) {
    if (!Files.isDirectory(fileOrFolder)) {
      return List.of(fileOrFolder);
    }
    try (Stream<Path> found = Files.walk(fileOrFolder)) {
      return found
          .filter(file -> file.toString().endsWith(".yaml") || file.toString().endsWith(".yml"))
          .filter(file -> !file.toString().endsWith(EXAMPLES))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<ParsedPolicy> checked(List<ParsedPolicy> policies, List<PolicyFault> faults) {
    Map<String, ParsedPolicy> byId = new HashMap<>();
    for (ParsedPolicy parsed : policies) {
      ParsedPolicy twin = byId.put(parsed.policy().id(), parsed);
      if (twin != null) {
        faults.add(
            new PolicyFault(
                parsed.file(),
                parsed.line(),
                "id",
                "'%s' is already the id of the policy at %s:%d. Ids are unique; rename one."
                    .formatted(parsed.policy().id(), twin.file(), twin.line())));
      }
    }
    if (!faults.isEmpty()) {
      throw new PolicyFileException(faults);
    }
    return policies;
  }

  private static void parse(
      String written, String name, List<ParsedPolicy> policies, List<PolicyFault> faults) {
    if (written.length() > MAX_SIZE) {
      faults.add(tooLarge(name, written.length()));
      return;
    }
    String text = written.startsWith(BYTE_ORDER_MARK) ? written.substring(1) : written;
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    Yaml yaml = new Yaml(new SafeConstructor(options));
    try {
      for (Node document : yaml.composeAll(new StringReader(text))) {
        if (isEmpty(document)) {
          continue; // such as after a last separator
        }
        Policy draft = new PolicyReader(name, faults).policy(document);
        if (draft != null) {
          String compiled = compiled(draft);
          Policy policy =
              new Policy(
                  draft.id(),
                  version(compiled),
                  draft.description(),
                  draft.mode(),
                  draft.match(),
                  draft.rule(),
                  draft.ladder());
          int line = document.getStartMark().getLine() + 1;
          policies.add(new ParsedPolicy(policy, source(text, document), compiled, name, line));
        }
      }
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
      faults.add(new PolicyFault(name, line, "", "is not valid YAML: " + e.getProblem()));
    } catch (
        YAMLException e) { // too deep, too many aliases, too long, characters that are not text
      faults.add(new PolicyFault(name, 0, "", "is not valid YAML: " + e.getMessage().strip()));
    }
  }

  private static PolicyFault tooLarge(String name, long size) {
    return new PolicyFault(
        name, 0, "", "is %d long; at most %d is read. Split it.".formatted(size, MAX_SIZE));
  }

  private static boolean isEmpty(Node document) {
    return document instanceof ScalarNode scalar && scalar.getValue().isEmpty();
  }

  /**
   * The document's text from the start of its line, so that what is below stays as far to the
   * right.
   */
  private static String source(String text, Node document) {
    int start = text.offsetByCodePoints(0, document.getStartMark().getIndex());
    int to = text.offsetByCodePoints(0, document.getEndMark().getIndex());
    int from = start;
    while (from > 0 && text.charAt(from - 1) == ' ') {
      from--;
    }
    boolean indented = from == 0 || text.charAt(from - 1) == '\n' || text.charAt(from - 1) == '\r';
    return text.substring(indented ? from : start, to).stripTrailing() + "\n";
  }

  private static String limit(Rule.Budget budget) {
    return budget.of().isMoney()
        ? BigDecimal.valueOf(budget.limitPico(), 12).toPlainString()
        : String.valueOf(budget.limitPico());
  }

  private static String version(String compiled) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(compiled.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** The canonical form: keys in a fixed order, defaults filled in. Its hash is the version. */
  private static String compiled(Policy policy) {
    ObjectNode json = JSON.createObjectNode();
    json.put("id", policy.id());
    json.put("description", policy.description());
    json.put("mode", policy.mode().name());
    ObjectNode match = json.putObject("match");
    policy.match().globs().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(glob -> match.put(glob.getKey(), glob.getValue()));
    // Only where they are given: a policy keeps its version when the language grows.
    if (!policy.match().tagGlobs().isEmpty()) {
      ObjectNode tags = match.putObject("tags");
      policy.match().tagGlobs().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(glob -> tags.put(glob.getKey(), glob.getValue()));
    }
    if (policy.match().condition() != null) {
      json.put("when", policy.match().condition());
    }
    ObjectNode rule = json.putObject("rule").put("type", policy.rule().type());
    if (policy.rule() instanceof Rule.ExactCycle cycle) {
      rule.put("max_period", cycle.maxPeriod());
      ArrayNode ignored = rule.putArray("ignore_tools");
      cycle.ignoreTools().stream().sorted().forEach(ignored::add);
    } else if (policy.rule() instanceof Rule.ToolCallExplosion explosion) {
      rule.put("window_minutes", explosion.windowMinutes())
          .put("floor_calls", explosion.floorCalls());
      ArrayNode ignored = rule.putArray("ignore_tools");
      explosion.ignoreTools().stream().sorted().forEach(ignored::add);
    } else if (policy.rule() instanceof Rule.Budget budget) {
      rule.put("per", budget.per().name())
          .put("window", budget.window().name())
          .put("limit", limit(budget))
          .put("currency", budget.currency());
      if (budget.of() != Rule.Usage.COST) {
        rule.put("of", budget.of().name());
      }
      if (budget.minUnitPricePico() > 0) {
        rule.put(
            "min_unit_price", BigDecimal.valueOf(budget.minUnitPricePico(), 12).toPlainString());
      }
      if (budget.outcome() != null) {
        rule.put("outcome", budget.outcome().type())
            .put(
                "min_spend",
                BigDecimal.valueOf(budget.outcome().minSpendPico(), 12).toPlainString())
            .put("min_attempts", budget.outcome().minAttempts());
      }
      if (!budget.otherThan().isEmpty()) {
        ArrayNode others = rule.putArray("other_than");
        budget.otherThan().stream().sorted().forEach(others::add);
      }
    }
    if (policy.rule() instanceof RunRule detector) {
      rule.setAll(JSON.<ObjectNode>valueToTree(detector.settings()));
    }
    if (policy.rule() instanceof AgentRule detector) {
      rule.setAll(JSON.<ObjectNode>valueToTree(detector.settings()));
    }
    ArrayNode ladder = json.putArray("ladder");
    for (Rung rung : policy.ladder()) {
      ObjectNode step =
          ladder
              .addObject()
              .put("at", rung.at())
              .put("threshold", rung.threshold())
              .put("within", rung.within() == null ? null : rung.within().toString())
              .put("action", rung.action().name())
              .put("severity", rung.severity().name());
      if (rung.falling() != null) {
        step.put("falling", rung.falling());
      }
      if (rung.cooldown() != null) {
        step.put("cooldown", rung.cooldown().toString());
      }
      if (rung.renotify() != null) {
        step.put("renotify", rung.renotify().toString());
      }
      if (rung.approvalTimeout() != null) {
        step.put("approval_timeout", rung.approvalTimeout().toString());
      }
      if (rung.denied() != Action.PAUSE) {
        step.put("denied", rung.denied().name());
      }
      if (rung.approvers() > 1) {
        step.put("approvers", rung.approvers());
      }
      Caps caps = rung.caps();
      if (caps != null) {
        ObjectNode limits = step.putObject("caps");
        limits.put("max_tokens", caps.getMaxTokens());
        limits.put("max_steps_remaining", caps.getMaxStepsRemaining());
        limits.put("cooldown_ms", caps.getCooldownMs());
        limits.putPOJO("tool_allowlist", caps.getToolAllowlist());
        limits.putPOJO("tool_denylist", caps.getToolDenylist());
      }
    }
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of plain values can always be written", e);
    }
  }
}
