package io.fuseline.stream.judge;

import io.fuseline.schemas.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One breach of one policy by one target, from opening to closing. */
final class Episode {
  private static final long NOT_REACHED = Long.MIN_VALUE;
  private static final Action[] ACTIONS = Action.values();

  final String policyId;
  final String policyVersion;
  final int ordinal;
  final long openedAt;
  final Amount spendAtOpen;
  final Amount spendAfterStop;
  final List<String> commandIds;
  String summary = "";
  long escalatedAt;

  /** Index of the highest rung reached. */
  int rung = -1;

  /** Action of that rung, and the strictest that was sent as a command; null when none was. */
  Action action = Action.ALERT;

  Action sent;
  private long[] reachedAt;

  Episode(
      String policyId,
      String policyVersion,
      int ordinal,
      long openedAt,
      Amount spendAtOpen,
      int rungs) {
    this(
        policyId,
        policyVersion,
        ordinal,
        openedAt,
        spendAtOpen,
        new Amount(),
        new ArrayList<>(),
        new long[rungs]);
    Arrays.fill(reachedAt, NOT_REACHED);
  }

  private Episode(
      String policyId,
      String policyVersion,
      int ordinal,
      long openedAt,
      Amount spendAtOpen,
      Amount spendAfterStop,
      List<String> commandIds,
      long[] reachedAt) {
    this.policyId = policyId;
    this.policyVersion = policyVersion;
    this.ordinal = ordinal;
    this.openedAt = openedAt;
    this.spendAtOpen = spendAtOpen;
    this.spendAfterStop = spendAfterStop;
    this.commandIds = commandIds;
    this.reachedAt = reachedAt;
    this.escalatedAt = openedAt;
  }

  /** Event time at which the rung was reached, or {@code otherwise} when it was not. */
  long reachedAt(int index, long otherwise) {
    return index < reachedAt.length && reachedAt[index] != NOT_REACHED
        ? reachedAt[index]
        : otherwise;
  }

  void reach(int index, long eventMicros) {
    if (index >= reachedAt.length) { // the policy has grown rungs since the episode opened
      int known = reachedAt.length;
      reachedAt = Arrays.copyOf(reachedAt, index + 1);
      Arrays.fill(reachedAt, known, reachedAt.length, NOT_REACHED);
    }
    for (int i = rung + 1; i <= index; i++) {
      reachedAt[i] = eventMicros;
    }
    rung = index;
    escalatedAt = eventMicros;
  }

  boolean stops() {
    return sent == Action.KILL || sent == Action.PAUSE;
  }

  void write(BinaryOut out) {
    out.text(policyId);
    out.text(policyVersion);
    out.varint(ordinal);
    out.varint(openedAt);
    spendAtOpen.write(out);
    spendAfterStop.write(out);
    out.text(summary);
    out.varint(escalatedAt);
    out.zigzag(rung);
    out.raw(action.ordinal());
    out.raw(sent == null ? 0 : sent.ordinal() + 1);
    out.varint(reachedAt.length);
    for (long at : reachedAt) {
      out.zigzag(at);
    }
    out.varint(commandIds.size());
    commandIds.forEach(out::text);
  }

  static Episode read(BinaryIn in) {
    String policyId = in.text();
    String policyVersion = in.text();
    int ordinal = in.count();
    long openedAt = in.varint();
    Amount spendAtOpen = Amount.read(in);
    Amount spendAfterStop = Amount.read(in);
    String summary = in.text();
    long escalatedAt = in.varint();
    int rung = (int) in.zigzag();
    Action action = ACTIONS[in.raw()];
    int sent = in.raw();
    long[] reachedAt = new long[in.count()];
    for (int i = 0; i < reachedAt.length; i++) {
      reachedAt[i] = in.zigzag();
    }
    int commands = in.count();
    List<String> commandIds = new ArrayList<>(commands);
    for (int i = 0; i < commands; i++) {
      commandIds.add(in.text());
    }
    Episode episode =
        new Episode(
            policyId,
            policyVersion,
            ordinal,
            openedAt,
            spendAtOpen,
            spendAfterStop,
            commandIds,
            reachedAt);
    episode.summary = summary;
    episode.escalatedAt = escalatedAt;
    episode.rung = rung;
    episode.action = action;
    episode.sent = sent == 0 ? null : ACTIONS[sent - 1];
    return episode;
  }
}
