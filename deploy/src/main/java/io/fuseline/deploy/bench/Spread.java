package io.fuseline.deploy.bench;

import java.util.Collection;

/**
 * Several measurements of the same thing.
 *
 * @param median the middle one; of an even number the mean of the two in the middle
 */
record Spread(double median, double min, double max) {
  /**
   * @throws IllegalArgumentException when there are none
   */
  static Spread of(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("no measurements");
    }
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1]);
  }
}
