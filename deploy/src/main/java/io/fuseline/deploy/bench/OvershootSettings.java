package io.fuseline.deploy.bench;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What to let run against its cap.
 *
 * @param rounds how often each is run, 1 or more; the worst is what counts
 * @param guardings what guards the runs; never empty
 * @param dearPaces paces of the calls of 0.18 USD, each 1 ms or more; empty: none of these
 * @param cheapPaces paces of the calls of 0.01 USD, each 1 ms or more; empty: none of these
 */
public record OvershootSettings(
    int rounds, Set<Guarding> guardings, List<Duration> dearPaces, List<Duration> cheapPaces) {

  /**
   * @throws IllegalArgumentException naming what is out of range
   */
  public OvershootSettings {
    guardings = Set.copyOf(guardings);
    dearPaces = List.copyOf(dearPaces);
    cheapPaces = List.copyOf(cheapPaces);
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds is " + rounds + ", expected 1 or more");
    }
    for (List<Duration> paces : List.of(dearPaces, cheapPaces)) {
      if (paces.stream().anyMatch(pace -> pace.toMillis() < 1)) {
        throw new IllegalArgumentException("paces are " + paces + ", expected 1 ms or more each");
      }
    }
  }
}
