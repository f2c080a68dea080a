package io.fuseline.alerting.client;

import io.fuseline.alerting.client.Watch.Subject;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Caps;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.TargetType;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides which command reaches whom, and what holds for a run. No Kafka, no clock, no threads: the
 * caller guards it and says what time it is.
 *
 * <p>Per target a command passes once per id, and only with an epoch above all seen before. A
 * command that passed stands until a RESTORE lifts it, so it also holds for runs that start later;
 * the strictest standing command wins. Of one policy only the newest command of each action stands.
 */
final class CommandGate {

  /** Command ids remembered per target; older ones are caught by the epoch alone. */
  static final int REMEMBERED_COMMANDS = 64;

  /** Answers remembered per command, one for each run it concerned. */
  static final int REMEMBERED_ANSWERS = 1024;

  private final String tenant;
  private final int maxTargets;
  // In the order in which commands last touched them, so that forgetting starts at the oldest.
  private final LinkedHashMap<Target, TargetState> targets = new LinkedHashMap<>();
  private final Map<Subject, Watch> watches = new LinkedHashMap<>();

  private long accepted;
  private long duplicates;
  private long stale;

  /**
   * @param tenant commands of other tenants are ignored
   * @param maxTargets targets remembered at most; those watched are kept beyond it
   */
  CommandGate(String tenant, int maxTargets) {
    this.tenant = tenant;
    this.maxTargets = maxTargets;
  }

  /** What became of a command. */
  enum Verdict {
    ACCEPTED,
    DUPLICATE,
    STALE,
    OTHER_TENANT
  }

  /** An answer given for a command, to be written (again). */
  record Answer(Subject subject, Ack ack) {}

  /**
   * @param deliverTo watches whose handler is to be called
   * @param answers answers to write without calling a handler
   */
  record Outcome(Verdict verdict, List<Watch> deliverTo, List<Answer> answers) {}

  /**
   * What holds for a run now.
   *
   * @param kill the command that stopped it, or null
   * @param pause the newest command it rests under, or null
   * @param caps the tightest limits of all standing THROTTLEs
   */
  record Standing(Command kill, Command pause, Optional<Caps> caps) {}

  /** Takes a command as it was read. */
  Outcome offer(Command command, Instant now) {
    var target = Target.of(command);
    if (!tenant.equals(target.tenant())) {
      return new Outcome(Verdict.OTHER_TENANT, List.of(), List.of());
    }
    var state = touch(target, now);
    var given = state.answers.get(command.getCommandId());
    if (given != null) {
      duplicates++;
      state.fence = Math.max(state.fence, command.getEpoch());
      return new Outcome(Verdict.DUPLICATE, List.of(), given.asList());
    }
    if (command.getEpoch() <= state.fence) {
      stale++;
      return new Outcome(Verdict.STALE, List.of(), List.of());
    }
    accepted++;
    state.accept(command);
    var concerned = watches.values().stream().filter(w -> w.isConcernedBy(target)).toList();
    return new Outcome(
        Verdict.ACCEPTED, concerned, isRunWeLost(command, concerned) ? lost(command) : List.of());
  }

  /**
   * Starts a watch.
   *
   * @return the commands that already hold for it, in the order in which they were issued
   * @throws IllegalStateException if the run or agent is watched already
   */
  List<Command> watch(Watch watch) {
    if (watches.putIfAbsent(watch.subject(), watch) != null) {
      throw new IllegalStateException(
          watch.type() + " " + watch.id() + " is watched already; unwatch it first");
    }
    return standing(watch.attributes())
        .sorted(Comparator.comparing(Command::getIssuedAt).thenComparing(Command::getEpoch))
        .toList();
  }

  void unwatch(Subject subject) {
    watches.remove(subject);
  }

  /** The watch of a run; null when it is not watched. */
  Watch watchOf(String rootRunId) {
    return watches.get(new Subject(TargetType.RUN, rootRunId));
  }

  /** Keeps an answer, to be given again when the command comes again. */
  void answered(Command command, Subject subject, Ack ack) {
    var state = targets.get(Target.of(command));
    if (state != null && state.answers.containsKey(command.getCommandId())) {
      state.answers.get(command.getCommandId()).put(subject, ack);
    }
  }

  /**
   * What holds for a run; of a run that is not watched only commands for the run itself are known.
   */
  Standing standingOf(String rootRunId) {
    var watch = watchOf(rootRunId);
    var attributes = watch == null ? Map.of(TargetType.RUN, rootRunId) : watch.attributes();
    var all = standing(attributes).toList();
    return new Standing(
        newest(all, List.of(Action.KILL)),
        newest(all, List.of(Action.PAUSE, Action.REQUIRE_APPROVAL)),
        TightestCaps.of(
            all.stream()
                .filter(c -> c.getAction() == Action.THROTTLE && c.getCaps() != null)
                .map(Command::getCaps)
                .toList()));
  }

  /** Forgets targets that nobody watches and that no command touched since {@code horizon}. */
  void forgetBefore(Instant horizon) {
    var surplus = targets.size() - maxTargets;
    var oldestFirst = targets.entrySet().iterator();
    while (oldestFirst.hasNext()) {
      var entry = oldestFirst.next();
      if (surplus <= 0 && !entry.getValue().touchedAt.isBefore(horizon)) {
        return;
      }
      if (watches.values().stream().noneMatch(w -> w.isConcernedBy(entry.getKey()))) {
        oldestFirst.remove();
        surplus--;
      }
    }
  }

  int targetsKnown() {
    return targets.size();
  }

  /** Commands that passed, came again, or came too late. */
  KillSwitch.Counts counts() {
    return new KillSwitch.Counts(accepted, duplicates, stale);
  }

  private TargetState touch(Target target, Instant now) {
    var known = targets.remove(target);
    var state = known == null ? new TargetState() : known;
    state.touchedAt = now;
    targets.put(target, state);
    return state;
  }

  private Stream<Command> standing(Map<TargetType, String> attributes) {
    return attributes.entrySet().stream()
        .map(a -> targets.get(new Target(tenant, a.getKey(), a.getValue())))
        .filter(state -> state != null)
        .flatMap(state -> state.standing.values().stream());
  }

  private static Command newest(Collection<Command> commands, Collection<Action> actions) {
    return commands.stream()
        .filter(c -> actions.contains(c.getAction()))
        .max(Comparator.comparing(Command::getIssuedAt))
        .orElse(null);
  }

  private boolean isRunWeLost(Command command, List<Watch> concerned) {
    return concerned.isEmpty()
        && command.getTargetType() == TargetType.RUN
        && command.getAgentId() != null
        && watches.containsKey(new Subject(TargetType.AGENT, command.getAgentId()));
  }

  private List<Answer> lost(Command command) {
    var subject = new Subject(TargetType.RUN, command.getTarget());
    var ack = Ack.unknownTarget("this runtime serves the agent, but has no such run");
    answered(command, subject, ack);
    return List.of(new Answer(subject, ack));
  }

  /** Answers to one command by those who gave them, the oldest forgotten first. */
  private static final class Answers extends Bounded<Subject, Ack> {
    private static final long serialVersionUID = 1L;

    Answers() {
      super(REMEMBERED_ANSWERS);
    }

    List<Answer> asList() {
      return entrySet().stream().map(e -> new Answer(e.getKey(), e.getValue())).toList();
    }
  }

  private static class Bounded<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;
    private final int limit;

    Bounded(int limit) {
      this.limit = limit;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > limit;
    }
  }

  private static final class TargetState {
    private long fence = Long.MIN_VALUE;
    private Instant touchedAt = Instant.EPOCH;
    private final Map<String, Answers> answers = new Bounded<>(REMEMBERED_COMMANDS);
    // By command id, in rising epochs; at most one per policy and action.
    private final LinkedHashMap<String, Command> standing = new LinkedHashMap<>();

    void accept(Command command) {
      fence = command.getEpoch();
      answers.put(command.getCommandId(), new Answers());
      switch (command.getAction()) {
        case KILL, PAUSE, REQUIRE_APPROVAL, THROTTLE -> stand(command);
        case RESTORE -> lift(command);
        case ALERT -> {} // says something, asks for nothing
      }
    }

    private void stand(Command command) {
      standing
          .values()
          .removeIf(
              c ->
                  c.getAction() == command.getAction()
                      && c.getPolicyId().equals(command.getPolicyId()));
      standing.put(command.getCommandId(), command);
    }

    /**
     * Undoes the command named, and what its episode had sent before it; all when none is named.
     */
    private void lift(Command restore) {
      if (restore.getReverses() == null) {
        standing.clear();
        return;
      }
      var reversed = standing.get(restore.getReverses());
      var episode = reversed == null ? restore.getEpisodeId() : reversed.getEpisodeId();
      var upTo = reversed == null ? restore.getEpoch() : reversed.getEpoch();
      standing.values().removeIf(c -> c.getEpisodeId().equals(episode) && c.getEpoch() <= upTo);
    }
  }
}
