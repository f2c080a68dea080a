package io.fuseline.deploy.up;

import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What happens now, as lines for a terminal or as one line for a log. */
final class LiveText {
  private static final int AGENT_WIDTH = 24;
  private static final int BAR_WIDTH = 20;

  /** Lines that are not agents, commands or alerts. */
  private static final int FRAME_LINES = 9;

  private LiveText() {}

  /**
   * @param agents as the pipeline last answered, dearest first
   */
  record Moment(String page, Duration live, List<CostApi.AgentCost> agents, Scoreboard.View seen) {}

  /** One line. */
  static String line(Moment now) {
    return "%s  %s  %s spans  %s %s  %d alerts  %d commands  %s %s between breach and stop"
        .formatted(
            Words.elapsed(now.live()),
            Words.rate(now.seen().spansPerSecond()),
            Words.count(now.seen().spans()),
            Words.money(now.seen().cost()),
            Report.CURRENCY,
            now.seen().alerts().size(),
            now.seen().commands().size(),
            Words.money(now.seen().spentAfterBreach()),
            Report.CURRENCY);
  }

  /** A command that is new, in one line. */
  static String line(Sighting seen) {
    Command command = seen.command();
    return "%s  %s %s: %s"
        .formatted(
            Words.clock(command.getEventTime()),
            command.getAction(),
            Words.cut(command.getTarget(), 80),
            Words.cut(command.getEvidence().getSummary(), 300));
  }

  /** A screen of so many columns and rows. */
  static List<String> screen(Moment now, int columns, int rows) {
    // One column stays free: a full line would wrap on some terminals.
    int width = Math.max(40, columns - 1);
    int room = Math.max(6, rows - FRAME_LINES);
    List<String> lines = new ArrayList<>();
    lines.add(
        "Fuseline  %s  live %s  %s  %s spans  %s %s"
            .formatted(
                now.page(),
                Words.elapsed(now.live()),
                Words.rate(now.seen().spansPerSecond()),
                Words.count(now.seen().spans()),
                Words.money(now.seen().cost()),
                Report.CURRENCY));
    lines.add(
        "%d alerts  %d commands  %s %s spent between breach and stop    Ctrl-C stops"
            .formatted(
                now.seen().alerts().size(),
                now.seen().commands().size(),
                Words.money(now.seen().spentAfterBreach()),
                Report.CURRENCY));
    lines.add("");
    agents(now, Math.min(now.agents().size(), room / 2), lines);
    lines.add("");
    int left = room - Math.min(now.agents().size(), room / 2);
    commands(now, Math.max(2, left * 2 / 3), lines);
    lines.add("");
    alerts(now, Math.max(1, left / 3), lines);
    return lines.stream().map(line -> Words.cut(line, width)).toList();
  }

  private static void agents(Moment now, int room, List<String> lines) {
    lines.add(
        String.format(
            Locale.ROOT, "%-" + AGENT_WIDTH + "s %8s %8s %12s", "AGENT", "SPANS", "TOOLS", "USD"));
    BigDecimal most =
        now.agents().stream()
            .map(CostApi.AgentCost::cost)
            .max(BigDecimal::compareTo)
            .orElse(BigDecimal.ONE);
    for (CostApi.AgentCost agent : now.agents().subList(0, room)) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-" + AGENT_WIDTH + "s %8s %8s %12s  %s",
              Words.cut(agent.agent(), AGENT_WIDTH),
              Words.count(agent.spans()),
              Words.count(agent.toolCalls()),
              Words.money(agent.cost()),
              bar(agent.cost(), most)));
    }
  }

  private static String bar(BigDecimal cost, BigDecimal most) {
    if (most.signum() <= 0) {
      return "";
    }
    int length =
        cost.multiply(BigDecimal.valueOf(BAR_WIDTH))
            .divide(most, RoundingMode.HALF_EVEN)
            .intValue();
    return "█".repeat(Math.max(0, length));
  }

  /** The newest, the newest last; each takes two lines. */
  private static void commands(Moment now, int room, List<String> lines) {
    lines.add("COMMANDS");
    List<Sighting> commands = now.seen().commands();
    for (Sighting seen : newest(commands, room / 2)) {
      Command command = seen.command();
      lines.add(
          "%s %-8s %s  command %s%s%s"
              .formatted(
                  Words.clock(command.getEventTime()),
                  command.getAction(),
                  command.getTarget(),
                  Words.millis(seen.spanToCommand()),
                  seen.breachToAck().map(ack -> ", answer " + Words.millis(ack)).orElse(""),
                  seen.stops()
                      ? ", then spent " + Words.money(seen.spentAfter()) + " " + Report.CURRENCY
                      : ""));
      lines.add("         " + command.getEvidence().getSummary());
    }
  }

  private static void alerts(Moment now, int room, List<String> lines) {
    lines.add("ALERTS");
    for (Alert alert : newest(now.seen().alerts(), room)) {
      lines.add(
          "%s %-8s %s"
              .formatted(
                  Words.clock(alert.getEventTime()),
                  alert.getSeverity(),
                  alert.getEvidence().getSummary()));
    }
  }

  private static <T> List<T> newest(List<T> all, int room) {
    return all.subList(Math.max(0, all.size() - room), all.size());
  }
}
