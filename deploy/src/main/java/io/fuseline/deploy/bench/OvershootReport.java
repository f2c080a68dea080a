package io.fuseline.deploy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How far runs have overshot their cap, to be read by people and by programs. */
public final class OvershootReport {
  private final Instant at;
  private final Machine machine;
  private final List<Overspend> runs;

  OvershootReport(Instant at, Machine machine, List<Overspend> runs) {
    this.at = at;
    this.machine = machine;
    this.runs = List.copyOf(runs);
  }

  /** Every run, in the order in which they ran. */
  List<Overspend> runs() {
    return runs;
  }

  /** A table in Markdown that reads well on a terminal too; the worst round of each counts. */
  public String toMarkdown() {
    MarkdownTable table =
        new MarkdownTable(
            "calls of",
            ">one every",
            "guarded by",
            ">rounds",
            ">calls made",
            ">spent, worst USD",
            ">over the cap USD",
            ">%",
            ">KILL after ms");
    byCase().forEach((key, rounds) -> row(table, rounds));
    return at
        + "  \n"
        + machine
        + "  \ncap "
        + Overshoot.CAP.toPlainString()
        + " USD for the run; a call is begun when its time has come, whatever became of those before\n\n"
        + table;
  }

  private static void row(MarkdownTable table, List<Overspend> rounds) {
    Overspend worst = rounds.stream().max(Comparator.comparing(Overspend::spent)).orElseThrow();
    table.row(
        worst.fixture().price().toPlainString() + " USD",
        worst.fixture().pace().toMillis() + " ms",
        worst.guarding().label(),
        String.valueOf(rounds.size()),
        range(rounds.stream().mapToLong(Overspend::calls).boxed().toList()),
        worst.spent().toPlainString(),
        worst.over().toPlainString(),
        worst.overPercent().toPlainString(),
        range(
            rounds.stream()
                .flatMap(spent -> spent.stoppedAfter().stream())
                .map(after -> after.toMillis())
                .toList()));
  }

  private static String range(List<Long> figures) {
    if (figures.isEmpty()) {
      return "";
    }
    long least = figures.stream().mapToLong(Long::longValue).min().orElseThrow();
    long most = figures.stream().mapToLong(Long::longValue).max().orElseThrow();
    return least == most ? String.valueOf(least) : least + "-" + most;
  }

  private Map<String, List<Overspend>> byCase() {
    Map<String, List<Overspend>> cases = new LinkedHashMap<>();
    for (Overspend spent : runs) {
      cases
          .computeIfAbsent(spent.fixture() + " " + spent.guarding(), key -> new ArrayList<>())
          .add(spent);
    }
    return cases;
  }

  /** The same as data; every single run is in it. */
  public String toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("at", at.toString());
    json.put("machine", machine);
    json.put("cap", Overshoot.CAP.toPlainString());
    json.put("currency", "USD");
    json.put("runs", runs.stream().map(OvershootReport::json).toList());
    try {
      return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(json);
    } catch (IOException e) {
      throw new IllegalStateException("The report cannot be written as JSON", e);
    }
  }

  private static Map<String, Object> json(Overspend spent) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("guarding", spent.guarding().name().toLowerCase(Locale.ROOT));
    entry.put("holders", spent.guarding().holders());
    entry.put("price", spent.fixture().price().toPlainString());
    entry.put("pace_ms", spent.fixture().pace().toMillis());
    entry.put("round", spent.round());
    entry.put("calls", spent.calls());
    entry.put("spent", spent.spent().toPlainString());
    entry.put("booked", spent.booked().toPlainString());
    entry.put("over", spent.over().toPlainString());
    entry.put("over_percent", spent.overPercent());
    entry.put("due_when_stopped", spent.dueWhenStopped());
    entry.put("stopped_after_ms", spent.stoppedAfter().map(after -> after.toMillis()).orElse(null));
    return entry;
  }
}
