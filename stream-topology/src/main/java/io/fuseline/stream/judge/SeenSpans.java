package io.fuseline.stream.judge;

import java.util.Arrays;

/**
 * Which span and response ids a run has had since it was opened, by their hashes: what is not here
 * was never booked, what is here perhaps was. Holds a bounded number; beyond it, everything may
 * have been seen. Fewer are stored with the run than are held in memory, so that a long run is not
 * written with all of them at each commit.
 */
public final class SeenSpans {
  /** Ids, of which a model call has two. */
  static final int MOST = 8_192;

  /** Ids that are stored; a run that had more no longer knows them when it is read. */
  static final int MOST_STORED = 512;

  /** 24 bits: two ids in 17 million are taken for one another, and three bytes store them. */
  private static final int HASH_SHIFT = 8;

  /** Open addressing; 0 is an empty place. */
  private int[] places = new int[16];

  private int count;

  /** True unless the key was never {@linkplain #add added}. */
  public boolean mayHold(String key) {
    return count >= MOST || places[placeOf(hash(key))] != 0;
  }

  public void add(String key) {
    if (count >= MOST) {
      return;
    }
    addHash(hash(key));
  }

  private void addHash(int hash) {
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
    hash = (hash ^ hash >>> 15) >>> HASH_SHIFT;
    return hash == 0 ? 1 : hash;
  }

  /** Ascending, each as its distance from the one before; 0 of them when they are not stored. */
  static void write(SeenSpans seen, BinaryOut out) {
    if (seen == null || seen.count > MOST_STORED) {
      out.varint(0);
      return;
    }
    int[] hashes = Arrays.stream(seen.places).filter(hash -> hash != 0).sorted().toArray();
    out.varint(hashes.length);
    int before = 0;
    for (int hash : hashes) {
      out.varint(hash - before);
      before = hash;
    }
  }

  /** Null when they were not stored. */
  static SeenSpans read(BinaryIn in) {
    int count = in.count();
    if (count == 0) {
      return null;
    }
    SeenSpans seen = new SeenSpans();
    int hash = 0;
    for (int i = 0; i < count; i++) {
      hash += in.count();
      seen.addHash(hash);
    }
    return seen;
  }
}
