package io.fuseline.stream.judge;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.PolicyMode;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.Rung;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Climbs a policy's ladder: opens an episode at the first rung, escalates it, closes it. A measure
 * that jumps over several rungs gives one alert and one command, those of the highest.
 */
final class Ladder {
  /** An acknowledgement is due this long after a command was issued. */
  static final long ACK_DEADLINE_SECONDS = 10;

  private final String currency;

  Ladder(String currency) {
    this.currency = currency;
  }

  /** Gives the numbers of a breach; asked only when there is one. */
  interface EvidenceSource {
    Evidence at(Rung rung);
  }

  /** True when the measure stands at or over the first rung. */
  static boolean touches(Policy policy, long measure) {
    return measure >= policy.ladder().get(0).threshold();
  }

  /** Judges one measure. Does nothing unless a rung is newly reached. */
  void climb(
      Policy policy,
      long measure,
      EpisodeBook book,
      Target target,
      Amount spend,
      long eventMicros,
      long nowMicros,
      EvidenceSource evidence,
      Verdicts out) {
    Episode episode = book.openFor(policy.id());
    int before = episode == null ? -1 : episode.rung;
    int reached = highestReached(policy, measure, episode, before, eventMicros);
    if (reached == before) {
      return;
    }
    if (episode == null) {
      episode =
          book.openNew(policy.id(), policy.version(), eventMicros, spend, policy.ladder().size());
    }
    Rung rung = policy.ladder().get(reached);
    episode.reach(reached, eventMicros);
    episode.action = rung.action();
    Evidence numbers = evidence.at(rung);
    episode.summary = numbers.getSummary();

    Command command = null;
    if (policy.mode() == PolicyMode.ENFORCE
        && rung.action() != Action.ALERT
        && !book.makesNoDifference(rung.action())) {
      command =
          command(
              policy, rung, reached, episode, book, target, spend, eventMicros, nowMicros, numbers);
      out.commands().add(command);
      episode.sent = rung.action();
      episode.commandIds.add(command.getCommandId());
      if (rung.action() == Action.KILL) {
        book.setKilled(true);
      }
    }
    out.alerts()
        .add(
            alert(
                policy.mode(),
                rung.severity(),
                before < 0 ? EpisodeState.OPEN : EpisodeState.ESCALATED,
                episode,
                target,
                command == null ? null : command.getCommandId(),
                spend,
                eventMicros,
                nowMicros,
                numbers));
  }

  private static int highestReached(
      Policy policy, long measure, Episode episode, int before, long eventMicros) {
    int reached = before;
    for (int i = before + 1; i < policy.ladder().size(); i++) {
      Rung rung = policy.ladder().get(i);
      if (measure < rung.threshold()) {
        break;
      }
      if (rung.within() != null && i > 0) {
        long rungBefore = episode == null ? eventMicros : episode.reachedAt(i - 1, eventMicros);
        if (eventMicros - rungBefore > rung.within().toMillis() * 1000) {
          continue; // too slow a climb for this rung
        }
      }
      reached = i;
    }
    return reached;
  }

  /**
   * Closes an episode and lifts what it had sent. Only the KILL of a run is final: a run that was
   * killed has ended. The KILL of a wider scope ended its runs too, but once its cause is over the
   * scope may start new ones.
   */
  void close(
      Policy policy,
      Episode episode,
      EpisodeBook book,
      Target target,
      Amount spend,
      long eventMicros,
      long nowMicros,
      String why,
      Verdicts out) {
    book.close(episode);
    Evidence numbers =
        Evidence.newBuilder()
            .setRule(policy == null ? "policy-removed" : policy.rule().type())
            .setMeasured(episode.spendAfterStop.toString())
            .setThreshold("0")
            .setUnit(currency + " spent after the stop")
            .setSummary(why + " Episode closed.")
            .setSpanIds(List.of())
            .setDetails(Map.of("opened_by", episode.summary))
            .build();
    Command restore = null;
    boolean liftsKill = episode.sent == Action.KILL && target.type() != TargetType.RUN;
    if (episode.sent != null && (liftsKill || !book.killed())) {
      if (liftsKill) {
        book.setKilled(false);
      }
      restore = restore(episode, book, target, spend, eventMicros, nowMicros, numbers);
      out.commands().add(restore);
    }
    out.alerts()
        .add(
            alert(
                policy == null ? PolicyMode.WARN : policy.mode(),
                Severity.INFO,
                EpisodeState.CLOSED,
                episode,
                target,
                restore == null ? null : restore.getCommandId(),
                spend,
                eventMicros,
                nowMicros,
                numbers));
  }

  private Command command(
      Policy policy,
      Rung rung,
      int index,
      Episode episode,
      EpisodeBook book,
      Target target,
      Amount spend,
      long eventMicros,
      long nowMicros,
      Evidence numbers) {
    return commandDraft(episode, book, target, spend, eventMicros, nowMicros, numbers)
        .setCommandId(id("cmd", target, episode, "rung " + index))
        .setAction(rung.action())
        .setCaps(rung.caps())
        .setReason(numbers.getSummary())
        .setPolicyVersion(policy.version())
        .build();
  }

  private Command restore(
      Episode episode,
      EpisodeBook book,
      Target target,
      Amount spend,
      long eventMicros,
      long nowMicros,
      Evidence numbers) {
    return commandDraft(episode, book, target, spend, eventMicros, nowMicros, numbers)
        .setCommandId(id("cmd", target, episode, "restore"))
        .setAction(Action.RESTORE)
        .setReason(numbers.getSummary())
        .setReverses(episode.commandIds.get(episode.commandIds.size() - 1))
        .setApprovedBy("policy " + episode.policyId)
        .build();
  }

  private Command.Builder commandDraft(
      Episode episode,
      EpisodeBook book,
      Target target,
      Amount spend,
      long eventMicros,
      long nowMicros,
      Evidence numbers) {
    return Command.newBuilder()
        .setTenantId(target.tenant())
        .setTargetType(target.type())
        .setTarget(target.id())
        .setEpoch(book.nextEpoch())
        .setAgentId(target.agent())
        .setRootRunIds(target.rootRuns())
        .setEvidence(numbers)
        .setPolicyId(episode.policyId)
        .setPolicyVersion(episode.policyVersion)
        .setEpisodeId(episodeId(target, episode))
        .setSpend(spend.toBigDecimal())
        .setCurrency(currency)
        .setEventTime(Times.instant(eventMicros))
        .setIssuedAt(Times.instant(nowMicros))
        .setDeadline(Times.instant(nowMicros).plus(ACK_DEADLINE_SECONDS, ChronoUnit.SECONDS));
  }

  private Alert alert(
      PolicyMode mode,
      Severity severity,
      EpisodeState state,
      Episode episode,
      Target target,
      String commandId,
      Amount spend,
      long eventMicros,
      long nowMicros,
      Evidence numbers) {
    String part = state == EpisodeState.CLOSED ? "closed" : "rung " + episode.rung;
    return Alert.newBuilder()
        .setAlertId(id("alt", target, episode, part))
        .setEpisodeId(episodeId(target, episode))
        .setSeverity(severity)
        .setState(state)
        .setAction(episode.action)
        .setMode(mode)
        .setTenantId(target.tenant())
        .setTargetType(target.type())
        .setTarget(target.id())
        .setAgentId(target.agent())
        .setRootRunId(target.type() == TargetType.RUN ? target.id() : null)
        .setPolicyId(episode.policyId)
        .setPolicyVersion(episode.policyVersion)
        .setCommandId(commandId)
        .setSpend(spend.toBigDecimal())
        .setCurrency(currency)
        .setEvidence(numbers)
        .setEventTime(Times.instant(eventMicros))
        .setIssuedAt(Times.instant(nowMicros))
        .build();
  }

  static String episodeId(Target target, Episode episode) {
    return id("eps", target, episode, "");
  }

  /** The same facts give the same id, whatever crashed in between. */
  private static String id(String prefix, Target target, Episode episode, String part) {
    String facts = target.identity(episode.policyId, episode.ordinal) + '\u0000' + part;
    return prefix + "-" + UUID.nameUUIDFromBytes(facts.getBytes(StandardCharsets.UTF_8));
  }
}
