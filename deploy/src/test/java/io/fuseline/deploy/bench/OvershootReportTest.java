package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OvershootReportTest {
  private static final Fixture DEAR =
      new Fixture(new BigDecimal("0.18"), Duration.ofMillis(20), 100);
  private static final OvershootReport REPORT =
      new OvershootReport(
          Instant.EPOCH,
          new Machine("A CPU", 2, 24L << 30, "Linux", "A JVM 17", "4.3.1", 0.5),
          List.of(
              run(Guarding.COMMANDS, 1, 7, Optional.of(Duration.ofMillis(25))),
              run(Guarding.LEASES, 1, 5, Optional.empty()),
              run(Guarding.COMMANDS, 2, 8, Optional.of(Duration.ofMillis(41)))));

  @Test
  void shouldShowTheWorstRoundOfEachWhenPrinted() {
    assertThat(REPORT.toMarkdown().lines().filter(line -> line.startsWith("| 0.18")))
        .extracting(line -> line.replaceAll(" +", " "))
        .containsExactly(
            "| 0.18 USD | 20 ms | commands | 2 | 7-8 | 1.44 | 0.44 | 44.0 | 25-41 |",
            "| 0.18 USD | 20 ms | leases | 1 | 5 | 0.90 | 0.00 | 0.0 | |");
  }

  @Test
  void shouldHoldEveryRunWhenWrittenAsJson() throws Exception {
    JsonNode json = new ObjectMapper().readTree(REPORT.toJson());

    assertThat(json.path("runs")).hasSize(3);
    JsonNode last = json.at("/runs/2");
    assertThat(last.path("guarding").asText()).isEqualTo("commands");
    assertThat(last.path("round").asInt()).isEqualTo(2);
    assertThat(last.path("calls").asInt()).isEqualTo(8);
    assertThat(last.path("over").asText()).isEqualTo("0.44");
    assertThat(last.path("stopped_after_ms").asInt()).isEqualTo(41);
    assertThat(json.at("/runs/1/stopped_after_ms").isNull()).isTrue();
  }

  private static Overspend run(
      Guarding guarding, int round, int calls, Optional<Duration> stoppedAfter) {
    return new Overspend(guarding, DEAR, round, calls, DEAR.costOf(calls), stoppedAfter, calls);
  }
}
