package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchReportTest {
  private static final BenchReport REPORT =
      new BenchReport(
          Instant.EPOCH,
          new Machine("A CPU", 2, 24L << 30, "Linux", "A JVM 17", "4.3.1", 0.5),
          Map.of("spans", 4_000),
          List.of(
              List.of(Measurements.of(Rung.L1, 100, 10), Measurements.of(Rung.L4, 400, 50)),
              List.of(Measurements.of(Rung.L1, 100, 10), Measurements.of(Rung.L4, 800, 50))),
          Map.of(Rung.L4, new StateOperations(1_500, 2_000, 100)),
          List.of(
              new Latency(
                  new Latency.Delivery(true, 500),
                  200,
                  199.9,
                  new Quantiles(40, 1, 4.04, 12.5, 30),
                  new Quantiles(7, 0, 310, 420, 530),
                  new Quantiles(5, 0, 3, 4, 5),
                  new Quantiles(6, 0, 300, 400, 500),
                  new Quantiles(0, 11, 0, 0, 0))),
          List.of(
              flatness(10_000, 50),
              flatness(1_000_000, 60),
              new Scale.Processes(2, 1_000, 500_000_000, 60_000_000, 9_000_000),
              new Scale.Restore(3_000, 90_000, 2_000_000_000L, 1_000_000_000),
              new Scale.Takeover(3_000, new Quantiles(99, 0, 5, 9, 4_100))),
          Map.of(Rung.L4, new Hotspots(Map.of("RocksDB", 0.25))));

  private static Scale.Flatness flatness(int runs, long cpuMicros) {
    return new Scale.Flatness(
        runs,
        Measurements.of(Rung.L4, 400, cpuMicros),
        new StateOperations(250, 1_500, 10),
        new MemoryUse(100L << 20, 700L << 20),
        2_048L << 20);
  }

  @Test
  void shouldShowMediansSpreadAndRatiosWhenPrinted() {
    assertThat(REPORT.toMarkdown())
        .contains("A CPU, 2 cores, 24 GiB; Linux; A JVM 17; Kafka 4.3.1")
        .contains("| L1   | + Avro decode |  10,000 |")
        .contains("| L4   | full topology |   1,875 |   1,250-2,500 |")
        .contains("| L4 / L1 |      0.188 | 0.125-0.250 |  0.200 | 0.200-0.200 |")
        .contains("| exactly once, commit 500 ms, not sustained |     200 |    200 |")
        .contains("4.0 / 12.5 / 30.0 | 310.0 / 420.0 / 530.0 |      3.0 / 4.0 / 5.0 |")
        .contains("| 40 + 7 + 5 + 6 + 0 | 1 + 0 + 0 + 0 + 11 |")
        .contains("|   1.5 |    2.0 |   0.1 |")
        .contains("| 10,000              |   2,500 |        50.0 |         1.00 |      100 |")
        .contains("| 1,000,000           |   2,500 |        60.0 |         1.20 |      100 |")
        .contains("|          700 |             2,048 |                  0.25 + 1.50 + 0.01 |")
        .contains("| 2         |   2,000 |             60.0 |                9.0 |")
        .contains("| 3,000            | 90,000 | 2.0 |     1,500 |   1.0 |")
        .contains("| 3000                 |        5.0 / 9.0 / 4,100.0 |          0 |")
        .contains("25 % |     12.5 |");
  }

  @Test
  void shouldHoldEveryMeasurementWhenWrittenAsJson() throws Exception {
    JsonNode json = new ObjectMapper().readTree(REPORT.toJson());

    assertThat(json.at("/measurements")).hasSize(4);
    assertThat(json.at("/measurements/3/round").asInt()).isEqualTo(2);
    assertThat(json.at("/measurements/3/records_per_second").asDouble()).isEqualTo(1_250);
    assertThat(json.at("/measurements/3/per_record/REPARTITION_RECORDS").asDouble()).isEqualTo(8);
    assertThat(json.at("/ratios/0/of").asText()).isEqualTo("L4");
    assertThat(json.at("/latencies/0/command/p99Millis").asDouble()).isEqualTo(12.5);
    assertThat(json.at("/latencies/0/agentCommand/count").asInt()).isEqualTo(7);
    assertThat(json.at("/state_operations/L4/reads").asInt()).isEqualTo(1_500);
    assertThat(json.at("/flatness")).hasSize(2);
    assertThat(json.at("/flatness/1/runs").asInt()).isEqualTo(1_000_000);
    assertThat(json.at("/flatness/1/cpu_micros_per_record").asDouble()).isEqualTo(60);
    assertThat(json.at("/flatness/1/memory/residentBytes").asLong()).isEqualTo(700L << 20);
    assertThat(json.at("/flatness/1/state_bytes").asLong()).isEqualTo(2_048L << 20);
    assertThat(json.at("/processes/0/count").asInt()).isEqualTo(2);
    assertThat(json.at("/restores/0/entries").asLong()).isEqualTo(3_000);
    assertThat(json.at("/takeovers/0/command/maxMillis").asDouble()).isEqualTo(4_100);
    assertThat(json.at("/profiles/L4/RocksDB").asDouble()).isEqualTo(0.25);
  }
}
