package io.fuseline.stream.judge;

import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.PolicyMode;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.TargetType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Sees to it that commands are obeyed: one that is not answered well enough by its deadline is told
 * to people, once; how loudly depends on what it was to stop. Before anybody is paged for a KILL,
 * it is asked for the credentials of the target to be revoked, which machines can do. An answer
 * counts by the command's id, whichever copy of it was obeyed; one whose command is over and whose
 * epoch is not above all seen of its target is stale.
 */
public final class CommandWatch {
  /** Open commands of targets, and the highest epoch of each target. */
  public interface Book {
    OpenCommand get(String target, String commandId);

    void put(String target, String commandId, OpenCommand command);

    void remove(String target, String commandId);

    /** Ids of the commands of a target that are open. */
    List<String> open(String target);

    /** The highest epoch of a target's commands; {@link Long#MIN_VALUE} when none is known. */
    long fence(String target);

    void raiseFence(String target, long epoch);
  }

  /**
   * What an event came to.
   *
   * @param stale an answer to a command that is over
   * @param sinceMicros from the command's issue to the answer that ended the wait; negative while
   *     it goes on
   * @param alert that a command which had been escalated was answered after all; else null
   */
  public record Taken(boolean stale, long sinceMicros, Alert alert) {}

  private static final Taken WAITING = new Taken(false, -1, null);
  private static final Taken STALE = new Taken(true, -1, null);

  /**
   * A command that is read this long after its deadline, in microseconds, is history: a watch that
   * is new reads the whole topic, and nobody is to be paged for last month.
   */
  private static final long HISTORY = 60 * Times.MICROS_PER_MINUTE;

  private static final int MOST_NAMED = 32;

  /** Rule of the alert that asks for credentials to be revoked; the sink knows it by this name. */
  static final String REVOKE = "revoke-credentials";

  private static final String UNANSWERED = "unanswered-command";

  /** People are paged this long after that, in microseconds. */
  private static final long PAGE_AFTER = Ladder.ACK_DEADLINE_SECONDS * Times.MICROS_PER_SECOND;

  private CommandWatch() {}

  /**
   * A command was written. What it reverses need not be answered any more.
   *
   * @return how long it took when it was answered before it could be read here
   */
  public static Taken onIssued(CommandEvent.Issued event, Book book, long nowMicros) {
    OpenCommand command = event.command();
    String target = event.target();
    String id = command.facts.commandId();
    book.raiseFence(target, command.facts.epoch());
    if (command.facts.action() == Action.RESTORE) {
      for (String other : book.open(target)) {
        OpenCommand open = book.get(target, other);
        boolean undone =
            other.equals(command.facts.reverses())
                || open.isIssued()
                    && open.facts.episodeId().equals(command.facts.episodeId())
                    && open.facts.epoch() < command.facts.epoch();
        if (undone) {
          book.remove(target, other);
        }
      }
    }
    OpenCommand ahead = book.get(target, id);
    if (ahead != null && !ahead.isIssued()) {
      command.takeEarlier(ahead);
    }
    if (command.facts.action() == Action.ALERT) {
      book.remove(target, id);
    } else if (command.isAnswered()) {
      book.remove(target, id);
      return new Taken(false, command.waitedMicros(), null);
    } else if (command.facts.deadlineMicros() < nowMicros - HISTORY) {
      book.remove(target, id);
    } else if (ahead == null || !ahead.isIssued()) {
      book.put(target, id, command);
    }
    return WAITING;
  }

  /** A runtime has answered. */
  public static Taken onAnswered(CommandEvent.Answered answer, Book book, long nowMicros) {
    OpenCommand open = book.get(answer.target(), answer.commandId());
    if (open == null) {
      if (answer.epoch() <= book.fence(answer.target())) {
        return STALE;
      }
      open = new OpenCommand();
    }
    open.take(answer);
    if (!open.isIssued() || !open.isAnswered()) {
      book.put(answer.target(), answer.commandId(), open);
      return WAITING;
    }
    book.remove(answer.target(), answer.commandId());
    return new Taken(
        false,
        open.waitedMicros(),
        open.isEscalated() || open.isRevoked() ? answeredLate(open, answer, nowMicros) : null);
  }

  /**
   * What a deadline has led to.
   *
   * @param alert what has to be told
   * @param nextMicros when the command is to be looked at again; 0 for not any more
   */
  public record Due(Alert alert, long nextMicros) {}

  /**
   * A deadline of a command has passed: its own, or the one after it was asked for credentials to
   * be revoked.
   *
   * @return null when it was answered, or told, before
   */
  public static Due onDeadline(String target, String commandId, Book book, long nowMicros) {
    OpenCommand open = book.get(target, commandId);
    if (open == null
        || !open.isIssued()
        || open.isEscalated()
        || open.isRevoked() && nowMicros < open.pageMicros()) {
      return null;
    }
    if (severity(open) == Severity.PAGE && !open.isRevoked()) {
      open.setRevoked(nowMicros + PAGE_AFTER);
      book.put(target, commandId, open);
      return new Due(revoke(open, nowMicros), open.pageMicros());
    }
    open.setEscalated();
    book.put(target, commandId, open);
    return new Due(unanswered(open, nowMicros), 0);
  }

  private static Alert revoke(OpenCommand open, long nowMicros) {
    return notObeyed(
        open,
        "revoke",
        Severity.CRITICAL,
        REVOKE,
        "Its credentials are to be revoked now; people are paged in %d s."
            .formatted(PAGE_AFTER / Times.MICROS_PER_SECOND),
        nowMicros);
  }

  private static Alert unanswered(OpenCommand open, long nowMicros) {
    String before =
        open.isRevoked()
            ? "It was asked for its credentials to be revoked at %s. "
                .formatted(Times.instant(open.pageMicros() - PAGE_AFTER))
            : "";
    return notObeyed(
        open, "unanswered", severity(open), UNANSWERED, before + whatToDo(open.facts), nowMicros);
  }

  private static Alert notObeyed(
      OpenCommand open,
      String part,
      Severity severity,
      String rule,
      String whatToDo,
      long nowMicros) {
    OpenCommand.Facts facts = open.facts;
    List<String> missing = open.missing();
    int expected = facts.targetType() == TargetType.RUN ? 1 : Math.max(1, facts.rootRuns().size());
    long seconds = (facts.deadlineMicros() - facts.issuedMicros()) / Times.MICROS_PER_SECOND;
    Map<String, String> details = new TreeMap<>();
    details.put("deadline", Times.instant(facts.deadlineMicros()).toString());
    details.put(
        "not_answered",
        String.join(", ", missing.subList(0, Math.min(MOST_NAMED, missing.size()))));
    for (AckResult result : AckResult.values()) {
      if (open.answers(result) > 0) {
        details.put("answers_" + lower(result), String.valueOf(open.answers(result)));
      }
    }
    if (!open.notes().isEmpty()) {
      details.put("said", String.join("; ", open.notes()));
    }
    details.put("spend_at_command", facts.spend().stripTrailingZeros().toPlainString());
    String summary =
        "%s of %s %s was not obeyed within %d s: %s. %s"
            .formatted(
                facts.action(),
                lower(facts.targetType()).replace('_', ' '),
                facts.targetId(),
                seconds,
                how(open, missing),
                whatToDo);
    return alert(
        open,
        part,
        severity,
        Evidence.newBuilder()
            .setRule(rule)
            .setMeasured(String.valueOf(expected - missing.size()))
            .setThreshold(String.valueOf(expected))
            .setUnit("answers")
            .setSummary(summary)
            .setSpanIds(List.of())
            .setDetails(details)
            .build(),
        nowMicros);
  }

  private static String how(OpenCommand open, List<String> missing) {
    if (open.answers(AckResult.REFUSED) > 0) {
      return "it was refused (" + String.join("; ", open.notes()) + ")";
    }
    if (open.answers(AckResult.PARTIAL) > 0) {
      return "only a part was done (" + String.join("; ", open.notes()) + ")";
    }
    if (open.isMissingOnlyUnknown()) {
      return "the runtimes that serve its agent do not know it";
    }
    int rest = missing.size() - 1;
    return "no answer from " + missing.get(0) + (rest > 0 ? " and " + rest + " more runs" : "");
  }

  private static String whatToDo(OpenCommand.Facts facts) {
    return facts.action() == Action.KILL
        ? "Stop it by hand: revoke its credentials or end its process; /v1/episodes tells what it"
            + " has spent since."
        : "Look at its runtime: is it up, and does it read the command topic?";
  }

  private static Severity severity(OpenCommand open) {
    return switch (open.facts.action()) {
      case KILL -> isMilder(open) ? Severity.CRITICAL : Severity.PAGE;
      case PAUSE, REQUIRE_APPROVAL -> Severity.CRITICAL;
      default -> Severity.WARNING;
    };
  }

  /** What is missing may well have ended: it is not known where it should be, or others obeyed. */
  private static boolean isMilder(OpenCommand open) {
    boolean unwilling = open.answers(AckResult.REFUSED) + open.answers(AckResult.PARTIAL) > 0;
    return !unwilling && (open.isMissingOnlyUnknown() || open.hasObeyed());
  }

  private static Alert answeredLate(
      OpenCommand open, CommandEvent.Answered answer, long nowMicros) {
    long late = answer.ackedMicros() - open.facts.deadlineMicros();
    String seconds = String.valueOf(Math.max(0, late) / Times.MICROS_PER_SECOND);
    return alert(
        open,
        "answered late",
        Severity.INFO,
        Evidence.newBuilder()
            .setRule(UNANSWERED)
            .setMeasured(seconds)
            .setThreshold("0")
            .setUnit("seconds late")
            .setSummary(
                "%s of %s was obeyed after all, %s s late (%s).%s"
                    .formatted(
                        open.facts.action(),
                        open.facts.targetId(),
                        seconds,
                        answer.runtime(),
                        open.isRevoked() ? " Its credentials may have been revoked." : ""))
            .setSpanIds(List.of())
            .setDetails(Map.of())
            .build(),
        nowMicros);
  }

  private static Alert alert(
      OpenCommand open, String part, Severity severity, Evidence evidence, long nowMicros) {
    OpenCommand.Facts facts = open.facts;
    String identity = facts.commandId() + '\u0000' + part;
    return Alert.newBuilder()
        .setAlertId("alt-" + UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8)))
        .setEpisodeId(facts.episodeId())
        .setSeverity(severity)
        .setState(EpisodeState.ESCALATED)
        .setAction(facts.action())
        .setMode(PolicyMode.ENFORCE)
        .setTenantId(facts.tenant())
        .setTargetType(facts.targetType())
        .setTarget(facts.targetId())
        .setAgentId(facts.agent())
        .setTeam(facts.team())
        .setProject(facts.project())
        .setRootRunId(
            facts.targetType() == TargetType.RUN && !facts.rootRuns().isEmpty()
                ? facts.rootRuns().get(0)
                : null)
        .setPolicyId(facts.policyId())
        .setPolicyVersion(facts.policyVersion())
        .setCommandId(facts.commandId())
        .setSpend(facts.spend())
        .setCurrency(facts.currency())
        .setEvidence(evidence)
        .setEventTime(Times.instant(facts.eventMicros()))
        .setIssuedAt(Times.instant(nowMicros))
        .build();
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
