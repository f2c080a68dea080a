package io.fuseline.stream.judge;

import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.TargetType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A command that waits for its answers, and those it has got so far. Of bounded size: what is kept
 * of answers are the runs they were for, and the last few words said.
 */
public final class OpenCommand {
  static final int FORMAT = 2;

  /** The newest answers that were not enough, told to whoever is paged. */
  private static final int MOST_NOTES = 8;

  private static final int LONGEST_NOTE = 300;

  /** Runs of answers that came before their command, which says how many to expect. */
  private static final int MOST_RUNS = 1_000;

  private static final AckResult[] RESULTS = AckResult.values();

  /**
   * Null while only answers are known: they are read as soon as written, commands once committed.
   */
  Facts facts;

  private final Set<String> stopped = new LinkedHashSet<>();
  private final Set<String> gone = new LinkedHashSet<>();

  /** Runs that said they did less than they were told, and have said nothing better since. */
  private final Set<String> lagging = new LinkedHashSet<>();

  private final List<String> notes = new ArrayList<>();
  private final long[] answers = new long[RESULTS.length];
  private boolean escalated;
  private long pageMicros;
  private boolean wholeAnswered;
  private long newestAnswerMicros;

  /**
   * What is kept of the command itself.
   *
   * @param reverses command that this RESTORE undoes; else null
   */
  record Facts(
      String commandId,
      Action action,
      String tenant,
      TargetType targetType,
      String targetId,
      long epoch,
      String agent,
      List<String> rootRuns,
      String policyId,
      String policyVersion,
      String episodeId,
      BigDecimal spend,
      String currency,
      long eventMicros,
      long issuedMicros,
      long deadlineMicros,
      String reverses,
      String team,
      String project) {}

  static OpenCommand of(Command command) {
    OpenCommand open = new OpenCommand();
    open.facts =
        new Facts(
            command.getCommandId(),
            command.getAction(),
            command.getTenantId(),
            command.getTargetType(),
            command.getTarget(),
            command.getEpoch(),
            command.getAgentId(),
            List.copyOf(command.getRootRunIds()),
            command.getPolicyId(),
            command.getPolicyVersion(),
            command.getEpisodeId(),
            command.getSpend(),
            command.getCurrency(),
            Times.micros(command.getEventTime()),
            Times.micros(command.getIssuedAt()),
            Times.micros(command.getDeadline()),
            command.getReverses(),
            command.getTeam(),
            command.getProject());
    return open;
  }

  /** Key of the target, as {@link CommandEvent#target} has it. */
  String target() {
    return CommandEvent.key(facts.tenant(), facts.targetType(), facts.targetId());
  }

  /** True once the command itself is known, not only answers to it. */
  public boolean isIssued() {
    return facts != null;
  }

  boolean isEscalated() {
    return escalated;
  }

  void setEscalated() {
    escalated = true;
  }

  /** True once it was asked for the credentials of the target to be revoked. */
  boolean isRevoked() {
    return pageMicros != 0;
  }

  /** When people are paged although credentials were to be revoked; epoch microseconds. */
  long pageMicros() {
    return pageMicros;
  }

  void setRevoked(long thenPageMicros) {
    pageMicros = thenPageMicros;
  }

  void take(CommandEvent.Answered answer) {
    answers[answer.result().ordinal()]++;
    newestAnswerMicros = Math.max(newestAnswerMicros, answer.ackedMicros());
    switch (answer.result()) {
      case STOPPED, APPLIED -> {
        wholeAnswered |= answer.rootRuns().isEmpty();
        remember(stopped, answer.rootRuns());
        answer.rootRuns().forEach(lagging::remove);
      }
      case UNKNOWN_TARGET -> remember(gone, answer.rootRuns());
      case PARTIAL, REFUSED -> {
        remember(lagging, answer.rootRuns());
        note(answer);
      }
    }
  }

  private static void remember(Set<String> runs, List<String> more) {
    for (String run : more) {
      if (runs.size() < MOST_RUNS) {
        runs.add(run);
      }
    }
  }

  private void note(CommandEvent.Answered answer) {
    String said = answer.message() == null ? "" : ": " + answer.message();
    String note = answer.runtime() + " " + answer.result() + said;
    notes.add(note.length() <= LONGEST_NOTE ? note : note.substring(0, LONGEST_NOTE));
    if (notes.size() > MOST_NOTES) {
      notes.remove(0);
    }
  }

  /**
   * True when nothing more has to be waited for: a run has stopped, or has its caps; of a wider
   * target a runtime has said so for all it runs, or every run that was named has, and none has
   * done less than it was told. (Named are the runs seen lately: some may have ended.)
   */
  boolean isAnswered() {
    if (facts.targetType() == TargetType.RUN || facts.rootRuns().isEmpty()) {
      return hasObeyed();
    }
    return lagging.isEmpty() && (wholeAnswered || stopped.containsAll(facts.rootRuns()));
  }

  /** True when at least one runtime did what it was told. */
  boolean hasObeyed() {
    return wholeAnswered || !stopped.isEmpty();
  }

  /** Runs, or the target itself, that have not answered well enough; oldest first. */
  List<String> missing() {
    if (isAnswered()) {
      return List.of();
    }
    if (facts.targetType() == TargetType.RUN || facts.rootRuns().isEmpty()) {
      return List.of(facts.targetId());
    }
    return facts.rootRuns().stream().filter(run -> !stopped.contains(run)).toList();
  }

  /** True when all that is missing was said, by runtimes that serve the agent, not to be there. */
  boolean isMissingOnlyUnknown() {
    return answers(AckResult.UNKNOWN_TARGET) > 0
        && answers(AckResult.PARTIAL) + answers(AckResult.REFUSED) == 0
        && (facts.targetType() == TargetType.RUN
            || facts.rootRuns().isEmpty()
            || gone.containsAll(missing()));
  }

  /** From the issue of the command to its newest answer; 0 when a runtime's clock is behind. */
  long waitedMicros() {
    return Math.max(0, newestAnswerMicros - facts.issuedMicros());
  }

  long answers(AckResult result) {
    return answers[result.ordinal()];
  }

  List<String> notes() {
    return List.copyOf(notes);
  }

  /** Takes over what was answered before the command itself was read. */
  void takeEarlier(OpenCommand ahead) {
    stopped.addAll(ahead.stopped);
    gone.addAll(ahead.gone);
    lagging.addAll(ahead.lagging);
    notes.addAll(ahead.notes);
    wholeAnswered |= ahead.wholeAnswered;
    newestAnswerMicros = Math.max(newestAnswerMicros, ahead.newestAnswerMicros);
    for (int i = 0; i < answers.length; i++) {
      answers[i] += ahead.answers[i];
    }
  }

  public byte[] toBytes() {
    BinaryOut out = new BinaryOut(512);
    out.raw(FORMAT);
    write(out);
    return out.toBytes();
  }

  public static OpenCommand fromBytes(byte[] bytes) {
    return read(BinaryIn.open(bytes, FORMAT, "An open command"));
  }

  void write(BinaryOut out) {
    out.bool(facts != null);
    if (facts != null) {
      writeFacts(facts, out);
    }
    texts(stopped, out);
    texts(gone, out);
    texts(lagging, out);
    texts(notes, out);
    for (AckResult result : RESULTS) {
      out.varint(answers(result));
    }
    out.bool(escalated);
    out.bool(wholeAnswered);
    out.zigzag(newestAnswerMicros);
    out.varint(pageMicros);
  }

  static OpenCommand read(BinaryIn in) {
    OpenCommand open = new OpenCommand();
    if (in.bool()) {
      open.facts = readFacts(in);
    }
    open.stopped.addAll(texts(in));
    open.gone.addAll(texts(in));
    open.lagging.addAll(texts(in));
    open.notes.addAll(texts(in));
    for (int i = 0; i < RESULTS.length; i++) {
      open.answers[i] = in.varint();
    }
    open.escalated = in.bool();
    open.wholeAnswered = in.bool();
    open.newestAnswerMicros = in.zigzag();
    open.pageMicros = in.isBefore(2) ? 0 : in.varint();
    return open;
  }

  private static void writeFacts(Facts facts, BinaryOut out) {
    out.text(facts.commandId());
    out.text(facts.action().name());
    out.text(facts.tenant());
    out.text(facts.targetType().name());
    out.text(facts.targetId());
    out.zigzag(facts.epoch());
    out.text(facts.agent());
    texts(facts.rootRuns(), out);
    out.text(facts.policyId());
    out.text(facts.policyVersion());
    out.text(facts.episodeId());
    out.text(facts.spend().toPlainString());
    out.text(facts.currency());
    out.zigzag(facts.eventMicros());
    out.zigzag(facts.issuedMicros());
    out.zigzag(facts.deadlineMicros());
    out.text(facts.reverses());
    out.text(facts.team());
    out.text(facts.project());
  }

  private static Facts readFacts(BinaryIn in) {
    return new Facts(
        in.text(),
        Action.valueOf(in.text()),
        in.text(),
        TargetType.valueOf(in.text()),
        in.text(),
        in.zigzag(),
        in.text(),
        texts(in),
        in.text(),
        in.text(),
        in.text(),
        new BigDecimal(in.text()),
        in.text(),
        in.zigzag(),
        in.zigzag(),
        in.zigzag(),
        in.text(),
        in.isBefore(2) ? null : in.text(),
        in.isBefore(2) ? null : in.text());
  }

  private static void texts(Iterable<String> texts, BinaryOut out) {
    List<String> all = new ArrayList<>();
    texts.forEach(all::add);
    out.varint(all.size());
    all.forEach(out::text);
  }

  private static List<String> texts(BinaryIn in) {
    List<String> all = new ArrayList<>();
    for (int i = in.count(); i > 0; i--) {
      all.add(in.text());
    }
    return all;
  }
}
