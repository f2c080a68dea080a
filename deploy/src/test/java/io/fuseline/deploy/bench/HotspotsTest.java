package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

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

  @Test
  void shouldCountAsOtherWhenNothingIsKnown() {
    assertThat(Hotspots.partOf(List.of("java.lang.Thread.run"))).isEqualTo("other");
  }
}
