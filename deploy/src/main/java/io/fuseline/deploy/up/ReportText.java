package io.fuseline.deploy.up;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The report as people read it. */
final class ReportText {
  private static final int SPAN_IDS_SHOWN = 3;

  private ReportText() {}

  static List<String> lines(Report report) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("COST PER AGENT");
    agents(report, lines);
    lines.add("");
    lines.add("COMMANDS");
    if (report.seen().commands().isEmpty()) {
      lines.add("none");
    }
    report.seen().commands().forEach(seen -> command(seen, lines));
    lines.add("");
    lines.add("TOTAL");
    total(report, lines);
    return lines;
  }

  private static void agents(Report report, List<String> lines) {
    int width = report.agents().stream().mapToInt(agent -> agent.agent().length()).max().orElse(0);
    String row = "%-" + Math.max(width, 5) + "s  %9s  %10s  %12s  %s";
    lines.add(row(row, "agent", "spans", "tool calls", "USD", ""));
    for (CostApi.AgentCost agent : report.agents()) {
      lines.add(
          row(
              row,
              Words.cut(agent.agent(), Math.max(width, 5)),
              Words.count(agent.spans()),
              Words.count(agent.toolCalls()),
              Words.money(agent.cost()),
              agent.unpricedBound().signum() == 0
                  ? ""
                  : "and unpriced, at most " + Words.money(agent.unpricedBound())));
    }
    lines.add(
        row(
            row,
            "all",
            Words.count(report.ledgerSpans()),
            Words.count(report.agents().stream().mapToLong(CostApi.AgentCost::toolCalls).sum()),
            Words.money(report.ledgerCost()),
            ""));
  }

  private static String row(String format, Object... cells) {
    return String.format(Locale.ROOT, format, cells).stripTrailing();
  }

  private static void command(Sighting seen, List<String> lines) {
    Command command = seen.command();
    lines.add(
        "%s  %s %s %s"
            .formatted(
                Words.clock(command.getEventTime()),
                command.getAction(),
                command.getTargetType().name().toLowerCase(Locale.ROOT),
                Words.cut(command.getTarget(), 200)));
    lines.add(
        "          policy %s %s, rung %s %s: %s"
            .formatted(
                command.getPolicyId(),
                command.getPolicyVersion(),
                Words.plain(command.getEvidence().getThreshold()),
                command.getEvidence().getUnit(),
                Words.cut(command.getEvidence().getSummary(), 500)));
    List<String> spans = command.getEvidence().getSpanIds();
    if (!spans.isEmpty()) {
      String more =
          spans.size() > SPAN_IDS_SHOWN ? " and " + (spans.size() - SPAN_IDS_SHOWN) + " more" : "";
      lines.add(
          "          proven by "
              + spans.stream().limit(SPAN_IDS_SHOWN).collect(Collectors.joining(", "))
              + more);
    }
    lines.add(
        "          span to command %s; %s"
            .formatted(Words.millis(seen.spanToCommand()), answered(seen)));
    if (seen.stops()) {
      lines.add(
          "          spent between breach and stop: %s %s in %s spans%s"
              .formatted(
                  Words.money(seen.spentAfter()),
                  command.getCurrency(),
                  Words.count(seen.spansAfter()),
                  seen.breachToLastSpan()
                      .map(last -> ", the last one " + Words.millis(last) + " after the breach")
                      .orElse("")));
    }
  }

  private static String answered(Sighting seen) {
    return seen.breachToAck()
        .map(
            time ->
                "breach to answer %s (%s)"
                    .formatted(
                        Words.millis(time),
                        counted(seen.acks().stream().map(CommandAck::getResult).toList())))
        .orElse("not answered");
  }

  /** Such as {@code STOPPED} or {@code 3 STOPPED, 1 APPLIED}. */
  private static String counted(List<?> values) {
    Map<Object, Long> counts =
        values.stream()
            .collect(
                Collectors.groupingBy(value -> value, LinkedHashMap::new, Collectors.counting()));
    if (counts.size() == 1 && values.size() == 1) {
      return values.get(0).toString();
    }
    return counts.entrySet().stream()
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", "));
  }

  private static void total(Report report, List<String> lines) {
    List<Action> actions =
        report.seen().commands().stream().map(seen -> seen.command().getAction()).toList();
    lines.add(
        "%s spans in %s s, %s, %s %s"
            .formatted(
                Words.count(report.seen().spans()),
                report.live().toSeconds(),
                Words.rate(report.spansPerSecond()),
                Words.money(report.seen().cost()),
                Report.CURRENCY));
    lines.add(
        "%s alerts; commands: %s"
            .formatted(
                Words.count(report.seen().alerts().size()),
                actions.isEmpty() ? "none" : counted(actions)));
    lines.add(
        "%s %s spent between breach and stop"
            .formatted(Words.money(report.seen().spentAfterBreach()), Report.CURRENCY));
    if (report.seen().unpriced() > 0) {
      lines.add(Words.count(report.seen().unpriced()) + " spans have no full price");
    }
    if (report.spansBefore() > 0) {
      lines.add(
          "The costs per agent include %s spans, %s %s, from before."
              .formatted(
                  Words.count(report.spansBefore()),
                  Words.money(report.costBefore()),
                  Report.CURRENCY));
    }
    lines.add(
        report.agrees()
            ? "The state stores and the topic priced-spans agree to the last digit."
            : "The state stores have %s spans, %s %s; the topic priced-spans %s spans, %s %s."
                .formatted(
                    Words.count(report.ledgerSpans() - report.spansBefore()),
                    report.ledgerCost().subtract(report.costBefore()).toPlainString(),
                    Report.CURRENCY,
                    Words.count(report.seen().spans()),
                    report.seen().cost().toPlainString(),
                    Report.CURRENCY));
  }
}
