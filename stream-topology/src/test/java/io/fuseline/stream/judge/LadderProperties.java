package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.PolicySet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** A budget of 100 pico-units, so that the measure is its own percentage. */
class LadderProperties {
  private static final long HOUR = 60 * Times.MICROS_PER_MINUTE;

  private static final String THREE_RUNGS =
      budget(
          "enforce",
          "{at: 80%, action: throttle, caps: {cooldown_ms: 1000}}",
          "{at: 100%, action: pause}",
          "{at: 150%, within: 1h, action: kill}");

  private final Climb climb = new Climb(TargetType.AGENT, "coder");

  @Example
  void shouldSendOneCommandPerRung() {
    Policy policy = policy(THREE_RUNGS);

    climb.to(policy, 79, 0).to(policy, 80, 1).to(policy, 99, 2).to(policy, 100, 3);
    climb.to(policy, 149, 4).to(policy, 150, 5).to(policy, 900, 6);

    assertThat(climb.actions()).containsExactly(Action.THROTTLE, Action.PAUSE, Action.KILL);
    assertThat(climb.states()).containsExactly("OPEN", "ESCALATED", "ESCALATED");
    assertThat(climb.epochs()).containsExactly(1L, 3L, 5L); // the clock stood at these
  }

  @Example
  void shouldRaiseTheEpochEvenWhenTheClockStandsStill() {
    Policy policy = policy(THREE_RUNGS);

    climb.to(policy, 80, 7).to(policy, 100, 7).close(5);

    assertThat(climb.epochs()).containsExactly(7L, 8L, 9L);
  }

  @Example
  void shouldGiveOnlyTheHighestWhenRungsAreJumpedOver() {
    climb.to(policy(THREE_RUNGS), 1000, 0);

    assertThat(climb.actions()).containsExactly(Action.KILL);
    assertThat(climb.states()).containsExactly("OPEN");
    assertThat(climb.alerts.get(0).getCommandId()).isEqualTo(climb.commands.get(0).getCommandId());
  }

  @Example
  void shouldKillWhenTheLimitIsExceededByHalfWithinAnHour() {
    Policy policy = policy(THREE_RUNGS);

    climb.to(policy, 100, 0).to(policy, 150, HOUR);

    assertThat(climb.actions()).containsExactly(Action.PAUSE, Action.KILL);
  }

  @Example
  void shouldNotKillWhenTheClimbIsTooSlow() {
    Policy policy = policy(THREE_RUNGS);

    climb.to(policy, 100, 0).to(policy, 150, HOUR + 1).to(policy, 400, 2 * HOUR);

    assertThat(climb.actions()).containsExactly(Action.PAUSE);
  }

  @Example
  void shouldNotKillForALateSpanWhenTheClimbWasTooSlow() {
    Policy policy = policy(THREE_RUNGS);
    climb.to(policy, 100, 0).to(policy, 150, 2 * HOUR);

    climb.to(policy, 151, HOUR / 2); // its event time lies within the hour, the climb did not

    assertThat(climb.actions()).containsExactly(Action.PAUSE);
  }

  @Example
  void shouldPassOverARungThatWasTooSlow() {
    Policy policy =
        policy(
            budget(
                "enforce",
                "{at: 100%, action: alert}",
                "{at: 150%, within: 1h, action: pause}",
                "{at: 200%, action: kill}"));

    climb.to(policy, 100, 0).to(policy, 160, 2 * HOUR).to(policy, 200, 3 * HOUR);

    assertThat(climb.actions()).containsExactly(Action.KILL);
  }

  @Example
  void shouldSendNothingInShadowAndWarn() {
    for (String mode : List.of("shadow", "warn")) {
      climb.book = new EpisodeBook();

      climb.to(policy(THREE_RUNGS.replace("enforce", mode)), 1000, 0);
      climb.close(0);
    }

    assertThat(climb.actions()).isEmpty();
    assertThat(climb.states()).containsExactly("OPEN", "CLOSED", "OPEN", "CLOSED");
    assertThat(climb.alerts.get(0).getMode()).hasToString("SHADOW");
  }

  @Example
  void shouldSendWhatIsOwedWhenShadowBecomesEnforce() {
    Policy shadow = policy(THREE_RUNGS.replace("enforce", "shadow"));
    Policy enforced = policy(THREE_RUNGS);
    climb.to(shadow, 120, 0);

    climb.to(enforced, 121, 1).to(enforced, 122, 2);

    assertThat(climb.actions()).containsExactly(Action.PAUSE);
    assertThat(climb.alertIds()).doesNotHaveDuplicates().hasSize(2);
    assertThat(climb.alerts.get(1).getPolicyVersion()).isEqualTo(enforced.version());
  }

  @Example
  void shouldRestoreNamingWhatItReversesWhenAPauseIsLifted() {
    Policy policy = policy(THREE_RUNGS);
    climb.to(policy, 80, 0).to(policy, 100, 1);

    climb.close(2);

    assertThat(climb.actions()).containsExactly(Action.THROTTLE, Action.PAUSE, Action.RESTORE);
    Command restore = climb.commands.get(2);
    assertThat(restore.getReverses()).isEqualTo(climb.commands.get(1).getCommandId());
    assertThat(restore.getApprovedBy()).isEqualTo("policy cap");
    assertThat(restore.getEpisodeId()).isEqualTo(climb.commands.get(1).getEpisodeId());
    assertThat(restore.getEpoch()).isGreaterThan(climb.commands.get(1).getEpoch());
  }

  @Example
  void shouldRestoreAThrottleWhenOnlyThatWasSent() {
    climb.to(policy(THREE_RUNGS), 80, 0).close(1);

    assertThat(climb.actions()).containsExactly(Action.THROTTLE, Action.RESTORE);
  }

  @Example
  void shouldRestoreNothingWhenOnlyAlertsWereSent() {
    climb.to(policy(budget("enforce", "{at: 80%, action: alert}")), 80, 0).close(1);

    assertThat(climb.actions()).isEmpty();
    assertThat(climb.states()).containsExactly("OPEN", "CLOSED");
  }

  @Example
  void shouldSendNothingMoreToARunThatWasKilled() {
    climb.target = new Target(TargetType.RUN, "acme", "run-1", "coder", List.of("run-1"));
    Policy policy = policy(THREE_RUNGS);
    Policy other = policy(THREE_RUNGS.replace("id: cap", "id: other"));
    climb.to(other, 80, 0).to(policy, 1000, 0);

    climb.to(other, 100, 1).close(2);
    climb.to(policy, 1000, 3);

    assertThat(climb.actions()).containsExactly(Action.THROTTLE, Action.KILL);
    assertThat(climb.states()).endsWith("CLOSED", "CLOSED", "OPEN");
  }

  @Example
  void shouldLiftTheKillOfAnAgentWhenItsCauseIsOver() {
    climb.to(policy(THREE_RUNGS), 1000, 0).close(1);

    assertThat(climb.actions()).containsExactly(Action.KILL, Action.RESTORE);
  }

  @Example
  void shouldHoldBackNothingWhileAnotherPolicyPauses() {
    // What one policy lifts must leave standing what another asks for.
    Policy daily = policy(THREE_RUNGS);
    Policy life = policy(THREE_RUNGS.replace("id: cap", "id: life"));

    climb.to(daily, 1000, 0).to(life, 100, 1);

    assertThat(climb.actions()).containsExactly(Action.KILL, Action.PAUSE);
  }

  @Example
  void shouldKeepAnEpisodeThroughAPolicyWithFewerAndMoreRungs() {
    Policy two = policy(budget("enforce", "{at: 80%, action: alert}", "{at: 100%, action: pause}"));
    Policy one = policy(budget("enforce", "{at: 50%, action: alert}"));
    Policy four =
        policy(
            budget(
                "enforce",
                "{at: 80%, action: alert}",
                "{at: 100%, action: pause}",
                "{at: 200%, within: 1m, action: alert}",
                "{at: 300%, action: kill}"));
    climb.to(two, 100, 0);

    climb.to(one, 110, 1).to(four, 120, 2).to(four, 200, HOUR).to(four, 300, HOUR);

    assertThat(climb.actions()).containsExactly(Action.PAUSE, Action.KILL);
    assertThat(climb.book.open()).hasSize(1);
  }

  @Example
  void shouldGiveTheSameIdsForTheSameFactsAndOthersForAnotherEpisode() {
    Policy policy = policy(THREE_RUNGS);
    Climb again = new Climb(TargetType.AGENT, "coder");
    climb.to(policy, 80, 0).to(policy, 100, 1).close(2);
    again.to(policy, 80, 0).to(policy, 100, 1).close(2);

    assertThat(again.commandIds()).isEqualTo(climb.commandIds());
    assertThat(again.alertIds()).isEqualTo(climb.alertIds());

    climb.to(policy, 80, 3).close(4);
    Climb elsewhere = new Climb(TargetType.TEAM, "coder");
    elsewhere.to(policy, 80, 0);
    assertThat(climb.commandIds()).doesNotHaveDuplicates().hasSize(5);
    assertThat(climb.commandIds()).doesNotContainAnyElementsOf(elsewhere.commandIds());
  }

  @Example
  void shouldSayThatAPolicyWasRemovedWhenItsEpisodeCloses() {
    climb.to(policy(THREE_RUNGS), 100, 0);

    climb.closeAs(null, 1);

    assertThat(climb.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
    Evidence evidence = climb.commands.get(1).getEvidence();
    assertThat(evidence.getRule()).isEqualTo("policy-removed");
    assertThat(evidence.getDetails())
        .containsEntry("opened_by", "at 100%")
        .doesNotContainKey("severity");
  }

  @Example
  void shouldSayHowSevereTheEpisodeWasWhenItCloses() {
    Policy policy =
        policy(
            budget(
                "enforce",
                "{at: 80%, action: alert, severity: page}",
                "{at: 100%, action: kill, severity: warning}"));

    climb.to(policy, 80, 0).to(policy, 100, 1).close(2);

    Alert closing = climb.alerts.get(climb.alerts.size() - 1);
    assertThat(closing.getSeverity()).isEqualTo(Severity.INFO);
    assertThat(closing.getEvidence().getDetails()).containsEntry("severity", "PAGE");
  }

  /**
   * Whatever the measure does: ids once, epochs without gap, never a rung twice, bytes change
   * nothing.
   */
  @Property
  void shouldKeepTheLawsForAnyWalkOfTheMeasure(
      @ForAll @Size(max = 40) List<@IntRange(max = 250) Integer> walk,
      @ForAll @IntRange(min = 1, max = 90) int minutesApart) {
    Policy policy = policy(THREE_RUNGS);
    Climb kept = new Climb(TargetType.AGENT, "coder");
    Climb stored = new Climb(TargetType.AGENT, "coder");
    stored.storesBetween = true;
    long at = 0;
    for (int measure : walk) {
      at += minutesApart * Times.MICROS_PER_MINUTE;
      for (Climb each : List.of(kept, stored)) {
        if (measure < 20) {
          each.close(at);
        } else {
          each.to(policy, measure, at);
        }
      }
    }

    assertThat(stored.commands).isEqualTo(kept.commands);
    assertThat(stored.alerts).isEqualTo(kept.alerts);
    assertThat(kept.commandIds()).doesNotHaveDuplicates();
    assertThat(kept.alertIds()).doesNotHaveDuplicates();
    assertThat(kept.epochs()).isSorted().doesNotHaveDuplicates();
    Set<String> restored = new HashSet<>();
    for (Command command : kept.commands) {
      if (command.getAction() == Action.RESTORE) {
        assertThat(restored.add(command.getEpisodeId())).isTrue();
      } else {
        assertThat(restored).doesNotContain(command.getEpisodeId());
      }
    }
  }

  @Example
  void shouldTellAgainWhileAnEpisodeStandsAtARungThatSaysSo() {
    Policy policy =
        policy(
            budget(
                "enforce", "{at: 80%, action: pause, renotify: 30m}", "{at: 200%, action: kill}"));

    climb.to(policy, 80, 0).to(policy, 81, HOUR / 2 - 1).to(policy, 82, HOUR / 2);
    climb.to(policy, 83, HOUR / 2 + 1).to(policy, 84, 2 * HOUR);

    assertThat(climb.actions()).containsExactly(Action.PAUSE);
    assertThat(climb.states()).containsExactly("OPEN", "ESCALATED", "ESCALATED");
    assertThat(climb.alertIds()).doesNotHaveDuplicates();
    assertThat(climb.alerts.get(2).getEvidence().getDetails()).containsEntry("reminder", "2");
    assertThat(climb.alerts.get(2).getEvidence().getSummary()).startsWith("Still: ");
  }

  private static String budget(String mode, String... rungs) {
    return """
        id: cap
        mode: %s
        rule: {type: budget, per: agent, limit: "0.0000000001"}
        ladder: [%s]
        """
        .formatted(mode, String.join(", ", rungs));
  }

  private static Policy policy(String yaml) {
    PolicySet set = RunUnderTest.policySet(yaml);
    return set.all().get(0);
  }

  /** A target on its way up and down the ladders. */
  private static final class Climb {
    final List<Command> commands = new ArrayList<>();
    final List<Alert> alerts = new ArrayList<>();
    EpisodeBook book = new EpisodeBook();
    Target target;
    boolean storesBetween;
    private final Ladder ladder = new Ladder("USD");
    private Policy newest;

    Climb(TargetType type, String id) {
      target = new Target(type, "acme", id, "coder", List.of("run-1"));
    }

    Climb to(Policy policy, long measure, long eventMicros) {
      newest = policy;
      if (Ladder.touches(policy, measure)) {
        Verdicts out = new Verdicts();
        ladder.climb(
            policy,
            measure,
            book,
            target,
            Amount.ofPico(measure),
            eventMicros,
            eventMicros,
            rung ->
                RunJudge.evidence(
                    "rule", "" + measure, rung.at(), "%", "at " + rung.at(), List.of(), Map.of()),
            out);
        take(out);
      }
      return this;
    }

    void close(long eventMicros) {
      closeAs(newest, eventMicros);
    }

    void closeAs(Policy policy, long eventMicros) {
      for (Episode episode : List.copyOf(book.open())) {
        Verdicts out = new Verdicts();
        ladder.close(
            policy,
            episode,
            book,
            target,
            new Amount(),
            eventMicros,
            eventMicros,
            "It is over.",
            out);
        take(out);
      }
    }

    private void take(Verdicts out) {
      commands.addAll(out.commands());
      alerts.addAll(out.alerts());
      if (storesBetween) {
        BinaryOut bytes = new BinaryOut(16);
        book.write(bytes);
        book = EpisodeBook.read(new BinaryIn(bytes.toBytes()));
      }
    }

    List<Action> actions() {
      return commands.stream().map(Command::getAction).toList();
    }

    List<String> states() {
      return alerts.stream().map(alert -> alert.getState().name()).toList();
    }

    List<Long> epochs() {
      return commands.stream().map(Command::getEpoch).toList();
    }

    List<String> commandIds() {
      return commands.stream().map(Command::getCommandId).toList();
    }

    List<String> alertIds() {
      return alerts.stream().map(Alert::getAlertId).toList();
    }
  }
}
