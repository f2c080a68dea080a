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

  @Property(tries = 200)
  void shouldKnowAfterReadingARunWhatItKnewBefore(
      @ForAll @Size(min = 1, max = 200) Set<@StringLength(min = 1, max = 20) String> keys,
      @ForAll List<@StringLength(min = 21, max = 30) String> others) {
    RunState run = RunState.opened("acme", 1);
    keys.forEach(run::see);

    RunState read = RunState.fromBytes(run.toBytes());

    assertThat(keys).allMatch(read::mayHaveSeen);
    assertThat(others).allMatch(key -> read.mayHaveSeen(key) == run.mayHaveSeen(key));
  }

  @Property(tries = 50)
  void shouldStoreTheSameBytesInWhateverOrderIdsCame(
      @ForAll @Size(max = 200) List<@StringLength(max = 20) String> keys) {
    RunState run = RunState.opened("acme", 1);
    keys.forEach(run::see);
    RunState backwards = RunState.opened("acme", 1);
    for (int i = keys.size() - 1; i >= 0; i--) {
      backwards.see(keys.get(i));
    }

    assertThat(backwards.toBytes()).isEqualTo(run.toBytes());
  }

  @Example
  void shouldTakeEverythingForSeenWhenARunThatHadTooManyToStoreIsRead() {
    RunState run = RunState.opened("acme", 1);
    for (int i = 0; i < 2 * SeenSpans.MOST_STORED; i++) {
      run.see("span-" + i);
    }
    assertThat(run.mayHaveSeen("never")).isFalse();

    RunState read = RunState.fromBytes(run.toBytes());

    assertThat(read.mayHaveSeen("never")).isTrue();
    assertThat(read.mayHaveSeen("span-0")).isTrue();
  }
}
