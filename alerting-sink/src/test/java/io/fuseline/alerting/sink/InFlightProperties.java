package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.alerting.sink.InFlight.Parcel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Nothing that is not done lies before the offset that is committed, whatever ends first. */
class InFlightProperties {

  @Property
  void shouldGoOnFromTheFirstThatIsNotDone(
      @ForAll @IntRange(min = 1, max = 40) int records, @ForAll long seed) {
    var random = new Random(seed);
    var inFlight = new InFlight();
    var parcels = new ArrayList<Parcel>();
    var open = new TreeSet<Long>();
    var offsets = new ArrayList<Long>();
    var offset = 100L;
    for (int i = 0; i < records; i++) {
      offset += 1 + random.nextInt(3); // transactions leave holes
      offsets.add(offset);
      parcels.add(inFlight.add(offset));
      open.add(offset);
    }
    var order = new ArrayList<Integer>();
    for (int i = 0; i < records; i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);

    for (int index : order) {
      var done = random.nextInt(5) > 0;
      inFlight.begin();
      inFlight.end(parcels.get(index), done);
      if (done) {
        open.remove(offsets.get(index));
      }

      var expected = open.isEmpty() ? offsets.get(records - 1) + 1 : open.first();
      assertThat(inFlight.next()).isLessThanOrEqualTo(expected);
      assertThat(offsets.stream().filter(one -> one >= inFlight.next() && !open.contains(one)))
          .as("what is done is given back only behind something that is not")
          .allMatch(one -> !open.isEmpty() && one > open.first());
    }
  }

  @Example
  void shouldInterruptWhoeverCarriesAndLetNobodyBegin() throws Exception {
    var inFlight = new InFlight();
    var parcel = inFlight.add(7);
    var ended = new ArrayList<String>();
    var carrier =
        new Thread(
            () -> {
              inFlight.begin();
              var done = false;
              try {
                Thread.sleep(Duration.ofMinutes(5).toMillis());
                done = true;
              } catch (InterruptedException e) {
                ended.add("interrupted");
              } finally {
                inFlight.end(parcel, done);
              }
            });
    carrier.start();
    while (carrier.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }

    inFlight.stop();

    assertThat(inFlight.awaitEnd(Duration.ofSeconds(30))).isTrue();
    assertThat(ended).isEqualTo(List.of("interrupted"));
    assertThat(inFlight.begin()).isFalse();
    assertThat(inFlight.next()).as("it is to be delivered again").isEqualTo(7);
  }
}
