package io.fuseline.stream.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Severity;
import java.math.BigDecimal;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FuselineMetricsTest {
  private final PrometheusMetrics prometheus = new PrometheusMetrics("USD");
  private final FuselineMetrics metrics = prometheus.fuseline();

  @AfterEach
  void close() {
    prometheus.close();
  }

  @Test
  void shouldStartEverySeriesAtZeroWhenNothingHappenedYet() {
    assertThat(prometheus.scrape())
        .contains("fuseline_spans_total 0.0")
        .contains("fuseline_commands_total{action=\"require_approval\"} 0.0")
        .contains("fuseline_alerts_total{severity=\"page\"} 0.0")
        .contains("fuseline_stop_leak_total{currency=\"USD\"} 0.0");
  }

  @Test
  void shouldCountWhatHappened() {
    metrics.span();
    metrics.span();
    metrics.duplicate();
    metrics.late(1);
    metrics.clamped();
    metrics.miskeyed();
    metrics.unpriced();
    metrics.deadLetter("undecodable");
    metrics.command(Action.KILL);
    metrics.alert(Severity.CRITICAL);

    assertThat(prometheus.scrape())
        .contains("fuseline_spans_total 2.0")
        .contains("fuseline_duplicates_total 1.0")
        .contains("fuseline_late_total 1.0")
        .contains("fuseline_clamped_total 1.0")
        .contains("fuseline_miskeyed_total 1.0")
        .contains("fuseline_unpriced_total 1.0")
        .contains("fuseline_dead_letters_total{reason=\"undecodable\"} 1.0")
        .contains("fuseline_commands_total{action=\"kill\"} 1.0")
        .contains("fuseline_alerts_total{severity=\"critical\"} 1.0");
  }

  @Test
  void shouldAddUpTheLeakExactlyWhenAmountsAreTiny() {
    for (int i = 0; i < 10; i++) {
      metrics.stopLeak(new BigDecimal("0.1"));
    }
    metrics.stopLeak(new BigDecimal("0.000000000001").multiply(new BigDecimal("500000000000")));
    assertThat(prometheus.scrape()).contains("fuseline_stop_leak_total{currency=\"USD\"} 1.5\n");
  }

  @Test
  void shouldFillTheBucketsFromOneMillisecondToTenSeconds() {
    metrics.spanToCommand(Duration.ofMillis(3));
    metrics.spanToCommand(Duration.ofSeconds(30));
    metrics.spanToCommand(Duration.ofMillis(-4));

    assertThat(prometheus.scrape())
        .contains("fuseline_span_to_command_seconds_bucket{le=\"0.001\"} 1")
        .contains("fuseline_span_to_command_seconds_bucket{le=\"0.005\"} 2")
        .contains("fuseline_span_to_command_seconds_bucket{le=\"10.0\"} 2")
        .contains("fuseline_span_to_command_seconds_bucket{le=\"+Inf\"} 3");
  }

  @Test
  void shouldStayBoundedWhenReasonsCarryIds() {
    for (int i = 0; i < 1_000; i++) {
      metrics.deadLetter("bad span " + i);
    }
    assertThat(
            prometheus
                .scrape()
                .lines()
                .filter(line -> line.startsWith("fuseline_dead_letters_total{")))
        .hasSizeLessThanOrEqualTo(32)
        .contains("fuseline_dead_letters_total{reason=\"other\"} 969.0");
  }
}
