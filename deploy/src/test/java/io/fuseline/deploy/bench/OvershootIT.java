package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.deploy.stack.SharedStack;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that would spend far more than their cap, on the real stack. */
class OvershootIT {
  private static final BigDecimal CAP = new BigDecimal("1.00");

  @TempDir private Path folder;

  @Test
  void shouldStayWithinTheCapWhenAskedAndCloseToItWhenStopped() throws Exception {
    OvershootSettings settings =
        new OvershootSettings(
            2,
            EnumSet.allOf(Guarding.class),
            List.of(Duration.ofMillis(20)),
            List.of(Duration.ofMillis(10)));

    OvershootReport report =
        new Overshoot(settings, new PrintWriter(System.out)).measure(SharedStack.get(), folder);

    assertThat(report.runs()).hasSize(2 * 2 * Guarding.values().length);
    assertThat(by(report, Guarding.COMMANDS))
        .allSatisfy(OvershootIT::assertOnlyOverByWhatWasInFlight);
    assertThat(by(report, Guarding.ADMISSION))
        .allSatisfy(run -> assertThat(run.spent()).isEqualByComparingTo(mostBelowTheCap(run)));
    // No instance has died: not even the leases of four holders lead beyond the cap.
    assertThat(
            Stream.of(Guarding.LEASES, Guarding.LEASES_OF_FOUR)
                .flatMap(g -> by(report, g).stream()))
        .allSatisfy(
            run -> assertThat(run.spent()).isBetween(new BigDecimal("0.50"), mostBelowTheCap(run)));
    JsonNode json = new ObjectMapper().readTree(report.toJson());
    assertThat(json.path("runs")).hasSize(report.runs().size());
    assertThat(report.toMarkdown()).contains("| 0.18 USD |", "| 0.01 USD |", "leases, 4 holders");
  }

  private static List<Overspend> by(OvershootReport report, Guarding guarding) {
    List<Overspend> runs =
        report.runs().stream().filter(run -> run.guarding() == guarding).toList();
    assertThat(runs).hasSize(4);
    return runs;
  }

  /** Of the calls beyond the cap, each had been begun when the KILL came; one just then. */
  private static void assertOnlyOverByWhatWasInFlight(Overspend run) {
    assertThat(run.calls()).isLessThan(run.fixture().calls());
    assertThat(run.spent()).isGreaterThanOrEqualTo(CAP);
    assertThat(run.stoppedAfter()).isPresent();
    assertThat(run.calls()).isLessThanOrEqualTo(run.dueWhenStopped() + 1);
  }

  /** As many calls as stay below the cap: one that reached it would be stopped for it. */
  private static BigDecimal mostBelowTheCap(Overspend run) {
    BigDecimal price = run.fixture().price();
    BigDecimal calls = CAP.divideToIntegralValue(price);
    BigDecimal most = price.multiply(calls);
    return most.compareTo(CAP) < 0 ? most : most.subtract(price);
  }
}
