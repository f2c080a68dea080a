package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SightingsTest {
  private final Sightings sightings = new Sightings();

  @Test
  void shouldCountFromTheIntendedTimeWhenTheSenderWasLate() {
    sightings.await("run", System.nanoTime() - TimeUnit.SECONDS.toNanos(3));

    sightings.see("run");

    assertThat(sightings.quantiles().maxMillis()).isBetween(2_990.0, 30_000.0);
  }

  @Test
  void shouldCountOnceWhenSeenTwice() {
    sightings.await("run", System.nanoTime());

    sightings.see("run");
    sightings.see("run");
    sightings.see("nobody asked for this one");

    assertThat(sightings.quantiles().count()).isEqualTo(1);
    assertThat(sightings.isComplete()).isTrue();
  }

  @Test
  void shouldSayWhatIsMissingWhenItWasNotSeen() {
    sightings.await("run", System.nanoTime());

    assertThat(sightings.quantiles()).isEqualTo(new Quantiles(0, 1, 0, 0, 0));
    assertThat(sightings.open()).containsExactly("run");
  }
}
