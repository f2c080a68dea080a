package io.fuseline.enrichment.price;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;

/**
 * Where a price list says "above 200k tokens": whether a request with exactly that many belongs to
 * the long-context price. It does not, except at the providers that {@code band-edges.json} names.
 */
final class BandEdges {

  private static final Set<String> REACHED_IS_ENOUGH = reachedIsEnough();

  private BandEdges() {}

  /**
   * The least quantity for which the dearer price holds.
   *
   * @param provider canonical name
   * @param threshold as the list states it
   */
  static long from(String provider, long threshold) {
    return REACHED_IS_ENOUGH.contains(provider) ? threshold : Math.addExact(threshold, 1);
  }

  private static Set<String> reachedIsEnough() {
    Set<String> providers = new HashSet<>();
    for (JsonNode row : Tables.load("band-edges.json")) {
      if (row.required("threshold_is").textValue().equals("INSIDE")) {
        providers.add(row.required("provider").textValue());
      }
    }
    return Set.copyOf(providers);
  }
}
