package io.fuseline.deploy.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fuseline.schemas.Action;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real, healthy sessions of a coding agent, with the shipped prices and policies. */
class RealSessionsTest {
  /** In, written for 5 minutes, written for an hour, read, out; USD per million tokens. */
  static final Map<String, String[]> LIST_PRICES =
      Map.of(
          "claude-opus-4-5-20251101", new String[] {"5", "6.25", "10", "0.5", "25"},
          "claude-opus-4-6", new String[] {"5", "6.25", "10", "0.5", "25"},
          "claude-sonnet-4-5-20250929", new String[] {"3", "3.75", "6", "0.3", "15"},
          "claude-haiku-4-5-20251001", new String[] {"1", "1.25", "2", "0.1", "5"});

  private static final List<String> COUNTERS =
      List.of(
          "input_tokens_uncached",
          "cache_write_5m_tokens",
          "cache_write_1h_tokens",
          "cache_read_tokens",
          "output_tokens");

  @TempDir static Path folder;

  private static ClaudeSessions sessions;
  private static Path spans;
  private static ReplayRun run;

  @BeforeAll
  static void replayOnce() throws IOException {
    Optional<ClaudeSessions> found = ClaudeSessions.find();
    if (found.isEmpty()) {
      System.out.println("RealSessionsTest: " + ClaudeSessions.MISSING);
    }
    assumeTrue(found.isPresent(), ClaudeSessions.MISSING);
    sessions = found.get();
    spans = folder.resolve("spans.jsonl");
    sessions.write(spans);
    run = ReplayRun.of(spans, folder.resolve("first"));
  }

  @Test
  void shouldEqualAnIndependentExactComputationToTheLastDigit() {
    Map<String, BigDecimal> expected = costByModel();

    assertThat(plain(run.summary().costByModel())).isEqualTo(plain(expected));
    assertThat(run.summary().totalCost())
        .isEqualByComparingTo(expected.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add))
        .isEqualByComparingTo("882.1736517");
  }

  @Test
  void shouldBookEverySpanOnce() throws IOException {
    assertThat(run.summary().spans()).isEqualTo(11_946 + 13_288);
    assertThat(run.summary().duplicates()).isZero();
    assertThat(run.summary().rejected()).isZero();
    assertThat(run.lines("priced.jsonl")).hasSize(11_946 + 13_288);
  }

  @Test
  void shouldStopNone() {
    assertThat(run.summary().commandsByAction())
        .containsEntry(Action.KILL, 0L)
        .containsEntry(Action.PAUSE, 0L)
        .containsEntry(Action.REQUIRE_APPROVAL, 0L);
  }

  @Test
  void shouldHaveAPriceForAllThatCostsSomething() {
    long synthetic =
        sessions.modelCalls().stream()
            .filter(call -> call.get("model").equals("<synthetic>"))
            .count();

    assertThat(run.summary().unpriced()).isEqualTo(synthetic);
    assertThat(run.summary().unpricedBound()).isZero();
  }

  @Test
  void shouldAddUpAlikeInEveryDimensionAndWindow() throws IOException {
    Map<String, BigDecimal> costs = new TreeMap<>();
    run.text("rollups.csv")
        .lines()
        .skip(1)
        .map(row -> row.split(",", -1))
        .forEach(
            row -> costs.merge(row[0] + " " + row[3], new BigDecimal(row[6]), BigDecimal::add));

    for (String dimension : List.of("AGENT", "MODEL", "TENANT")) {
      for (String window : List.of("MINUTE", "HOUR", "DAY")) {
        assertThat(costs.get(dimension + " " + window))
            .as(dimension + " " + window)
            .isEqualByComparingTo(run.summary().totalCost());
      }
    }
  }

  @Test
  void shouldGiveTheSameBytesAgain() throws IOException {
    ReplayRun again = ReplayRun.of(spans, folder.resolve("again"));

    assertThat(again.files()).isEqualTo(run.files());
  }

  @Test
  void shouldOnlyCountDuplicatesWhenEverySpanIsWrittenTwice() throws IOException {
    String once = Files.readString(spans);
    Path twice = Files.writeString(folder.resolve("twice.jsonl"), once + once);

    Map<String, String> expected = run.files();
    expected.computeIfPresent(
        "summary.json",
        (name, text) -> text.replace("\"duplicates\" : 0", "\"duplicates\" : 25234"));

    assertThat(ReplayRun.of(twice, folder.resolve("of-twice")).files()).isEqualTo(expected);
  }

  @Test
  void shouldNotDependOnTheOrderOfLines() throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(spans));
    Collections.shuffle(lines, new Random(20_260_201));
    Path shuffled = Files.write(folder.resolve("shuffled.jsonl"), lines);

    ReplayRun other = ReplayRun.of(shuffled, folder.resolve("of-shuffled"));

    assertThat(other.text("rollups.csv")).isEqualTo(run.text("rollups.csv"));
    assertThat(other.summary().totalCost()).isEqualTo(run.summary().totalCost());
    assertThat(other.summary().costByModel()).isEqualTo(run.summary().costByModel());
    assertThat(other.summary().costByAgent()).isEqualTo(run.summary().costByAgent());
  }

  /** Straight from the data, with nothing of ours. */
  private static Map<String, BigDecimal> costByModel() {
    Map<String, BigDecimal> costs = new TreeMap<>();
    for (Map<String, String> call : sessions.modelCalls()) {
      String[] prices = LIST_PRICES.get(call.get("model"));
      BigDecimal cost = BigDecimal.ZERO;
      for (int i = 0; prices != null && i < prices.length; i++) {
        BigDecimal price = new BigDecimal(prices[i]).movePointLeft(6);
        cost = cost.add(price.multiply(new BigDecimal(call.get(COUNTERS.get(i)))));
      }
      costs.merge(call.get("model"), cost, BigDecimal::add);
    }
    return costs;
  }

  private static Map<String, String> plain(Map<String, BigDecimal> costs) {
    Map<String, String> plain = new LinkedHashMap<>();
    costs.forEach((model, cost) -> plain.put(model, ReplaySummary.plain(cost)));
    return plain;
  }
}
