package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HotspotsTest {
  @Test
  void shouldCountForInnermostPartWhenSeveralAreOnTheStack() {
    assertThat(
            Hotspots.partOf(
                List.of(
                    "java.util.HashMap.putVal",
                    "io.fuseline.stream.judge.ScopeState.fromBytes",
                    "org.apache.kafka.streams.state.internals.MeteredKeyValueStore.get",
                    "io.fuseline.stream.topology.ScopeProcessor.process")))
        .isEqualTo("state to bytes and back");
  }

  @ParameterizedTest
  @CsvSource({
    "RunDetectors.observe, detectors",
    "RunBudgets.judge, budgets and policies",
    "RunJudge.judge, runs: booked and judged",
    "ScopeJudge.judge, scopes: booked and judged",
    "DeltaSums.add, deltas added up",
    "Delta.toBytes, state to bytes and back",
    "SpanRecord.of, kept spans and ids seen",
    "Hashes.mix, 'judging, the rest'"
  })
  void shouldTellPartsOfJudgingApartWhenTheyAreOnTheStackOfAProcessor(String frame, String part) {
    assertThat(
            Hotspots.partOf(
                List.of(
                    "java.util.HashMap.get",
                    "io.fuseline.stream.judge." + frame,
                    "io.fuseline.stream.topology.RunProcessor.process")))
        .isEqualTo(part);
  }

  @Test
  void shouldCountAsOtherWhenNothingIsKnown() {
    assertThat(Hotspots.partOf(List.of("java.lang.Thread.run"))).isEqualTo("other");
  }
}
