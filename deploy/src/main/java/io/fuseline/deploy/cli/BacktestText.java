package io.fuseline.deploy.cli;

import static io.fuseline.deploy.cli.PricesImportCommand.plain;

import io.fuseline.deploy.backtest.BacktestReport;
import io.fuseline.deploy.backtest.Difference;
import io.fuseline.deploy.backtest.Ending;
import io.fuseline.deploy.backtest.StopReport;
import io.fuseline.deploy.backtest.Tally;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** A backtest for a person to decide from. */
final class BacktestText {
  /** Lists are cut off after this many; the rest is in JSON and on the page. */
  private static final int LISTED = 20;

  private final BacktestReport report;
  private final Tally before;
  private final Tally after;

  BacktestText(BacktestReport report) {
    this.report = report;
    this.before = report.baseline().total();
    this.after = report.candidate().total();
  }

  void print(PrintWriter out) {
    Map<Ending, Long> runs = report.runs();
    out.println(
        "%d spans, %d rejected, %s %s spent, %s to %s"
            .formatted(
                report.spans(),
                report.rejected(),
                plain(report.cost()),
                report.currency(),
                report.firstEvent(),
                report.lastEvent()));
    out.println(
        "%d runs: %d ended well, %d badly, %d not told (%d by an outcome, the others by their last span)"
            .formatted(
                runs.values().stream().mapToLong(Long::longValue).sum(),
                runs.get(Ending.WELL),
                runs.get(Ending.BADLY),
                runs.get(Ending.NOT_TOLD),
                report.runsWithOutcome()));
    out.println("baseline  " + report.baseline().source());
    out.println("candidate " + report.candidate().source());
    out.println();
    totals(out);
    compared(
        "POLICY", Tally::name, report.baseline().policies(), report.candidate().policies(), out);
    compared(
        "DETECTOR",
        Tally::name,
        report.baseline().detectors(),
        report.candidate().detectors(),
        out);
    differences(Difference.Kind.NEW, "New stops", out);
    differences(Difference.Kind.GONE, "Stops gone", out);
    differences(Difference.Kind.CHANGED, "Stopped by both, but otherwise", out);
  }

  private void totals(PrintWriter out) {
    Table table = new Table("", ">BASELINE", ">CANDIDATE", ">CHANGE");
    count(table, "alerts", Tally::alerts);
    count(table, "throttles", Tally::throttles);
    count(table, "stops", Tally::stops);
    count(table, "runs stopped", Tally::runsStopped);
    count(table, "  of them ended well", Tally::runsThatEndedWell);
    money(table, "saved, " + report.currency(), Tally::saved);
    money(table, "work lost, " + report.currency(), Tally::workLost);
    count(table, "stops not sent (shadow, warn)", Tally::stopsNotSent);
    table.print(out);
    out.println(
        "saved: spent after a stop by runs that did not end well. work lost: the same by runs that did.");
  }

  private void count(Table table, String name, ToLongFunction<Tally> of) {
    long one = of.applyAsLong(before);
    long other = of.applyAsLong(after);
    table.row(name, "" + one, "" + other, signed(BigDecimal.valueOf(other - one)));
  }

  private void money(Table table, String name, Function<Tally, BigDecimal> of) {
    BigDecimal one = of.apply(before);
    BigDecimal other = of.apply(after);
    table.row(name, plain(one), plain(other), signed(other.subtract(one)));
  }

  private static String signed(BigDecimal change) {
    return (change.signum() > 0 ? "+" : "") + plain(change);
  }

  /** One row per name and side; what did nothing on both sides is left out. */
  private static void compared(
      String heading,
      Function<Tally, String> name,
      List<Tally> baseline,
      List<Tally> candidate,
      PrintWriter out) {
    Map<String, Tally> before = byName(name, baseline);
    Map<String, Tally> after = byName(name, candidate);
    Table table =
        new Table(
            heading,
            "SIDE",
            ">ALERTS",
            ">THROTTLES",
            ">STOPS",
            ">RUNS",
            ">ENDED WELL",
            ">SAVED",
            ">WORK LOST");
    var names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String each : names) {
      row(table, each, "baseline", before.get(each));
      row(table, each, "candidate", after.get(each));
    }
    out.println();
    table.print(out);
  }

  private static Map<String, Tally> byName(Function<Tally, String> name, List<Tally> tallies) {
    Map<String, Tally> named = new TreeMap<>();
    for (Tally tally : tallies) {
      if (tally.alerts() > 0 || tally.throttles() > 0 || tally.stops() > 0) {
        named.put(name.apply(tally), tally);
      }
    }
    return named;
  }

  private static void row(Table table, String name, String side, Tally tally) {
    if (tally != null) {
      table.row(
          name,
          side,
          "" + tally.alerts(),
          "" + tally.throttles(),
          "" + tally.stops(),
          "" + tally.runsStopped(),
          "" + tally.runsThatEndedWell(),
          plain(tally.saved()),
          plain(tally.workLost()));
    }
  }

  private void differences(Difference.Kind kind, String title, PrintWriter out) {
    List<Difference> all =
        report.differences().stream().filter(difference -> difference.kind() == kind).toList();
    out.println();
    out.println(title + ": " + (all.isEmpty() ? "none" : all.size()));
    if (all.isEmpty()) {
      return;
    }
    Table table =
        new Table("TARGET", "BY", "ACTION", "AT", "ENDED", ">MORE SAVED", ">MORE WORK LOST");
    for (Difference difference : all.subList(0, Math.min(LISTED, all.size()))) {
      StopReport stop = difference.stop();
      table.row(
          printable(
              stop.targetType().name().toLowerCase(java.util.Locale.ROOT) + " " + stop.target()),
          stop.policyId(),
          stop.action().name(),
          stop.at().toString(),
          ended(stop),
          plain(difference.moreSaved()),
          plain(difference.moreWorkLost()));
    }
    table.print(out);
    if (all.size() > LISTED) {
      out.println("and %d more; --json and --html show all".formatted(all.size() - LISTED));
    }
  }

  private static String ended(StopReport stop) {
    long well = stop.runs().stream().filter(run -> run.ending() == Ending.WELL).count();
    if (stop.runs().size() == 1) {
      return stop.runs().get(0).ending().word().replace('_', ' ');
    }
    return well + " of " + stop.runs().size() + " well";
  }

  /** Spans name targets: what would steer a terminal is not printed. */
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
