package io.fuseline.alerting.sink;

import io.fuseline.schemas.Command;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with names in double braces, such as {@code {{run}}}, that a command's values replace. */
final class Template {
  static final String AGENT = "agent";
  static final String RUN = "run";

  /** What can stand between braces. */
  static final Set<String> NAMES =
      new TreeSet<>(
          Set.of(
              "action",
              AGENT,
              "command_id",
              "episode_id",
              "epoch",
              "event_id",
              "policy",
              "reason",
              RUN,
              "target",
              "target_type",
              "tenant"));

  private static final Pattern NAME = Pattern.compile("\\{\\{ ?([^{}]*?) ?}}");

  private final String written;

  Template(String written) {
    this.written = written;
  }

  /** Names in the text that mean nothing. */
  List<String> unknownNames() {
    var unknown = new ArrayList<String>();
    NAME.matcher(written)
        .results()
        .map(found -> found.group(1))
        .filter(name -> !NAMES.contains(name))
        .forEach(unknown::add);
    return unknown;
  }

  boolean names(String name) {
    return NAME.matcher(written).results().anyMatch(found -> found.group(1).equals(name));
  }

  /**
   * @param escape makes a value fit to stand where it stands
   */
  String filled(Map<String, String> values, UnaryOperator<String> escape) {
    return NAME.matcher(written)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(escape.apply(values.getOrDefault(found.group(1), ""))));
  }

  /** The values of a command, for one of the runs it means; the run is null for none. */
  static Map<String, String> values(Event event, String run) {
    var command = event.command();
    var values = new LinkedHashMap<String, String>();
    values.put("action", command.getAction().name());
    values.put("command_id", command.getCommandId());
    values.put("episode_id", command.getEpisodeId());
    values.put("epoch", Long.toString(command.getEpoch()));
    values.put("event_id", event.id());
    values.put("policy", command.getPolicyId());
    values.put("reason", command.getReason());
    values.put("target", command.getTarget());
    values.put("target_type", command.getTargetType().name());
    values.put("tenant", command.getTenantId());
    if (event.scope().get(AGENT) != null) {
      values.put(AGENT, event.scope().get(AGENT));
    }
    if (run != null) {
      values.put(RUN, run);
    }
    return values;
  }

  /** The runs a command means. */
  static List<String> runs(Command command) {
    return switch (command.getTargetType()) {
      case RUN -> List.of(command.getTarget());
      default -> command.getRootRunIds();
    };
  }

  /**
   * For a part of a path or query: what is not plain is percent-encoded, slashes too.
   *
   * @throws IllegalArgumentException for one or two dots, which climb to another path however they
   *     are encoded
   */
  static String inUrl(String value) {
    if (value.equals(".") || value.equals("..")) {
      throw new IllegalArgumentException("'" + value + "' cannot stand in an address");
    }
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
  }

  @Override
  public String toString() {
    return written;
  }
}
