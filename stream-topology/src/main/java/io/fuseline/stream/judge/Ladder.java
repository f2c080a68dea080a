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
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Rung;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Climbs a policy's ladder: opens an episode at the first rung, escalates it, closes it. A measure
 * that jumps over several rungs gives one alert and one command, those of the highest.
 */
final class Ladder {
  /** An acknowledgement is due this long after a command was issued. */
  static final long ACK_DEADLINE_SECONDS = 10;

  /** Why a budget's episode is closed when what was spent turns out to be less. */
  static final String PRICES_CORRECTED =
      "Prices were corrected, and the spend no longer reaches the rung that was acted upon.";

  private static final long MICROS_PER_MILLI = 1000;

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

  /** True when the measure still stands at or over the rung that the episode has reached. */
  static boolean holds(Policy policy, Episode episode, long measure) {
    int rung = Math.min(episode.rung, policy.ladder().size() - 1); // it may have lost rungs since
    return measure >= policy.ladder().get(rung).threshold();
  }

  /**
   * Judges one measure. Does nothing unless a rung is newly reached, or the policy has come to ask
   * for more at the rung that was reached (it went from shadow to enforce, or its action became
   * stricter).
   */
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
    Episode episode = book.openFor(policy.id(), target.part());
    boolean opens = episode == null;
    int before = opens ? -1 : episode.rung;
    if (opens) {
      episode =
          book.openNew(policy.id(), policy.version(), eventMicros, spend, policy.ladder().size());
      episode.part = target.part();
    }
    int reached = highestReached(policy, measure, episode, eventMicros);
    boolean owed = reached == before && owesCommand(policy, measure, episode, book);
    if (reached == before && !owed) {
      remind(policy, episode, target, spend, eventMicros, nowMicros, evidence, out);
      return;
    }
    Rung rung = policy.ladder().get(reached);
    episode.reach(reached, eventMicros);
    episode.toldAt = nowMicros;
    if (rung.renotify() != null) {
      out.lookAt(nowMicros + micros(rung.renotify()));
    }
    episode.action = rung.action();
    Evidence numbers = evidence.at(rung);
    episode.summary = numbers.getSummary();

    Command command = null;
    if (policy.mode() == PolicyMode.ENFORCE && rung.action() != Action.ALERT && !book.killed()) {
      command =
          command(
              policy, rung, reached, episode, book, target, spend, eventMicros, nowMicros, numbers);
      out.commands().add(command);
      episode.send(rung.action(), command.getCommandId(), nowMicros);
      if (rung.action() == Action.REQUIRE_APPROVAL && rung.approvalTimeout() != null) {
        episode.approvalDue = nowMicros + micros(rung.approvalTimeout());
        out.lookAt(episode.approvalDue);
      }
      if (rung.action() == Action.KILL
          && target.type() == TargetType.RUN
          && target.part() == null) {
        book.setKilled();
      }
    }
    out.alerts()
        .add(
            alert(
                policy.mode(),
                policy.version(),
                rung.severity(),
                opens ? EpisodeState.OPEN : EpisodeState.ESCALATED,
                episode,
                target,
                command == null ? null : command.getCommandId(),
                spend,
                eventMicros,
                nowMicros,
                numbers));
  }

  /** Tells people again of an episode that goes on, although nothing comes of its target. */
  void remind(
      Policy policy,
      Episode episode,
      Target target,
      Amount spend,
      long eventMicros,
      long nowMicros,
      Verdicts out) {
    if (policy != null) {
      remind(
          policy,
          episode,
          target,
          spend,
          eventMicros,
          nowMicros,
          rung ->
              RunJudge.evidence(
                  policy.rule().type(),
                  "1",
                  "1",
                  "open episodes",
                  episode.summary,
                  List.of(),
                  Map.of("opened_at", Times.instant(episode.openedAt).toString())),
          out);
    }
  }

  private void remind(
      Policy policy,
      Episode episode,
      Target target,
      Amount spend,
      long eventMicros,
      long nowMicros,
      EvidenceSource evidence,
      Verdicts out) {
    if (episode.rung >= policy.ladder().size()) {
      return; // the policy has lost rungs
    }
    Rung rung = policy.ladder().get(episode.rung);
    if (rung.renotify() == null
        || episode.acknowledged
        || nowMicros < episode.toldAt + micros(rung.renotify())) {
      return;
    }
    episode.toldAt = nowMicros;
    out.lookAt(nowMicros + micros(rung.renotify()));
    episode.reminders++;
    Evidence numbers = evidence.at(rung);
    Map<String, String> details = new TreeMap<>(numbers.getDetails());
    details.put("reminder", String.valueOf(episode.reminders));
    Evidence again =
        Evidence.newBuilder(numbers)
            .setSummary("Still: " + numbers.getSummary())
            .setDetails(details)
            .build();
    out.alerts()
        .add(
            alert(
                policy.mode(),
                policy.version(),
                rung.severity(),
                EpisodeState.ESCALATED,
                episode,
                target,
                null,
                spend,
                eventMicros,
                nowMicros,
                again));
  }

  /**
   * Under which measure the episode closes: what its rung says, else what the rule says.
   *
   * @param otherwise the rule's own, when the rung says nothing
   */
  static long falling(Policy policy, Episode episode, long otherwise) {
    Long own = reached(policy, episode).falling();
    return own == null ? otherwise : own;
  }

  /** True while the rung that was reached may not yet be let go by its measure. */
  static boolean isCooling(Policy policy, Episode episode, long eventMicros) {
    Duration cooldown = reached(policy, episode).cooldown();
    return cooldown != null && eventMicros < episode.escalatedAt + micros(cooldown);
  }

  /** The rung an episode has reached; the highest there is when the policy has lost rungs since. */
  static Rung reached(Policy policy, Episode episode) {
    return policy.ladder().get(Math.max(0, Math.min(episode.rung, policy.ladder().size() - 1)));
  }

  private static long micros(Duration duration) {
    return duration.toMillis() * MICROS_PER_MILLI;
  }

  /**
   * The highest rung the measure stands at, never lower than the one reached before. A rung with
   * {@code within} is decided once, when its threshold is first crossed.
   */
  private static int highestReached(
      Policy policy, long measure, Episode episode, long eventMicros) {
    int reached = episode.rung;
    for (int i = 0; i < policy.ladder().size(); i++) {
      Rung rung = policy.ladder().get(i);
      if (measure < rung.threshold()) {
        break;
      }
      episode.cross(i, eventMicros);
      boolean tooSlow =
          rung.within() != null && i > 0 && episode.climbMicros(i) > micros(rung.within());
      if (!tooSlow) {
        reached = Math.max(reached, i);
      }
    }
    return reached;
  }

  private static boolean owesCommand(
      Policy policy, long measure, Episode episode, EpisodeBook book) {
    if (policy.mode() != PolicyMode.ENFORCE
        || book.killed()
        || episode.rung >= policy.ladder().size()) {
      return false;
    }
    Rung rung = policy.ladder().get(episode.rung);
    return rung.action() != Action.ALERT
        && episode.rung > episode.approved
        && measure >= rung.threshold()
        && (episode.sent == null || rung.action().compareTo(episode.sent) > 0);
  }

  /**
   * Does what people have decided about an episode: lets its target go on, or denies what was asked
   * for; an approval that has not come in time is denied too. The episode stays open: a higher rung
   * is acted upon again, the one that was decided on is not.
   */
  void decide(
      Policy policy,
      Episode episode,
      EpisodeBook book,
      Target target,
      Amount spend,
      Raises raises,
      long eventMicros,
      long nowMicros,
      Verdicts out) {
    if (policy == null || policy.mode() != PolicyMode.ENFORCE || book.killed()) {
      return;
    }
    List<Raises.Said> said = raises.said(policy.id(), target.type(), target.tenant(), target.id());
    if (said.isEmpty() && (episode.approvalDue == 0 || nowMicros < episode.approvalDue)) {
      return;
    }
    Decided decided = new Decided(said, episode);
    Evidence known = episode.acknowledged ? null : decided.acknowledged(policy);
    if (known != null) {
      episode.acknowledged = true;
      tell(
          policy,
          episode,
          target,
          "acknowledged",
          null,
          Severity.INFO,
          spend,
          eventMicros,
          nowMicros,
          known,
          out);
    }
    if (episode.sent == null) {
      return;
    }
    Rung rung = reached(policy, episode);
    Evidence denied = decided.denied(policy, rung, nowMicros);
    if (denied != null) {
      deny(policy, rung, episode, book, target, spend, eventMicros, nowMicros, denied, out);
      return;
    }
    Evidence approved = decided.approved(policy, rung);
    if (approved != null && isOfOneAction(policy)) {
      // The next action is another matter: it is asked for again.
      close(
          policy,
          episode,
          book,
          target,
          spend,
          eventMicros,
          nowMicros,
          approved.getSummary(),
          approved.getDetails().get(Decided.BY),
          Map.of(),
          out);
    } else if (approved != null) {
      Command restore =
          commandDraft(episode, book, target, spend, eventMicros, nowMicros, approved)
              .setCommandId(id("cmd", target, episode, "approved rung " + episode.rung))
              .setAction(Action.RESTORE)
              .setReason(approved.getSummary())
              .setReverses(episode.commandIds.get(episode.commandIds.size() - 1))
              .setApprovedBy(approved.getDetails().get(Decided.BY))
              .build();
      out.commands().add(restore);
      episode.approved = episode.rung;
      episode.sent = null;
      episode.approvalDue = 0;
      tell(
          policy,
          episode,
          target,
          "approved rung " + episode.rung,
          restore,
          Severity.INFO,
          spend,
          eventMicros,
          nowMicros,
          approved,
          out);
    }
  }

  private static boolean isOfOneAction(Policy policy) {
    return policy.rule() instanceof Rule.Budget budget && budget.of() == Rule.Usage.ACTION_VALUE;
  }

  private void deny(
      Policy policy,
      Rung rung,
      Episode episode,
      EpisodeBook book,
      Target target,
      Amount spend,
      long eventMicros,
      long nowMicros,
      Evidence numbers,
      Verdicts out) {
    String part = "denied " + part(episode.rung, rung.denied());
    Command command =
        commandDraft(episode, book, target, spend, eventMicros, nowMicros, numbers)
            .setCommandId(id("cmd", target, episode, part))
            .setAction(rung.denied())
            .setReason(numbers.getSummary())
            .setPolicyVersion(policy.version())
            .build();
    out.commands().add(command);
    episode.send(rung.denied(), command.getCommandId(), nowMicros);
    episode.action = rung.denied();
    if (rung.denied() == Action.KILL && target.type() == TargetType.RUN && target.part() == null) {
      book.setKilled();
    }
    tell(
        policy,
        episode,
        target,
        part,
        command,
        rung.severity(),
        spend,
        eventMicros,
        nowMicros,
        numbers,
        out);
  }

  /** Writes down what people, or their silence, have decided. */
  private void tell(
      Policy policy,
      Episode episode,
      Target target,
      String part,
      Command command,
      Severity severity,
      Amount spend,
      long eventMicros,
      long nowMicros,
      Evidence numbers,
      Verdicts out) {
    Alert told =
        alert(
            policy.mode(),
            policy.version(),
            severity,
            EpisodeState.ESCALATED,
            episode,
            target,
            command == null ? null : command.getCommandId(),
            spend,
            eventMicros,
            nowMicros,
            numbers);
    told.setAlertId(id("alt", target, episode, part));
    out.alerts().add(told);
  }

  /**
   * Closes an episode and lifts what it had sent; what other episodes of the target have sent
   * stands. Only the KILL of a run is final: a run that was killed has ended. The KILL of a wider
   * scope ended its runs too, but once its cause is over the scope may start new ones.
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
    close(
        policy,
        episode,
        book,
        target,
        spend,
        eventMicros,
        nowMicros,
        why,
        "policy " + episode.policyId,
        Map.of(),
        out);
  }

  /**
   * Closes an episode as above.
   *
   * @param approvedBy who lets it go, for the record
   * @param details further facts of the evidence
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
      String approvedBy,
      Map<String, String> details,
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
            .setDetails(closing(policy, episode, details))
            .build();
    Command restore = null;
    if (episode.sent != null && !book.killed()) {
      restore = restore(episode, book, target, spend, eventMicros, nowMicros, numbers, approvedBy);
      out.commands().add(restore);
    }
    out.alerts()
        .add(
            alert(
                policy == null ? PolicyMode.WARN : policy.mode(),
                episode.policyVersion,
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

  /** Also how severe the episode was at its worst, so that whoever was told hears of its end. */
  private static Map<String, String> closing(
      Policy policy, Episode episode, Map<String, String> details) {
    Map<String, String> all = new TreeMap<>(details);
    all.put("opened_by", episode.summary);
    if (policy != null && episode.rung >= 0 && episode.rung < policy.ladder().size()) {
      Severity worst =
          Collections.max(
              policy.ladder().subList(0, episode.rung + 1).stream().map(Rung::severity).toList());
      all.put("severity", worst.name());
    }
    return all;
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
        .setCommandId(id("cmd", target, episode, part(index, rung.action())))
        .setAction(rung.action())
        .setCaps(rung.caps())
        .setReason(numbers.getSummary())
        .setPolicyVersion(policy.version())
        .build();
  }

  /**
   * Ends a run that has begun under an agent which was told to end. The run has its own epochs; the
   * last microsecond of this millisecond is above all of them so far.
   *
   * @param agent the agent that was told to end
   */
  void endNewcomer(
      Policy policy,
      Episode episode,
      Target agent,
      String rootRunId,
      Amount spend,
      long eventMicros,
      long nowMicros,
      Verdicts out) {
    String kill = episode.commandIds.get(episode.commandIds.size() - 1);
    Evidence numbers =
        Evidence.newBuilder()
            .setRule(policy.rule().type())
            .setMeasured("1")
            .setThreshold("1")
            .setUnit("kills of its agent")
            .setSummary(
                "Run %s has begun although agent %s was told to end: %s"
                    .formatted(rootRunId, agent.id(), episode.summary))
            .setSpanIds(List.of())
            .setDetails(Map.of("agent_command", kill))
            .build();
    out.commands()
        .add(
            Command.newBuilder()
                .setCommandId(id("cmd", agent, episode, "newcomer " + rootRunId))
                .setAction(Action.KILL)
                .setTenantId(agent.tenant())
                .setTargetType(TargetType.RUN)
                .setTarget(rootRunId)
                .setEpoch(nowMicros + MICROS_PER_MILLI - 1)
                .setAgentId(agent.id())
                .setTeam(agent.team())
                .setProject(agent.project())
                .setRootRunIds(List.of(rootRunId))
                .setReason(numbers.getSummary())
                .setEvidence(numbers)
                .setPolicyId(episode.policyId)
                .setPolicyVersion(policy.version())
                .setEpisodeId(episodeId(agent, episode))
                .setSpend(spend.toBigDecimal())
                .setCurrency(currency)
                .setEventTime(Times.instant(eventMicros))
                .setIssuedAt(Times.instant(nowMicros))
                .setDeadline(
                    Times.instant(nowMicros).plus(ACK_DEADLINE_SECONDS, ChronoUnit.SECONDS))
                .build());
  }

  private Command restore(
      Episode episode,
      EpisodeBook book,
      Target target,
      Amount spend,
      long eventMicros,
      long nowMicros,
      Evidence numbers,
      String approvedBy) {
    return commandDraft(episode, book, target, spend, eventMicros, nowMicros, numbers)
        .setCommandId(id("cmd", target, episode, "restore"))
        .setAction(Action.RESTORE)
        .setReason(numbers.getSummary())
        .setReverses(episode.commandIds.get(episode.commandIds.size() - 1))
        .setApprovedBy(approvedBy)
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
        .setEpoch(book.nextEpoch(nowMicros))
        .setAgentId(target.agent())
        .setTeam(target.team())
        .setProject(target.project())
        .setRootRunIds(List.copyOf(target.rootRuns()))
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
      String policyVersion,
      Severity severity,
      EpisodeState state,
      Episode episode,
      Target target,
      String commandId,
      Amount spend,
      long eventMicros,
      long nowMicros,
      Evidence numbers) {
    String part =
        state == EpisodeState.CLOSED
            ? "closed"
            : part(episode.rung, episode.action)
                + " "
                + mode.name()
                + (numbers.getDetails().containsKey("reminder")
                    ? " reminder " + episode.reminders
                    : "");
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
        .setTeam(target.team())
        .setProject(target.project())
        .setRootRunId(target.type() == TargetType.RUN ? target.rootRuns().get(0) : null)
        .setPolicyId(episode.policyId)
        .setPolicyVersion(policyVersion)
        .setCommandId(commandId)
        .setSpend(spend.toBigDecimal())
        .setCurrency(currency)
        .setEvidence(numbers)
        .setEventTime(Times.instant(eventMicros))
        .setIssuedAt(Times.instant(nowMicros))
        .build();
  }

  private static String part(int rung, Action action) {
    return "rung " + rung + " " + action.name();
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
