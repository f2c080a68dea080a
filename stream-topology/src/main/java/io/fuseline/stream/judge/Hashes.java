package io.fuseline.stream.judge;

/** Hashes that are the same in every process, since they are kept. */
final class Hashes {
  private Hashes() {}

  /** The finaliser of SplitMix64 over both words (Steele, Lea and Flood, 2014). */
  static long mix(long hash, long word) {
    long z = hash * 0x9E3779B97F4A7C15L + word;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  static long text(String text) {
    long hash = 0;
    for (int i = 0; i < text.length(); i++) {
      hash = mix(hash, text.charAt(i));
    }
    return hash;
  }
}
