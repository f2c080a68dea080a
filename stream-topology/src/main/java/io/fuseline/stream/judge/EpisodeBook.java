package io.fuseline.stream.judge;

import io.fuseline.schemas.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The episodes of one target, its fencing epoch, and whether it was ended for good. */
final class EpisodeBook {
  private final List<Episode> open = new ArrayList<>();
  private final Map<String, Integer> ordinals = new TreeMap<>();
  private long epoch;
  private boolean killed;
  private final Amount spendAfterStop = new Amount();

  List<Episode> open() {
    return open;
  }

  Episode openFor(String policyId) {
    return openFor(policyId, null);
  }

  /**
   * @param part run of the tree; null for the whole target
   */
  Episode openFor(String policyId, String part) {
    for (Episode episode : open) {
      if (episode.policyId.equals(policyId) && Objects.equals(episode.part, part)) {
        return episode;
      }
    }
    return null;
  }

  Episode openNew(
      String policyId, String policyVersion, long eventMicros, Amount spend, int rungs) {
    int ordinal = ordinals.merge(policyId, 1, Integer::sum);
    Episode episode =
        new Episode(policyId, policyVersion, ordinal, eventMicros, spend.copy(), rungs);
    open.add(episode);
    return episode;
  }

  void close(Episode episode) {
    open.remove(episode);
  }

  /**
   * The epoch of the next command: the wall clock in microseconds, or one more than the last when
   * the clock has not moved on. A bare counter would not do: a command that an aborted transaction
   * had shown may, after reprocessing in another order, be preceded by a new one, which would get
   * the number already seen and be taken for stale.
   */
  long nextEpoch(long nowMicros) {
    epoch = Math.max(epoch + 1, nowMicros);
    return epoch;
  }

  /** A run was told to end: nothing more is sent to it. Wider targets live on. */
  boolean killed() {
    return killed;
  }

  void setKilled() {
    killed = true;
  }

  boolean paused() {
    return open.stream().anyMatch(Episode::waitsForPerson);
  }

  boolean throttled() {
    return open.stream().anyMatch(episode -> episode.sent == Action.THROTTLE);
  }

  /** All that was spent although the target had been told to stop, over all its episodes. */
  Amount spendAfterStop() {
    return spendAfterStop;
  }

  /**
   * Books what was spent although the target had been told to stop.
   *
   * @return true when it had been told
   */
  boolean bookAfterStop(long pico) {
    boolean stopped = killed;
    for (Episode episode : open) {
      if (episode.stops()) {
        stopped = true;
        episode.spendAfterStop.add(pico);
      }
    }
    if (stopped) {
      spendAfterStop.add(pico);
    }
    return stopped;
  }

  void write(BinaryOut out) {
    out.varint(epoch);
    out.bool(killed);
    spendAfterStop.write(out);
    out.varint(ordinals.size());
    ordinals.forEach(
        (policy, ordinal) -> {
          out.text(policy);
          out.varint(ordinal);
        });
    out.varint(open.size());
    open.forEach(episode -> episode.write(out));
  }

  static EpisodeBook read(BinaryIn in) {
    EpisodeBook book = new EpisodeBook();
    book.epoch = in.varint();
    book.killed = in.bool();
    book.spendAfterStop.add(Amount.read(in));
    for (int i = in.count(); i > 0; i--) {
      book.ordinals.put(in.text(), in.count());
    }
    for (int i = in.count(); i > 0; i--) {
      book.open.add(Episode.read(in));
    }
    return book;
  }
}
