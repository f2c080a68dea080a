package io.fuseline.deploy.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.deploy.replay.LabelledRuns.Kind;
import io.fuseline.deploy.replay.LabelledRuns.Run;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.json.AvroJson;
import java.io.BufferedWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How well loops are found by the shipped policies: labelled runs hidden among healthy ones go
 * through a replay; what is stopped is compared with what is true. Rules that count only names, or
 * only iterations, are shown beside it.
 *
 * <p>Thresholds were chosen by the real sessions and by the seeds from 1000 ({@code
 * -Dscorecard.first-seed=1000} shows them again); what is asserted is measured on others.
 */
class LoopScorecardTest {
  private static final long FIRST_SEED = Long.getLong("scorecard.first-seed", 900_000);

  private static final int HEALTHY_RUNS = 200;
  private static final int RUNS_OF_A_KIND = 20;
  private static final Set<String> STOPS = Set.of("PAUSE", "KILL", "REQUIRE_APPROVAL");

  /** Policies that look for loops; budgets stop a run for another reason. */
  private static final Set<String> DETECTORS =
      Set.of("runaway-loop", "loop", "tool-call-explosion", "repeated-error");

  private static final int MOST_ITERATIONS = 100;

  @TempDir Path folder;

  @Test
  void shouldFindLoopsOfEveryKindAndStopNoHealthyRun() throws IOException {
    Optional<ClaudeSessions> found = ClaudeSessions.find();
    if (found.isEmpty()) {
      System.out.println("LoopScorecardTest: " + ClaudeSessions.MISSING);
    }
    assumeTrue(found.isPresent(), ClaudeSessions.MISSING);
    LabelledRuns maker = new LabelledRuns(HealthyHabits.of(found.get()));

    List<Run> runs = runs(maker, FIRST_SEED);
    Score fuseline = score(runs, stopsOfReplay(runs));
    Score names = score(runs, stops(runs, LoopScorecardTest::repeatsNames));
    Score iterations = score(runs, stops(runs, LoopScorecardTest::iteratesTooOften));
    print(
        "Loops found, seeds from "
            + FIRST_SEED
            + System.lineSeparator()
            + fuseline.table("shipped policies")
            + names.table("baseline: the same names three times, period up to 8")
            + iterations.table("baseline: more than " + MOST_ITERATIONS + " tool calls"));

    assertThat(fuseline.precision()).as("precision").isGreaterThanOrEqualTo(0.99);
    assertThat(fuseline.recall()).as("recall").isGreaterThanOrEqualTo(0.95);
    for (Kind kind : Kind.values()) {
      if (kind != Kind.HEALTHY) {
        assertThat(fuseline.recall(kind)).as("recall of " + kind).isGreaterThanOrEqualTo(0.8);
      }
    }
    assertThat(fuseline.precision()).isGreaterThan(names.precision());
    assertThat(fuseline.precision()).isGreaterThan(iterations.precision());
  }

  private static void print(CharSequence report) throws IOException {
    System.out.println(report);
    Files.writeString(Path.of("target/loop-scorecard.txt"), report);
  }

  private static List<Run> runs(LabelledRuns maker, long firstSeed) {
    List<Run> runs = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      int count = kind == Kind.HEALTHY ? HEALTHY_RUNS : RUNS_OF_A_KIND;
      for (int i = 0; i < count; i++) {
        runs.add(maker.make(kind, firstSeed + i));
      }
    }
    return runs;
  }

  /** When each run was first told to stop. */
  private Map<String, Instant> stopsOfReplay(List<Run> runs) throws IOException {
    Path spans = folder.resolve("spans.jsonl");
    try (BufferedWriter lines = Files.newBufferedWriter(spans)) {
      for (Run run : runs) {
        for (AgentSpan span : run.spans()) {
          lines.write(AvroJson.toJsonText(span));
          lines.write('\n');
        }
      }
    }
    Map<String, Instant> stops = new HashMap<>();
    for (JsonNode command : ReplayRun.of(spans, folder.resolve("out")).commands()) {
      if (DETECTORS.contains(command.get("policy_id").textValue())
          && STOPS.contains(command.get("action").textValue())) {
        stops.putIfAbsent(
            command.get("target").textValue(),
            Instant.parse(command.get("event_time").textValue()));
      }
    }
    return stops;
  }

  private static Map<String, Instant> stops(
      List<Run> runs, Function<List<AgentSpan>, Instant> rule) {
    Map<String, Instant> stops = new HashMap<>();
    for (Run run : runs) {
      Instant stop =
          rule.apply(run.spans().stream().filter(s -> s.getKind() == SpanKind.TOOL).toList());
      if (stop != null) {
        stops.put(run.id(), stop);
      }
    }
    return stops;
  }

  /** A baseline: the names of the newest calls are three equal blocks. */
  private static Instant repeatsNames(List<AgentSpan> calls) {
    for (int end = 3; end <= calls.size(); end++) {
      for (int period = 1; period <= 8 && 3 * period <= end; period++) {
        boolean equal = true;
        for (int i = end - 2 * period; i < end && equal; i++) {
          equal = calls.get(i).getToolName().equals(calls.get(i - period).getToolName());
        }
        if (equal) {
          return calls.get(end - 1).getEndTime();
        }
      }
    }
    return null;
  }

  /** A baseline: so many calls are too many. */
  private static Instant iteratesTooOften(List<AgentSpan> calls) {
    return calls.size() > MOST_ITERATIONS ? calls.get(MOST_ITERATIONS).getEndTime() : null;
  }

  private static Score score(List<Run> runs, Map<String, Instant> stops) {
    Score score = new Score();
    for (Run run : runs) {
      score.add(run, stops.get(run.id()));
    }
    return score;
  }

  /** Counts of what was stopped rightly and wrongly, and what it took. */
  private static final class Score {
    private final Map<Kind, Row> rows = new HashMap<>();

    private static final class Row {
      int runs;
      int stopped;
      int stoppedWrongly;
      final List<Long> steps = new ArrayList<>();
      final List<Long> seconds = new ArrayList<>();
      final List<BigDecimal> dollars = new ArrayList<>();
    }

    void add(Run run, Instant stop) {
      Row row = rows.computeIfAbsent(run.kind(), kind -> new Row());
      row.runs++;
      if (stop == null) {
        return;
      }
      if (run.onset() == null || stop.isBefore(run.onset())) {
        row.stoppedWrongly++;
        return;
      }
      row.stopped++;
      row.seconds.add(Duration.between(run.onset(), stop).toSeconds());
      row.steps.add(
          run.spans().stream()
              .filter(span -> span.getKind() == SpanKind.TOOL && isBetween(span, run, stop))
              .count());
      row.dollars.add(
          run.spans().stream()
              .filter(span -> span.getKind() == SpanKind.LLM && isBetween(span, run, stop))
              .map(LoopScorecardTest::cost)
              .reduce(BigDecimal.ZERO, BigDecimal::add));
    }

    private static boolean isBetween(AgentSpan span, Run run, Instant stop) {
      return span.getEndTime().isAfter(run.onset()) && !span.getEndTime().isAfter(stop);
    }

    double precision() {
      int right = rows.values().stream().mapToInt(row -> row.stopped).sum();
      int wrong = rows.values().stream().mapToInt(row -> row.stoppedWrongly).sum();
      return right + wrong == 0 ? 0 : (double) right / (right + wrong);
    }

    double recall() {
      int loops =
          rows.entrySet().stream()
              .filter(row -> row.getKey() != Kind.HEALTHY)
              .mapToInt(row -> row.getValue().runs)
              .sum();
      return (double) rows.values().stream().mapToInt(row -> row.stopped).sum() / loops;
    }

    double recall(Kind kind) {
      return (double) rows.get(kind).stopped / rows.get(kind).runs;
    }

    String table(String rule) {
      StringBuilder table = new StringBuilder();
      table.append(
          String.format(
              Locale.ROOT,
              "  %s: precision %.3f, recall %.3f%n  %-10s %5s %8s %6s %7s %13s %15s %15s%n",
              rule,
              precision(),
              recall(),
              "kind",
              "runs",
              "stopped",
              "wrong",
              "recall",
              "steps p50/p90",
              "seconds p50/p90",
              "USD p50/p90"));
      for (Kind kind : Kind.values()) {
        Row row = rows.get(kind);
        table.append(
            String.format(
                Locale.ROOT,
                "  %-10s %5d %8d %6d %7s %13s %15s %15s%n",
                kind,
                row.runs,
                row.stopped,
                row.stoppedWrongly,
                kind == Kind.HEALTHY ? "-" : String.format(Locale.ROOT, "%.2f", recall(kind)),
                parts(row.steps),
                parts(row.seconds),
                parts(
                    row.dollars.stream()
                        .map(usd -> usd.setScale(2, RoundingMode.HALF_EVEN))
                        .toList())));
      }
      return table.toString();
    }

    private static <T extends Comparable<T>> String parts(List<T> values) {
      if (values.isEmpty()) {
        return "-";
      }
      List<T> sorted = new ArrayList<>(values);
      Collections.sort(sorted);
      return sorted.get(sorted.size() / 2) + "/" + sorted.get(sorted.size() * 9 / 10);
    }
  }

  /** By list prices, straight from the counters. */
  private static BigDecimal cost(AgentSpan span) {
    String[] prices = RealSessionsTest.LIST_PRICES.get(span.getResponseModel());
    BigDecimal cost = BigDecimal.ZERO;
    int i = 0;
    for (String counter :
        List.of(
            "input_tokens",
            "cache_write_5m_tokens",
            "cache_write_1h_tokens",
            "cache_read_tokens",
            "output_tokens")) {
      cost =
          cost.add(
              new BigDecimal(prices[i++])
                  .movePointLeft(6)
                  .multiply(BigDecimal.valueOf(span.getUsage().get(counter))));
    }
    return cost;
  }
}
