package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class SeenSpansProperties {
  @Property(tries = 200)
  void shouldHoldAllThatWasAdded(
      @ForAll @Size(max = 300) List<@StringLength(max = 20) String> keys) {
    SeenSpans seen = new SeenSpans();
    keys.forEach(seen::add);

    assertThat(keys).allMatch(seen::mayHold);
  }

  @Example
  void shouldTellMostNewIdsFromSeenOnes() {
    SeenSpans seen = new SeenSpans();
    for (int i = 0; i < 2_000; i++) {
      seen.add("run\u0000span-" + i);
    }

    Set<String> mistaken = new HashSet<>();
    for (int i = 2_000; i < 4_000; i++) {
      if (seen.mayHold("run\u0000span-" + i)) {
        mistaken.add("span-" + i);
      }
    }
    assertThat(mistaken).hasSizeLessThan(3);
  }

  @Example
  void shouldTakeEverythingForSeenOnceThereAreTooMany() {
    SeenSpans seen = new SeenSpans();
    for (int i = 0; i < SeenSpans.MOST; i++) {
      seen.add("span-" + i);
    }

    assertThat(seen.mayHold("never")).isTrue();
  }

  @Example
  void shouldKnowOfARunThatWasStoredThatItMayHaveSeenAnything() {
    RunState run = RunState.opened("acme", 1);
    assertThat(run.mayHaveSeen("never")).isFalse();

    assertThat(RunState.fromBytes(run.toBytes()).mayHaveSeen("never")).isTrue();
  }
}
