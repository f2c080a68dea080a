package io.fuseline.stream.judge;

/**
 * How often one agent's runs call one tool in a minute in which they call it: a mean of the first
 * {@value #MATURE} samples, then an exponentially weighted one. Idle minutes are not in it. A
 * sample counts for at most three times the mean, so that a runaway does not teach its own rate.
 */
final class Baseline {
  static final int MATURE = 16;

  /** Thousandths of a call. */
  long milli;

  int samples;

  /** The value that was last made known. */
  long publishedMilli;

  void learn(int calls) {
    long sample = calls * 1000L;
    if (samples > 0) {
      sample = Math.min(sample, Math.max(3 * milli, 3000));
    }
    samples = Math.min(samples + 1, MATURE);
    milli += (sample - milli) / samples;
  }

  /** True when it is known well enough and differs by a tenth from what was made known. */
  boolean worthPublishing() {
    return samples == MATURE
        && Math.abs(milli - publishedMilli) * 10 >= Math.max(publishedMilli, 1);
  }

  void write(BinaryOut out) {
    out.varint(milli);
    out.varint(samples);
    out.varint(publishedMilli);
  }

  static Baseline read(BinaryIn in) {
    Baseline baseline = new Baseline();
    baseline.milli = in.varint();
    baseline.samples = in.count();
    baseline.publishedMilli = in.varint();
    return baseline;
  }
}
