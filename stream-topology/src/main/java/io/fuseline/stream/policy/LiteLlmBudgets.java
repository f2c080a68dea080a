package io.fuseline.stream.policy;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Turns LiteLLM's budget settings into policies. Reads its config file (YAML) or what its admin API
 * gives (JSON), wherever in it the settings stand; whom they are for is told by the fields beside
 * them: an agent, a team, a model, an organisation (a tenant), else everyone.
 *
 * <p>{@code max_budget} pauses at 100 % and {@code soft_budget} alerts; both over {@code
 * budget_duration}, or for life without one. {@code max_budget_per_session} ends a run at that
 * cost, {@code max_iterations} at that many model calls.
 */
public final class LiteLlmBudgets {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(s|m|h|d|mo)");
  private static final Pattern MONEY = Pattern.compile("\\d{1,7}(\\.\\d{1,12})?");
  private static final Pattern COUNT = Pattern.compile("[1-9]\\d{0,11}");

  private static final Set<String> SETTINGS =
      Set.of(
          "max_budget",
          "soft_budget",
          "budget_duration",
          "max_budget_per_session",
          "max_iterations");

  /** Fields that say whom settings are for, and the attribute and scope that is. */
  private static final Map<String, String> OWNERS = owners();

  private final String file;
  private final StringBuilder yaml = new StringBuilder();
  private final List<String> remarks = new ArrayList<>();
  private final Set<String> ids = new TreeSet<>();

  private LiteLlmBudgets(String file) {
    this.file = file;
  }

  /**
   * What came of it.
   *
   * @param yaml policy documents; they were read and found valid
   * @param remarks settings that are taken otherwise than LiteLLM does, and why
   */
  public record Result(String yaml, List<String> remarks) {}

  /**
   * Reads settings.
   *
   * @param file what to call the text in messages
   * @throws IllegalArgumentException when it is no YAML or JSON, a value is wrong, or no budget is
   *     in it
   */
  public static Result read(String text, String file) {
    Object document;
    try {
      document = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
    } catch (YAMLException e) {
      throw new IllegalArgumentException(file + ": is neither YAML nor JSON: " + e.getMessage(), e);
    }
    LiteLlmBudgets reader = new LiteLlmBudgets(file);
    reader.walk(document, "", new LinkedHashMap<>());
    if (reader.ids.isEmpty()) {
      throw new IllegalArgumentException(
          file + ": no budget setting found; looked for " + new TreeSet<>(SETTINGS) + ".");
    }
    String yaml = reader.yaml.toString();
    PolicyFile.parse(yaml, file + " as policies");
    return new Result(yaml, List.copyOf(reader.remarks));
  }

  private void walk(Object node, String path, Map<String, String> above) {
    if (node instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        walk(list.get(i), path + "[" + i + "]", above);
      }
    } else if (node instanceof Map<?, ?> map) {
      Map<String, String> owners = new LinkedHashMap<>(above);
      map.forEach(
          (key, value) -> {
            String attribute = OWNERS.get(String.valueOf(key));
            if (attribute != null && value != null && !(value instanceof Map)) {
              owners.put(attribute, String.valueOf(value));
            }
          });
      if (map.keySet().stream().anyMatch(key -> SETTINGS.contains(String.valueOf(key)))) {
        budgets(map, path, owners);
      }
      map.forEach(
          (key, value) ->
              walk(value, path.isEmpty() ? String.valueOf(key) : path + "." + key, owners));
    }
  }

  private void budgets(Map<?, ?> map, String path, Map<String, String> owners) {
    String max = money(map, "max_budget", path);
    String soft = money(map, "soft_budget", path);
    String window = window(map, path);
    if (max != null || soft != null) {
      String per =
          owners.containsKey("agent")
              ? "agent"
              : owners.containsKey("team")
                  ? "team"
                  : owners.containsKey("model") ? "model" : "tenant";
      String limit = max == null ? soft : max;
      StringBuilder ladder = new StringBuilder();
      if (soft != null && max != null && new BigDecimal(soft).compareTo(new BigDecimal(max)) < 0) {
        BigDecimal percent =
            new BigDecimal(soft)
                .movePointRight(2)
                .divide(new BigDecimal(max), 4, java.math.RoundingMode.CEILING)
                .stripTrailingZeros();
        ladder.append("  - {at: ").append(percent.toPlainString()).append("%, action: alert}\n");
      }
      ladder
          .append("  - {at: 100%, action: ")
          .append(max == null ? "alert" : "pause, severity: critical")
          .append("}\n");
      write(
          "budget",
          path,
          match(owners, per),
          "{type: budget, per: %s, window: %s, limit: \"%s\"}".formatted(per, window, limit),
          ladder.toString());
    }
    String session = money(map, "max_budget_per_session", path);
    if (session != null) {
      write(
          "session",
          path,
          match(owners, "run"),
          "{type: budget, per: run, limit: \"%s\"}".formatted(session),
          "  - {at: 100%, action: kill}\n");
    }
    Object iterations = map.get("max_iterations");
    if (iterations != null) {
      if (!COUNT.matcher(String.valueOf(iterations)).matches()) {
        throw wrong(path, "max_iterations", iterations, "a whole number from 1");
      }
      write(
          "iterations",
          path,
          match(owners, "run"),
          "{type: budget, per: run, of: llm-calls, limit: %s}".formatted(iterations),
          "  - {at: 100%, action: kill}\n");
    }
  }

  /** A budget of a scope of many knows its own value alone. */
  private static String match(Map<String, String> owners, String per) {
    StringBuilder match = new StringBuilder();
    owners.forEach(
        (attribute, value) -> {
          boolean known =
              per.equals("run") || per.equals("agent")
                  ? !attribute.equals("model")
                  : attribute.equals(per) || attribute.equals("tenant");
          if (known) {
            match
                .append(match.length() == 0 ? "" : ", ")
                .append(attribute)
                .append(": \"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                .append('"');
          }
        });
    return match.toString();
  }

  private void write(String kind, String path, String match, String rule, String ladder) {
    String base =
        ("litellm-" + kind + (path.isEmpty() ? "" : "-" + path))
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("-$", "");
    String id = base.substring(0, Math.min(90, base.length()));
    for (int i = 2; !ids.add(id); i++) {
      id = base.substring(0, Math.min(90, base.length())) + "-" + i;
    }
    yaml.append(yaml.length() == 0 ? "" : "---\n")
        .append("id: ")
        .append(id)
        .append("\ndescription: From LiteLLM's settings")
        .append(path.isEmpty() ? "." : " at " + path + ".")
        .append('\n')
        .append(match.isEmpty() ? "" : "match: {" + match + "}\n")
        .append("rule: ")
        .append(rule)
        .append("\nladder:\n")
        .append(ladder);
  }

  private String window(Map<?, ?> map, String path) {
    Object given = map.get("budget_duration");
    if (given == null) {
      return "life";
    }
    Matcher matcher = DURATION.matcher(String.valueOf(given));
    if (!matcher.matches()) {
      throw wrong(path, "budget_duration", given, "a duration such as 24h, 30d or 1mo");
    }
    long amount = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2);
    if (unit.equals("mo")) {
      if (amount != 1) {
        remarks.add(at(path) + "budget_duration: " + given + " is taken as " + amount * 30 + "d.");
        return amount * 30 + "d";
      }
      return "month";
    }
    if (unit.equals("s")) {
      long minutes = Math.max(1, (amount + 59) / 60);
      if (minutes * 60 != amount) {
        remarks.add(at(path) + "budget_duration: " + given + " is taken as " + minutes + "m.");
      }
      return minutes + "m";
    }
    remarks.add(
        at(path)
            + "budget_duration: "
            + given
            + " rolls here; LiteLLM begins anew each time it has passed.");
    return amount + unit;
  }

  private String money(Map<?, ?> map, String name, String path) {
    Object given = map.get(name);
    if (given == null) {
      return null;
    }
    String plain;
    try {
      plain =
          given instanceof Number
              ? new BigDecimal(String.valueOf(given)).toPlainString()
              : String.valueOf(given);
    } catch (NumberFormatException e) {
      throw wrong(path, name, given, "an amount of USD");
    }
    if (!MONEY.matcher(plain).matches() || new BigDecimal(plain).signum() <= 0) {
      throw wrong(path, name, given, "an amount of USD over 0");
    }
    return plain;
  }

  private static String at(String path) {
    return path.isEmpty() ? "" : path + ".";
  }

  private IllegalArgumentException wrong(String path, String name, Object given, String expected) {
    return new IllegalArgumentException(
        "%s: %s%s: '%s' is not %s.".formatted(file, at(path), name, given, expected));
  }

  private static Map<String, String> owners() {
    Map<String, String> owners = new LinkedHashMap<>();
    owners.put("agent_id", "agent");
    owners.put("agent_name", "agent");
    owners.put("team_id", "team");
    owners.put("team_alias", "team");
    owners.put("model_name", "model");
    owners.put("organization_id", "tenant");
    return owners;
  }
}
