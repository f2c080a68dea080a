package io.fuseline.deploy.bench;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws 0 to n - 1 so that number k comes with a weight of 1 / (k + 1)^s. */
final class Zipf {
  private final double[] cumulative;

  /**
   * @param n how many numbers, 1 or more
   * @param s the skew; 0 draws all equally often
   */
  Zipf(int n, double s) {
    cumulative = new double[n];
    double sum = 0;
    for (int k = 0; k < n; k++) {
      sum += Math.pow(k + 1.0, -s);
      cumulative[k] = sum;
    }
    for (int k = 0; k < n; k++) {
      cumulative[k] /= sum;
    }
  }

  int draw(SplittableRandom random) {
    int found = Arrays.binarySearch(cumulative, random.nextDouble());
    return Math.min(found < 0 ? -found - 1 : found, cumulative.length - 1);
  }
}
