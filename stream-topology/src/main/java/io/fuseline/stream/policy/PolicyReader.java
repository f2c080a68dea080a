package io.fuseline.stream.policy;

import io.fuseline.enrichment.outcome.OutcomeCheck;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Caps;
import io.fuseline.schemas.PolicyMode;
import io.fuseline.schemas.Severity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads one policy from one YAML document and notes every fault with its line. */
final class PolicyReader {
  private static final int SCALE = 12;
  private static final BigDecimal MAX_LIMIT = new BigDecimal("1000000");
  private static final Pattern MONEY = Pattern.compile("-?\\d{1,15}(\\.\\d{1,30})?");
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,99}");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,6})([smhd])");
  private static final Pattern PERCENT = Pattern.compile("(\\d{1,4}(?:\\.\\d{1,4})?)%");
  private static final Pattern FACTOR = Pattern.compile("(\\d{1,4}(?:\\.\\d{1,3})?)x");

  /**
   * Unless a policy says otherwise: spend, in limits, and attempts from which a unit cost tells.
   */
  private static final long MIN_SPEND_IN_LIMITS = 10;

  private static final long MIN_ATTEMPTS = 10;

  private static final int MOST_APPROVERS = 9;

  /** What may become of a target whose approval is denied. */
  private static final Action[] DENIED = {Action.PAUSE, Action.KILL};

  private final String file;
  private final List<PolicyFault> faults;
  private final int faultsBefore;

  PolicyReader(String file, List<PolicyFault> faults) {
    this.file = file;
    this.faults = faults;
    this.faultsBefore = faults.size();
  }

  /** The policy, its version still empty; null when there were faults. */
  Policy policy(Node document) {
    if (!(document instanceof MappingNode)) {
      fault(document, "", "is not a policy: expected a mapping with id, rule and ladder.");
      return null;
    }
    Map<String, Node> fields =
        fields(document, "", "id", "description", "mode", "match", "when", "rule", "ladder");
    String id = text(fields, "", "id", document, true);
    if (id != null && !ID.matcher(id).matches()) {
      fault(
          fields.get("id"),
          "id",
          "'%s' is not an id. Use 1 to 100 lower-case letters, digits, '.', '_' or '-'."
              .formatted(id));
    } else if (id != null && BuiltInPolicies.isReserved(id)) {
      fault(
          fields.get("id"),
          "id",
          "'%s' is the id of a policy that is built in. Choose another.".formatted(id));
    }
    String description = text(fields, "", "description", document, false);
    PolicyMode mode = choice(fields, "", "mode", PolicyMode.ENFORCE, document, PolicyMode.values());
    Rule rule = rule(fields.get("rule"), document);
    Selector match = selector(fields.get("match"), fields.get("when"), rule);
    List<Rung> ladder = ladder(fields.get("ladder"), rule, document);
    if (faults.size() > faultsBefore) {
      return null;
    }
    return new Policy(id, "", description == null ? "" : description, mode, match, rule, ladder);
  }

  private Selector selector(Node node, Node when, Rule rule) {
    Map<String, String> globs = new LinkedHashMap<>();
    Map<String, String> tags = new LinkedHashMap<>();
    if (node != null) {
      List<String> known = new ArrayList<>(Selector.ATTRIBUTES.keySet());
      known.add(Condition.TAGS);
      Map<String, Node> fields = fields(node, "match", known.toArray(String[]::new));
      fields.forEach(
          (attribute, value) -> {
            if (attribute.equals(Condition.TAGS)) {
              tags.putAll(tags(value));
            } else {
              globs.put(attribute, text(fields, "match.", attribute, node, true));
            }
            if (rule != null && !isKnown(attribute, rule)) {
              fault(value, "match." + attribute, notKnown(rule));
            }
          });
    }
    Condition condition = condition(when, rule);
    return faults.size() > faultsBefore
        ? Selector.everyone()
        : new Selector(globs, tags, condition);
  }

  private Map<String, String> tags(Node node) {
    Map<String, String> tags = new LinkedHashMap<>();
    if (!(node instanceof MappingNode mapping) || mapping.getValue().isEmpty()) {
      fault(node, "match.tags", "must name at least one tag, such as {budget_tier: basic}.");
      return tags;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      String name = tuple.getKeyNode() instanceof ScalarNode key ? key.getValue().trim() : "";
      String glob = tuple.getValueNode() instanceof ScalarNode value ? value.getValue().trim() : "";
      if (name.isEmpty() || glob.isEmpty()) {
        fault(tuple.getKeyNode(), "match.tags", "must be tag names with a glob each.");
      } else if (tags.put(name, glob) != null) {
        fault(tuple.getKeyNode(), "match.tags." + name, "stands twice. Keep one.");
      }
    }
    return tags;
  }

  private Condition condition(Node node, Rule rule) {
    if (node == null || rule == null) {
      return null;
    }
    if (!(node instanceof ScalarNode scalar) || scalar.getValue().isBlank()) {
      fault(node, "when", "must be a condition, such as 'role == \"support\"'.");
      return null;
    }
    Set<String> known = new TreeSet<>(Selector.ATTRIBUTES.keySet());
    known.add(Condition.TAGS);
    known.removeIf(attribute -> !isKnown(attribute, rule));
    try {
      return Condition.compile(scalar.getValue().stripTrailing(), known);
    } catch (Condition.Refused e) {
      int first = node.getStartMark().getLine() + 1;
      boolean block = scalar.getScalarStyle() == DumperOptions.ScalarStyle.LITERAL;
      for (Condition.Fault wrong : e.faults()) {
        faults.add(
            new PolicyFault(
                file,
                block ? first + wrong.line() : first,
                "when",
                "at %d:%d of the condition: %s. Known here: %s."
                    .formatted(
                        wrong.line(), wrong.column(), wrong.message(), String.join(", ", known))));
      }
      return null;
    }
  }

  private static boolean isOfToolCalls(Rule rule) {
    return rule instanceof Rule.ExactCycle
        || rule instanceof Rule.ToolCallExplosion
        || rule instanceof RunRule.OfCalls
        || rule instanceof RunRule.Bound;
  }

  /** What is known of those a rule is about; a scope of many knows its tenant and its own value. */
  private static boolean isKnown(String attribute, Rule rule) {
    boolean ofACall = attribute.equals("tool") || attribute.equals("model");
    if (!(rule instanceof Rule.Budget budget)) {
      return !ofACall || attribute.equals("tool") && isOfToolCalls(rule);
    }
    return switch (budget.per()) {
      case RUN, AGENT -> !ofACall;
      case SUBTREE -> attribute.equals("tenant") || attribute.equals("agent");
      default ->
          attribute.equals("tenant")
              || attribute.equals(budget.per().name().toLowerCase(Locale.ROOT));
    };
  }

  private static String notKnown(Rule rule) {
    return rule instanceof Rule.Budget budget
        ? "is not known of a budget per %s, which adds up many; it would never match. Leave it out."
            .formatted(written(budget.per()))
        : "is not known of a tool call; it would never match. Leave it out.";
  }

  private Rule rule(Node node, Node document) {
    if (node == null) {
      fault(
          document,
          "rule",
          "is missing. Name what is watched, for example 'rule: {type: exact-cycle}'.");
      return null;
    }
    Node typeNode = node instanceof MappingNode ? peek((MappingNode) node, "type") : null;
    String type = typeNode instanceof ScalarNode scalar ? scalar.getValue() : "";
    return switch (type) {
      case "exact-cycle" -> {
        Map<String, Node> fields = fields(node, "rule", "type", "max_period", "ignore_tools");
        yield new Rule.ExactCycle(
            (int) number(fields, "rule.", "max_period", 8, 1, 8),
            tools(fields.get("ignore_tools"), "rule.ignore_tools"));
      }
      case "tool-call-explosion" -> {
        Map<String, Node> fields =
            fields(node, "rule", "type", "window", "floor_calls", "ignore_tools");
        yield new Rule.ToolCallExplosion(
            minutes(fields, Duration.ofMinutes(5)),
            number(fields, "rule.", "floor_calls", 100, 1, 1_000_000),
            tools(fields.get("ignore_tools"), "rule.ignore_tools"));
      }
      case "budget" -> budget(node);
      default -> {
        if (DetectorRules.knows(type)) {
          yield DetectorRules.read(type, node, this);
        }
        fault(
            typeNode == null ? node : typeNode,
            "rule.type",
            "'%s' is not known. Use exact-cycle, tool-call-explosion, budget or one of %s."
                .formatted(type, DetectorRules.TYPES));
        yield null;
      }
    };
  }

  private Rule budget(Node node) {
    Map<String, Node> fields =
        fields(
            node,
            "rule",
            "type",
            "per",
            "of",
            "window",
            "zone",
            "limit",
            "currency",
            "min_unit_price",
            "other_than",
            "outcome",
            "min_spend",
            "min_attempts");
    Rule.Per per = choice(fields, "rule.", "per", null, node, Rule.Per.values());
    Rule.Usage of = choice(fields, "rule.", "of", Rule.Usage.COST, node, Rule.Usage.values());
    Window window = window(fields, per);
    if (per == Rule.Per.SUBTREE && of != Rule.Usage.COST) {
      fault(fields.get("of"), "rule.of", "a budget per subtree is of cost. Use per: run.");
    }
    if (per != null && of.isOfARun() && per != Rule.Per.RUN) {
      fault(
          fields.get("of"),
          "rule.of",
          "'%s' is known of a run only. Use per: run.".formatted(written(of)));
    }
    long limit = of.isMoney() ? money(fields, "limit", node) : count(fields, node);
    boolean ofCalls = of == Rule.Usage.TOOL_CALLS || of == Rule.Usage.CALLS_OF_ONE_TOOL;
    for (String filter : List.of("min_unit_price", "other_than")) {
      if (fields.containsKey(filter) && !(ofCalls && per == Rule.Per.RUN)) {
        fault(
            fields.get(filter),
            "rule." + filter,
            "selects tool calls of a run. Use it with per: run and of: tool-calls or of: calls-of-one-tool.");
      }
    }
    long minUnitPrice =
        fields.containsKey("min_unit_price") ? money(fields, "min_unit_price", node) : 0;
    String currency = text(fields, "rule.", "currency", node, false);
    if (currency != null && !currency.equals("USD")) {
      fault(
          fields.get("currency"),
          "rule.currency",
          "'%s' is not kept; costs are in USD.".formatted(currency));
    }
    Set<String> otherThan = tools(fields.get("other_than"), "rule.other_than");
    Rule.Outcomes outcome = outcomes(fields, per, of, limit, node);
    return per == null
        ? null
        : new Rule.Budget(per, window, limit, "USD", of, minUnitPrice, otherThan, outcome);
  }

  /** What a budget of cost per outcome counts; null for other budgets. */
  private Rule.Outcomes outcomes(
      Map<String, Node> fields, Rule.Per per, Rule.Usage of, long limit, Node node) {
    if (of != Rule.Usage.COST_PER_OUTCOME) {
      for (String name : List.of("outcome", "min_spend", "min_attempts")) {
        if (fields.containsKey(name)) {
          fault(fields.get(name), "rule." + name, "belongs to a budget with of: cost-per-outcome.");
        }
      }
      return null;
    }
    if (per != null && !per.hasOutcomes()) {
      fault(
          fields.get("per"),
          "rule.per",
          "outcomes are not counted per %s. Use agent, workflow, team, project, cost-centre, tenant or outcome."
              .formatted(written(per)));
    }
    String type = text(fields, "rule.", "outcome", node, false);
    if (type != null && !OutcomeCheck.isType(type)) {
      fault(
          fields.get("outcome"),
          "rule.outcome",
          "'%s' is not the type of an outcome. Write a name such as ticket_resolved."
              .formatted(type));
    }
    long minSpend =
        fields.containsKey("min_spend")
            ? money(fields, "min_spend", node)
            : Math.min(limit, Long.MAX_VALUE / MIN_SPEND_IN_LIMITS) * MIN_SPEND_IN_LIMITS;
    return new Rule.Outcomes(
        type, minSpend, number(fields, "rule.", "min_attempts", MIN_ATTEMPTS, 1, 1_000_000_000));
  }

  /** A word is a window of the calendar, a duration a rolling one. */
  private Window window(Map<String, Node> fields, Rule.Per per) {
    Node node = fields.get("window");
    Node zoneNode = fields.get("zone");
    String given = node instanceof ScalarNode scalar ? scalar.getValue().trim() : "";
    if (per != null && per.isOfARun()) {
      if (node != null && !given.equals("life") || zoneNode != null) {
        fault(
            node == null ? zoneNode : node,
            "rule.window",
            "A run's budget holds for its life. Leave the window out.");
      }
      return Window.LIFE;
    }
    if (DURATION.matcher(given).matches()) {
      Duration length = duration(fields, "rule.", "window", Duration.ofDays(1));
      if (length.compareTo(Window.SHORTEST) < 0
          || length.compareTo(Window.LONGEST) > 0
          || length.toSecondsPart() != 0) {
        fault(node, "rule.window", "rolls over 1m to 100d, in whole minutes.");
        return Window.DAY;
      }
      if (zoneNode != null) {
        fault(zoneNode, "rule.zone", "is of calendar windows; a rolling one follows no calendar.");
      }
      return Window.rolling(length);
    }
    Window.Unit unit = choice(fields, "rule.", "window", Window.Unit.DAY, node, calendarWindows());
    ZoneId zone = ZoneOffset.UTC;
    if (zoneNode != null) {
      String name = zoneNode instanceof ScalarNode scalar ? scalar.getValue().trim() : "";
      try {
        zone = ZoneId.of(name);
      } catch (DateTimeException e) {
        fault(
            zoneNode,
            "rule.zone",
            "'%s' is not a time zone. Write a name such as Europe/Berlin.".formatted(name));
      }
      if (unit == Window.Unit.LIFE) {
        fault(zoneNode, "rule.zone", "is of calendar windows. Leave it out.");
      }
    }
    return Window.calendar(unit, zone);
  }

  private static Window.Unit[] calendarWindows() {
    return Stream.of(Window.Unit.values())
        .filter(unit -> unit != Window.Unit.ROLLING)
        .toArray(Window.Unit[]::new);
  }

  private long count(Map<String, Node> fields, Node node) {
    if (!fields.containsKey("limit")) {
      fault(node, "rule.limit", "is missing.");
      return 0;
    }
    return number(fields, "rule.", "limit", 1, 1, 1_000_000_000_000L);
  }

  /** An amount of money in pico-units; required. 0 after a fault. */
  long money(Map<String, Node> fields, String name, Node node) {
    String written = text(fields, "rule.", name, node, true);
    if (written == null) {
      return 0;
    }
    try {
      // A check before, since a number such as 1e-999999999 would keep BigDecimal busy for hours.
      BigDecimal money = new BigDecimal(MONEY.matcher(written).matches() ? written : "");
      if (money.signum() <= 0 || money.compareTo(MAX_LIMIT) > 0) {
        fault(
            fields.get(name),
            "rule." + name,
            "'%s' must be over 0 and at most %s.".formatted(written, MAX_LIMIT));
        return 0;
      }
      return money.setScale(SCALE, RoundingMode.UNNECESSARY).unscaledValue().longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      fault(
          fields.get(name),
          "rule." + name,
          "'%s' is not an amount of money. Write a decimal with at most 12 fraction digits, such as \"500\" or \"0.05\"."
              .formatted(written));
      return 0;
    }
  }

  /** A window of 1 to 10 whole minutes. */
  int minutes(Map<String, Node> fields, Duration otherwise) {
    Duration window = duration(fields, "rule.", "window", otherwise);
    if (window.toMinutes() < 1 || window.toMinutes() > 10 || window.toSecondsPart() != 0) {
      fault(fields.get("window"), "rule.window", "must be 1m to 10m in whole minutes.");
    }
    return (int) window.toMinutes();
  }

  private List<Rung> ladder(Node node, Rule rule, Node document) {
    List<Rung> rungs = new ArrayList<>();
    if (!(node instanceof SequenceNode sequence) || sequence.getValue().isEmpty()) {
      fault(
          node == null ? document : node,
          "ladder",
          "must list at least one rung, for example '- {at: 100%, action: kill}'.");
      return rungs;
    }
    for (int i = 0; i < sequence.getValue().size(); i++) {
      Node item = sequence.getValue().get(i);
      String path = "ladder[" + i + "]";
      if (!(item instanceof MappingNode)) {
        fault(
            item, path, "must be a mapping with at and action, such as {at: 100%, action: kill}.");
        continue;
      }
      Map<String, Node> fields =
          fields(
              item,
              path,
              "at",
              "rising",
              "falling",
              "within",
              "cooldown",
              "renotify",
              "action",
              "severity",
              "caps",
              "approval_timeout",
              "denied",
              "approvers");
      if (fields.containsKey("rising") && fields.containsKey("at")) {
        fault(fields.get("rising"), path + ".rising", "is another word for at. Keep one.");
      } else if (fields.containsKey("rising")) {
        fields.put("at", fields.remove("rising"));
      }
      String at = text(fields, path + ".", "at", item, true);
      long threshold =
          rule == null || at == null ? 0 : threshold(rule, at, fields.get("at"), path, "at");
      Action action = choice(fields, path + ".", "action", null, item, ladderActions());
      Severity severity =
          choice(
              fields,
              path + ".",
              "severity",
              action == Action.KILL ? Severity.CRITICAL : Severity.WARNING,
              item,
              Severity.values());
      Duration within = duration(fields, path + ".", "within", null);
      if (within != null && within.isZero()) {
        fault(fields.get("within"), path + ".within", "must be over 0, such as 1h.");
      }
      if (within != null && i == 0) {
        fault(
            fields.get("within"),
            path + ".within",
            "counts from the rung before; the first rung has none.");
      }
      if (threshold > 0
          && !rungs.isEmpty()
          && threshold <= rungs.get(rungs.size() - 1).threshold()) {
        fault(fields.get("at"), path + ".at", "must be higher than that of the rung before.");
      }
      Caps caps = caps(fields.get("caps"), path + ".caps");
      if (caps != null && action != Action.THROTTLE) {
        fault(fields.get("caps"), path + ".caps", "belong to action: throttle only.");
      }
      if (caps == null && action == Action.THROTTLE) {
        fault(
            item,
            path + ".caps",
            "are missing. A throttle says what it limits, for example 'caps: {cooldown_ms: 2000}'.");
      }
      if (action != null
          && action != Action.ALERT
          && rule instanceof Rule.Budget budget
          && budget.per() == Rule.Per.OUTCOME) {
        fault(
            fields.get("action"),
            path + ".action",
            "an outcome is nothing that runs and could be told to stop. Use action: alert, or per: workflow.");
      }
      rungs.add(
          new Rung(
              at,
              threshold,
              within,
              action,
              severity,
              caps,
              falling(fields, rule, threshold, path, item),
              over(fields, path, "cooldown"),
              over(fields, path, "renotify"),
              over(fields, path, "approval_timeout"),
              choice(fields, path + ".", "denied", Action.PAUSE, item, DENIED),
              (int) number(fields, path + ".", "approvers", 1, 1, MOST_APPROVERS)));
      for (String name : List.of("approval_timeout", "denied")) {
        if (fields.containsKey(name) && action != Action.REQUIRE_APPROVAL) {
          fault(fields.get(name), path + "." + name, "belongs to action: require-approval only.");
        }
      }
      if (fields.containsKey("approvers") && action == Action.ALERT) {
        fault(
            fields.get("approvers"),
            path + ".approvers",
            "an alert stops nobody who could be let go.");
      }
    }
    return rungs;
  }

  private Long falling(
      Map<String, Node> fields, Rule rule, long threshold, String path, Node item) {
    String written = text(fields, path + ".", "falling", item, false);
    if (written == null || rule == null || threshold == 0) {
      return null;
    }
    long falling = threshold(rule, written, fields.get("falling"), path, "falling");
    if (falling > threshold) {
      fault(fields.get("falling"), path + ".falling", "must not be higher than at.");
    }
    return falling;
  }

  private Duration over(Map<String, Node> fields, String path, String name) {
    Duration given = duration(fields, path + ".", name, null);
    if (given != null && given.isZero()) {
      fault(fields.get(name), path + "." + name, "must be over 0, such as 5m.");
    }
    return given;
  }

  private long threshold(Rule rule, String at, Node node, String path, String name) {
    if (rule instanceof Rule.Budget budget) {
      Matcher percent = PERCENT.matcher(at);
      if (percent.matches()) {
        BigDecimal part =
            new BigDecimal(percent.group(1))
                .multiply(BigDecimal.valueOf(budget.limitPico()))
                .movePointLeft(2);
        BigDecimal whole = part.setScale(0, RoundingMode.CEILING);
        if (whole.signum() > 0 && whole.unscaledValue().bitLength() < Long.SIZE) {
          return whole.longValueExact();
        }
        if (whole.signum() > 0) {
          fault(
              node,
              path + "." + name,
              "'%s' of this limit is over 9 million, the most that is compared. Lower one."
                  .formatted(at));
          return 0;
        }
      }
      fault(
          node,
          path + "." + name,
          "'%s' is not a part of the limit. Write a percentage over 0, such as 80%%."
              .formatted(at));
    } else if (rule.scale() == Scale.PERCENT) {
      Matcher percent = PERCENT.matcher(at);
      if (percent.matches()) {
        BigDecimal part = new BigDecimal(percent.group(1)).movePointRight(4);
        if (part.signum() > 0 && part.compareTo(BigDecimal.valueOf(100_0000)) <= 0) {
          return part.longValueExact();
        }
      }
      fault(
          node,
          path + "." + name,
          "'%s' is not a share. Write a percentage over 0 and at most 100, such as 80%%."
              .formatted(at));
    } else if (rule.scale() == Scale.FACTOR) {
      Matcher factor = FACTOR.matcher(at);
      if (factor.matches()) {
        long milli = new BigDecimal(factor.group(1)).movePointRight(3).longValueExact();
        if (milli > 1000) {
          return milli;
        }
      }
      fault(
          node,
          path + "." + name,
          "'%s' is not a factor. Write how many times what is usual, over 1x, such as 10x."
              .formatted(at));
    } else {
      int least = rule.scale() == Scale.ANY_COUNT ? 1 : 2;
      if (at.matches("\\d{1,4}") && Integer.parseInt(at) >= least) {
        return Integer.parseInt(at);
      }
      fault(
          node,
          path + "." + name,
          "'%s' is not a count. Write a whole number from %d.".formatted(at, least));
    }
    return 0;
  }

  private static Action[] ladderActions() {
    return Stream.of(Action.values())
        .filter(action -> action != Action.RESTORE)
        .toArray(Action[]::new);
  }

  private Caps caps(Node node, String path) {
    if (node == null) {
      return null;
    }
    Map<String, Node> fields =
        fields(
            node,
            path,
            "max_tokens",
            "max_steps_remaining",
            "tool_allowlist",
            "tool_denylist",
            "cooldown_ms");
    if (node instanceof MappingNode mapping && mapping.getValue().isEmpty()) {
      fault(node, path, "limit nothing. Set at least one, such as cooldown_ms.");
    }
    Caps.Builder caps = Caps.newBuilder();
    if (fields.containsKey("max_tokens")) {
      caps.setMaxTokens(number(fields, path + ".", "max_tokens", 0, 1, Integer.MAX_VALUE));
    }
    if (fields.containsKey("max_steps_remaining")) {
      caps.setMaxStepsRemaining(
          number(fields, path + ".", "max_steps_remaining", 0, 0, Integer.MAX_VALUE));
    }
    if (fields.containsKey("cooldown_ms")) {
      caps.setCooldownMs(number(fields, path + ".", "cooldown_ms", 0, 1, 86_400_000));
    }
    if (fields.containsKey("tool_allowlist")) {
      caps.setToolAllowlist(
          List.copyOf(tools(fields.get("tool_allowlist"), path + ".tool_allowlist")));
    }
    if (fields.containsKey("tool_denylist")) {
      caps.setToolDenylist(
          List.copyOf(tools(fields.get("tool_denylist"), path + ".tool_denylist")));
    }
    return caps.build();
  }

  Set<String> tools(Node node, String path) {
    Set<String> tools = new TreeSet<>();
    if (node == null) {
      return tools;
    }
    if (!(node instanceof SequenceNode sequence)) {
      fault(node, path, "must be a list of tool names, such as [poll_status].");
      return tools;
    }
    for (Node item : sequence.getValue()) {
      if (item instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
        tools.add(scalar.getValue());
      } else {
        fault(item, path, "must be a list of tool names, such as [poll_status].");
      }
    }
    return tools;
  }

  Map<String, Node> fields(Node node, String path, String... known) {
    Map<String, Node> fields = new LinkedHashMap<>();
    if (!(node instanceof MappingNode mapping)) {
      fault(node, path, "must be a mapping with " + String.join(", ", known) + ".");
      return fields;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      String name = tuple.getKeyNode() instanceof ScalarNode key ? key.getValue() : "";
      String full = path.isEmpty() ? name : path + "." + name;
      if (!Arrays.asList(known).contains(name)) {
        fault(
            tuple.getKeyNode(),
            full,
            "is not known here. Known: " + String.join(", ", known) + ".");
      } else if (fields.put(name, tuple.getValueNode()) != null) {
        fault(tuple.getKeyNode(), full, "stands twice. Keep one.");
      }
    }
    return fields;
  }

  private static Node peek(MappingNode mapping, String name) {
    for (NodeTuple tuple : mapping.getValue()) {
      if (tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals(name)) {
        return tuple.getValueNode();
      }
    }
    return null;
  }

  String text(Map<String, Node> fields, String prefix, String name, Node parent, boolean required) {
    Node node = fields.get(name);
    if (node instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
      return scalar.getValue().trim();
    }
    if (node != null) {
      fault(node, prefix + name, "must be a text that is not empty.");
    } else if (required) {
      fault(parent, prefix + name, "is missing.");
    }
    return null;
  }

  long number(
      Map<String, Node> fields, String prefix, String name, long otherwise, long least, long most) {
    Node node = fields.get(name);
    if (node == null) {
      return otherwise;
    }
    String written = node instanceof ScalarNode scalar ? scalar.getValue() : "";
    if (written.matches("\\d{1,18}")) {
      long value = Long.parseLong(written);
      if (value >= least && value <= most) {
        return value;
      }
    }
    fault(
        node,
        prefix + name,
        "'%s' must be a whole number from %d to %d.".formatted(written, least, most));
    return otherwise;
  }

  Duration duration(Map<String, Node> fields, String prefix, String name, Duration otherwise) {
    Node node = fields.get(name);
    if (node == null) {
      return otherwise;
    }
    Matcher matcher = DURATION.matcher(node instanceof ScalarNode scalar ? scalar.getValue() : "");
    if (!matcher.matches()) {
      fault(node, prefix + name, "must be a duration such as 30s, 5m, 1h or 1d.");
      return otherwise == null ? Duration.ofHours(1) : otherwise;
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  /**
   * Enum constants are written in lower case with '-' for '_'. Without a default the field is
   * required.
   */
  <E extends Enum<E>> E choice(
      Map<String, Node> fields, String prefix, String name, E otherwise, Node parent, E[] choices) {
    Node node = fields.get(name);
    if (node == null) {
      if (otherwise == null) {
        fault(parent, prefix + name, "is missing. Use one of " + written(choices) + ".");
      }
      return otherwise;
    }
    String given = node instanceof ScalarNode scalar ? scalar.getValue() : "";
    for (E choice : choices) {
      if (written(choice).equals(given.replace('_', '-'))) {
        return choice;
      }
    }
    fault(
        node,
        prefix + name,
        "'%s' is not known. Use one of %s.".formatted(given, written(choices)));
    return otherwise;
  }

  private static String written(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String written(Enum<?>[] choices) {
    return Stream.of(choices).map(PolicyReader::written).collect(Collectors.joining(", "));
  }

  void fault(Node node, String field, String message) {
    int line = node == null ? 0 : node.getStartMark().getLine() + 1;
    faults.add(new PolicyFault(file, line, field, message));
  }
}
