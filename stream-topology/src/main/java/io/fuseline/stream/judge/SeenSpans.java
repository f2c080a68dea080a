package io.fuseline.stream.judge;

import java.util.Arrays;

/**
 * Which span and response ids a run has had since it was opened, by their hashes: what is not here
 * was never booked, what is here perhaps was. Kept in memory only. Holds a bounded number; beyond
 * it, everything may have been seen.
 */
public final class SeenSpans {
  /** Ids, of which a model call has two. */
  static final int MOST = 8_192;

  /** Open addressing; 0 is an empty place. */
  private int[] places = new int[64];

  private int count;

  /** True unless the key was never {@linkplain #add added}. */
  public boolean mayHold(String key) {
    return count >= MOST || places[placeOf(hash(key))] != 0;
  }

  public void add(String key) {
    if (count >= MOST) {
      return;
    }
    int hash = hash(key);
    int place = placeOf(hash);
    if (places[place] != 0) {
      return;
    }
    places[place] = hash;
    count++;
    if (count >= MOST) {
      places = new int[0];
    } else if (2 * count > places.length) {
      grow();
    }
  }

  private void grow() {
    int[] before = places;
    places = new int[2 * before.length];
    Arrays.stream(before).filter(hash -> hash != 0).forEach(hash -> places[placeOf(hash)] = hash);
  }

  /** Where the hash stands, or the empty place where it would. */
  private int placeOf(int hash) {
    int place = hash & places.length - 1;
    while (places[place] != 0 && places[place] != hash) {
      place = place + 1 & places.length - 1;
    }
    return place;
  }

  private static int hash(String key) {
    int hash = key.hashCode() * 0x9E3779B9;
    hash ^= hash >>> 15;
    return hash == 0 ? 1 : hash;
  }
}
