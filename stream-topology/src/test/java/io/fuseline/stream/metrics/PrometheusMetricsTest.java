package io.fuseline.stream.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Materialized;
import org.junit.jupiter.api.Test;

/**
 * Dashboards and alert rules of others rest on these names: a change of the golden file is a change
 * of the interface.
 */
class PrometheusMetricsTest {
  private static final String GOLDEN = "/meter-names.txt";

  @Test
  void shouldKeepTheNamesOfAllMeters() throws Exception {
    try (var metrics = new PrometheusMetrics("USD");
        var streams = unstartedStreams()) {
      metrics.bind(streams);
      assertThat(names(metrics.scrape()))
          .as("meter names; correct src/test/resources%s only when the change is meant", GOLDEN)
          .isEqualTo(golden());
    }
  }

  @Test
  void shouldRefuseASecondBinding() {
    try (var metrics = new PrometheusMetrics("USD");
        var streams = unstartedStreams()) {
      metrics.bind(streams);
      assertThatThrownBy(() -> metrics.bind(streams)).isInstanceOf(IllegalStateException.class);
    }
  }

  /**
   * Meter names with their labels, one a line; those of the garbage collector in use are left out.
   */
  private static String names(String scrape) {
    var names = new TreeSet<String>();
    scrape
        .lines()
        .filter(line -> !line.startsWith("#") && !line.startsWith("jvm_gc_"))
        .forEach(
            line -> {
              int brace = line.indexOf('{');
              names.add(
                  brace < 0
                      ? line.substring(0, line.indexOf(' '))
                      : line.substring(0, brace) + labels(line));
            });
    return names.stream().map(name -> name + "\n").collect(Collectors.joining());
  }

  private static String labels(String line) {
    return java.util.regex.Pattern.compile("([a-z_]+)=\"")
        .matcher(line)
        .results()
        .map(label -> label.group(1))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String golden() throws IOException {
    try (InputStream in = PrometheusMetricsTest.class.getResourceAsStream(GOLDEN)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Its meters are there from its making on; nothing is listening at the address. */
  private static KafkaStreams unstartedStreams() {
    var config = new Properties();
    config.putAll(
        Map.of(
            StreamsConfig.APPLICATION_ID_CONFIG, "meter-names",
            StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:9",
            StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1));
    var builder = new StreamsBuilder();
    builder.table("in", Materialized.with(Serdes.String(), Serdes.String()));
    return new KafkaStreams(builder.build(), config);
  }
}
