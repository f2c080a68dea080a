package io.fuseline.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fuseline.deploy.replay.ClaudeSessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two candidates over real sessions of a coding agent: one that a team could put in force, one that
 * is too strict. Reports and pictures are left in {@code target/backtest}.
 */
class RealSessionsBacktestTest {
  private static final Path REPORTS = Path.of("target", "backtest");
  private static final Set<FailOn> ALL = EnumSet.of(FailOn.HEALTHY_STOPS, FailOn.SAVES_LESS);

  private static final String SOUND =
      """
      id: runaway-loop
      rule: {type: exact-cycle}
      ladder: [{at: 4, action: kill}]
      ---
      id: run-cap
      description: The largest real session spent less than this.
      rule: {type: budget, per: run, limit: "150"}
      ladder:
        - {at: 50%, action: alert}
        - {at: 100%, action: pause, severity: critical}
      """;

  private static final String TOO_STRICT =
      """
      id: runaway-loop
      rule: {type: exact-cycle}
      ladder: [{at: 2, action: kill}]
      ---
      id: run-cap
      rule: {type: budget, per: run, limit: "5"}
      ladder:
        - {at: 50%, action: throttle, caps: {cooldown_ms: 1000}}
        - {at: 100%, action: kill}
      ---
      id: agent-day
      rule: {type: budget, per: agent, window: day, limit: "40"}
      ladder: [{at: 100%, action: pause}]
      """;

  @TempDir static Path folder;

  private static Path spans;

  @BeforeAll
  static void writeSpans() throws IOException {
    Optional<ClaudeSessions> sessions = ClaudeSessions.find();
    if (sessions.isEmpty()) {
      System.out.println("RealSessionsBacktestTest: " + ClaudeSessions.MISSING);
    }
    assumeTrue(sessions.isPresent(), ClaudeSessions.MISSING);
    spans = folder.resolve("spans.jsonl");
    sessions.get().write(spans);
  }

  @Test
  void shouldFindASoundCandidateNoWorseThanTheShippedPolicies() throws Exception {
    BacktestReport report = backtest("sound", SOUND);

    assertThat(report.spans()).isEqualTo(11_946 + 13_288);
    assertThat(report.cost()).isEqualByComparingTo("882.1736517");
    assertThat(report.candidate().stops()).isEmpty();
    assertThat(report.regressions(ALL, new BigDecimal(5))).isEmpty();
  }

  @Test
  void shouldFindACandidateWorseThatStopsSessionsWhichEndedWell() throws Exception {
    BacktestReport report = backtest("too-strict", TOO_STRICT);

    Tally total = report.candidate().total();
    assertThat(total.runsThatEndedWell()).isGreaterThan(10);
    assertThat(total.workLost()).isGreaterThan(new BigDecimal(100));
    assertThat(total.saved().add(total.workLost())).isLessThan(report.cost());
    assertThat(report.newlyStoppedRunsThatEndedWell()).hasSize((int) total.runsThatEndedWell());
    assertThat(report.regressions(ALL, new BigDecimal(5)))
        .singleElement()
        .asString()
        .contains("stops " + total.runsThatEndedWell() + " run(s) that ended well");
  }

  private static BacktestReport backtest(String name, String candidate) throws Exception {
    Path policies = Files.writeString(folder.resolve(name + ".yaml"), candidate);
    BacktestReport report =
        Backtest.with("default", "default", policies.toString(), null)
            .run(spans, new PrintWriter(new StringWriter()));
    Files.createDirectories(REPORTS);
    List<String> regressions = report.regressions(ALL, new BigDecimal(5));
    Path page =
        Files.writeString(REPORTS.resolve(name + ".html"), BacktestPage.of(report, regressions))
            .toAbsolutePath();
    if (Chromium.find().isPresent()) {
      Chromium chromium =
          new Chromium(Chromium.find().get(), Files.createTempDirectory(folder, "chromium"));
      assertThat(chromium.picture(page, REPORTS.resolve(name + ".png"), 1240, 2400, false))
          .isEmpty();
    }
    return report;
  }
}
