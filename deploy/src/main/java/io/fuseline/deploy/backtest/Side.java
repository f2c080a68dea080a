package io.fuseline.deploy.backtest;

import io.fuseline.deploy.replay.DeadLetter;
import io.fuseline.deploy.replay.PricedArrival;
import io.fuseline.deploy.replay.ReplayListener;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.PolicyMode;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.judge.Amount;
import io.fuseline.stream.judge.Booking;
import io.fuseline.stream.judge.RunJudge;
import io.fuseline.stream.judge.Times;
import io.fuseline.stream.judge.Verdicts;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.Subject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What one set of policies decides, and what is spent after it has stopped something. */
final class Side implements ReplayListener {
  private final PolicySet policies;
  private final PastRuns runs;
  private final SortedMap<String, Counts> counts = new TreeMap<>();
  private final List<Stop> stops = new ArrayList<>();
  private final Map<String, Stop> byEpisode = new HashMap<>();
  private final Map<Target, List<Stop>> standing = new HashMap<>();
  private final SortedMap<Long, Amount> costAfterByMinute = new TreeMap<>();
  private long rejected;

  Side(PolicySet policies, PastRuns runs) {
    this.policies = policies;
    this.runs = runs;
    for (Policy policy : policies.all()) {
      counts.put(policy.id(), new Counts(policy.rule().type(), policy.mode()));
    }
  }

  /** What a policy said and sent, without its stops. */
  static final class Counts {
    final String detector;
    final PolicyMode mode;
    long alerts;
    long throttles;
    long stopsNotSent;

    Counts(String detector, PolicyMode mode) {
      this.detector = detector;
      this.mode = mode;
    }
  }

  private record Target(TargetType type, String tenant, String id) {}

  @Override
  public void onDeadLetter(DeadLetter letter) {
    rejected++;
  }

  @Override
  public void onDuplicate() {
    // Changed nothing.
  }

  @Override
  public void onSpan(PricedArrival arrival, RunJudge.Result result) {
    long pico =
        (result.booked() == null ? 0 : result.booked().cost())
            + (result.reversed() == null ? 0 : result.reversed().cost());
    int spans =
        (result.booked() == null ? 0 : result.booked().spans())
            + (result.reversed() == null ? 0 : result.reversed().spans());
    runs.add(arrival, spans, pico);
    if (result.booked() != null && !standing.isEmpty()) {
      holdBack(arrival, result.booked(), pico);
    }
  }

  /** Money goes to the stop that came first, so that none is counted twice. */
  private void holdBack(PricedArrival arrival, Booking booked, long pico) {
    Instant start = arrival.span().span().getStartTime();
    long startMicros = start == null ? booked.eventMicros() : Times.micros(start);
    Stop first = null;
    for (Target target : targets(booked)) {
      for (Stop stop : standing.getOrDefault(target, List.of())) {
        if (stop.isBefore(startMicros) && concerns(stop, booked)) {
          stop.hit(booked.rootRunId());
          if (first == null || stop.ordinal() < first.ordinal()) {
            first = stop;
          }
        }
      }
    }
    if (first != null) {
      first.add(booked.rootRunId(), pico);
      costAfterByMinute
          .computeIfAbsent(
              Math.floorDiv(booked.eventMicros(), Times.MICROS_PER_MINUTE), m -> new Amount())
          .add(pico);
    }
  }

  private boolean concerns(Stop stop, Booking booked) {
    return stop.part() == null || runs.isWithin(booked.rootRunId(), booked.runId(), stop.part());
  }

  /** All that a stop which concerns the span may be about. */
  private static List<Target> targets(Booking booked) {
    Subject subject = booked.subject();
    String tenant = subject.tenant();
    List<Target> targets = new ArrayList<>();
    targets.add(new Target(TargetType.RUN, tenant, booked.rootRunId()));
    targets.add(new Target(TargetType.AGENT, tenant, subject.agent()));
    targets.add(new Target(TargetType.TEAM, tenant, subject.team()));
    targets.add(new Target(TargetType.PROJECT, tenant, subject.project()));
    targets.add(new Target(TargetType.WORKFLOW, tenant, subject.workflow()));
    targets.add(new Target(TargetType.COST_CENTRE, tenant, subject.costCentre()));
    targets.add(new Target(TargetType.TENANT, tenant, tenant));
    targets.add(new Target(TargetType.TOOL, tenant, booked.tool()));
    targets.add(new Target(TargetType.MODEL, tenant, booked.model()));
    return targets;
  }

  @Override
  public void onVerdicts(Verdicts verdicts) {
    for (Command command : verdicts.commands()) {
      take(command);
    }
    for (Alert alert : verdicts.alerts()) {
      if (alert.getState() != EpisodeState.CLOSED) {
        Counts of = countsOf(alert.getPolicyId(), alert.getEvidence().getRule());
        of.alerts++;
        if (alert.getMode() != PolicyMode.ENFORCE && Stop.isStopping(alert.getAction())) {
          of.stopsNotSent++;
        }
      }
    }
  }

  private void take(Command command) {
    Stop known = byEpisode.get(command.getEpisodeId());
    if (command.getAction() == Action.THROTTLE) {
      countsOf(command.getPolicyId(), command.getEvidence().getRule()).throttles++;
    } else if (command.getAction() == Action.RESTORE) {
      if (known != null) {
        known.lift(command.getIssuedAt());
        byEpisode.remove(command.getEpisodeId());
        standing.get(target(known)).remove(known);
      }
    } else if (Stop.isStopping(command.getAction())) {
      if (known != null) {
        known.escalate(command.getAction());
        return;
      }
      Stop stop =
          new Stop(
              command,
              countsOf(command.getPolicyId(), command.getEvidence().getRule()).detector,
              stops.size());
      stops.add(stop);
      byEpisode.put(command.getEpisodeId(), stop);
      standing.computeIfAbsent(target(stop), target -> new ArrayList<>()).add(stop);
    }
  }

  /** Built-in policies are in no set. */
  private Counts countsOf(String policyId, String detector) {
    return counts.computeIfAbsent(policyId, id -> new Counts(detector, PolicyMode.WARN));
  }

  private static Target target(Stop stop) {
    Command command = stop.command();
    return new Target(
        command.getTargetType(),
        command.getTenantId(),
        stop.part() == null ? command.getTarget() : command.getRootRunIds().get(0));
  }

  PastRuns runs() {
    return runs;
  }

  PolicySet policies() {
    return policies;
  }

  SortedMap<String, Counts> counts() {
    return counts;
  }

  List<Stop> stops() {
    return stops;
  }

  /** What would not have been spent, by minute since the epoch. */
  SortedMap<Long, Amount> costAfterByMinute() {
    return costAfterByMinute;
  }

  long rejected() {
    return rejected;
  }
}
