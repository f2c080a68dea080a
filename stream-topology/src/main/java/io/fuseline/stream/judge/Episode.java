package io.fuseline.stream.judge;

import io.fuseline.schemas.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One breach of one policy by one target, from opening to closing. */
final class Episode {
  private static final long NOT_CROSSED = Long.MIN_VALUE;
  private static final Action[] ACTIONS = Action.values();

  final String policyId;
  final String policyVersion;
  final int ordinal;
  final long openedAt;
  final Amount spendAtOpen;
  final Amount spendAfterStop;
  final List<String> commandIds;
  String summary = "";

  /** Run of the tree that it is about; null for the whole target. */
  String part;

  /**
   * Wall-clock time at which people were last told (event time before format 7), and how often they
   * were reminded.
   */
  long toldAt;

  int reminders;
  long escalatedAt;

  /** Index of the highest rung reached. */
  int rung = -1;

  /** Action of that rung, and the strictest that was sent as a command; null when none was. */
  Action action = Action.ALERT;

  Action sent;

  /** Wall-clock time of the newest command, epoch microseconds; 0 before the first. */
  long sentAt;

  /** When an approval that is waited for is denied, by the wall clock; 0 for never. */
  long approvalDue;

  /** The rung up to which people have let the target go on; -1 for none. */
  int approved = -1;

  /** A person has said that it is known: nobody is reminded. */
  boolean acknowledged;

  /**
   * Event time at which the measure first stood at each rung's threshold; the rung may not apply.
   */
  private long[] crossedAt;

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
    Arrays.fill(crossedAt, NOT_CROSSED);
  }

  private Episode(
      String policyId,
      String policyVersion,
      int ordinal,
      long openedAt,
      Amount spendAtOpen,
      Amount spendAfterStop,
      List<String> commandIds,
      long[] crossedAt) {
    this.policyId = policyId;
    this.policyVersion = policyVersion;
    this.ordinal = ordinal;
    this.openedAt = openedAt;
    this.spendAtOpen = spendAtOpen;
    this.spendAfterStop = spendAfterStop;
    this.commandIds = commandIds;
    this.crossedAt = crossedAt;
    this.escalatedAt = openedAt;
    this.toldAt = openedAt;
  }

  /** The measure stands at the rung's threshold; only the first time counts. */
  void cross(int index, long eventMicros) {
    if (index >= crossedAt.length) { // the policy has grown rungs since the episode opened
      int known = crossedAt.length;
      crossedAt = Arrays.copyOf(crossedAt, index + 1);
      Arrays.fill(crossedAt, known, crossedAt.length, NOT_CROSSED);
    }
    if (crossedAt[index] == NOT_CROSSED) {
      crossedAt[index] = eventMicros;
    }
  }

  /**
   * Microseconds of event time from the crossing of the rung before to that of this one; both were
   * crossed.
   */
  long climbMicros(int index) {
    return crossedAt[index] - crossedAt[index - 1];
  }

  /** True when the measure has stood at the rung's threshold. */
  boolean wasCrossed(int index) {
    return index < crossedAt.length && crossedAt[index] != NOT_CROSSED;
  }

  /** When it first did, event time; it was crossed. */
  long crossedAt(int index) {
    return crossedAt[index];
  }

  void reach(int index, long eventMicros) {
    rung = index;
    escalatedAt = eventMicros;
    toldAt = eventMicros;
  }

  void send(Action command, String commandId, long nowMicros) {
    sentAt = nowMicros;
    approvalDue = 0;
    if (sent == null || command.compareTo(sent) > 0) {
      sent = command;
    }
    commandIds.add(commandId);
  }

  /** The target was told to end, to rest, or to rest until a person has approved. */
  boolean stops() {
    return sent == Action.KILL || waitsForPerson();
  }

  /** The target rests until a person, or the end of the budget's window, lets it go on. */
  boolean waitsForPerson() {
    return sent == Action.PAUSE || sent == Action.REQUIRE_APPROVAL;
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
    out.varint(crossedAt.length);
    for (long at : crossedAt) {
      out.zigzag(at);
    }
    out.varint(commandIds.size());
    commandIds.forEach(out::text);
    out.text(part);
    out.varint(toldAt);
    out.varint(reminders);
    out.varint(sentAt);
    out.varint(approvalDue);
    out.zigzag(approved);
    out.bool(acknowledged);
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
    long[] crossedAt = new long[in.count()];
    for (int i = 0; i < crossedAt.length; i++) {
      crossedAt[i] = in.zigzag();
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
            crossedAt);
    episode.summary = summary;
    episode.escalatedAt = escalatedAt;
    episode.rung = rung;
    episode.action = action;
    episode.sent = sent == 0 ? null : ACTIONS[sent - 1];
    episode.toldAt = escalatedAt;
    if (!in.isBefore(4)) {
      episode.part = in.text();
      episode.toldAt = in.varint();
      episode.reminders = in.count();
    }
    if (!in.isBefore(7)) {
      episode.sentAt = in.varint();
      episode.approvalDue = in.varint();
      episode.approved = (int) in.zigzag();
      episode.acknowledged = in.bool();
    }
    return episode;
  }
}
