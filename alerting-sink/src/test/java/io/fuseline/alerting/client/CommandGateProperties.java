package io.fuseline.alerting.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.alerting.Records;
import io.fuseline.alerting.client.CommandGate.Standing;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.TargetType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** However commands arrive: twice, late, between each other. */
class CommandGateProperties {
  private static final String RUN = "r1";
  private static final String AGENT = "a1";

  @Property
  void shouldCallAHandlerOncePerIdAndInRisingEpochsWhateverArrives(
      @ForAll("arrivals") List<Command> arrivals) {
    var obeyed = obey(newGate(), arrivals);

    assertThat(obeyed.stream().map(Command::getCommandId)).doesNotHaveDuplicates();
    for (var type : List.of(TargetType.RUN, TargetType.AGENT)) {
      assertThat(obeyed.stream().filter(c -> c.getTargetType() == type).map(Command::getEpoch))
          .isSortedAccordingTo(Comparator.naturalOrder())
          .doesNotHaveDuplicates();
    }
  }

  /**
   * Only the commands that raised their target's epoch count: the same, alone, lead to the same.
   */
  @Property
  void shouldEndAsTheCommandsInOrderWouldWhateverElseArrives(
      @ForAll("arrivals") List<Command> arrivals) {
    var disturbed = newGate();
    obey(disturbed, arrivals);

    var inOrder = newGate();
    obey(inOrder, raisingTheEpoch(arrivals));

    assertThat(disturbed.standingOf(RUN)).isEqualTo(inOrder.standingOf(RUN));
  }

  @Property
  void shouldEndAsTheHighestEpochSaysWhenItIsAKillOrARestoreOfAll(
      @ForAll("arrivals") List<Command> arrivals, @ForAll boolean killed) {
    var last = killed ? Records.kill(TargetType.RUN, RUN, 1000) : restoreAll(1000);
    var onRunOnly =
        new ArrayList<>(
            arrivals.stream().filter(c -> c.getTargetType() == TargetType.RUN).toList());
    onRunOnly.add(onRunOnly.size() / 2, last);
    var gate = newGate();
    obey(gate, onRunOnly);

    var standing = gate.standingOf(RUN);
    assertThat(standing.kill()).isEqualTo(killed ? last : null);
    if (!killed) {
      assertThat(standing).isEqualTo(new Standing(null, null, Optional.empty()));
    }
  }

  /** A run may start at any moment: what it finds standing is what an earlier one stands under. */
  @Property
  void shouldHoldForALaterRunWhatHoldsForAnEarlierOne(@ForAll("arrivals") List<Command> arrivals) {
    var gate = newGate();
    obey(gate, arrivals.stream().filter(c -> c.getTargetType() == TargetType.AGENT).toList());

    var given = gate.watch(Watch.ofRun("acme", "r2", AGENT, Map.of()));

    assertThat(gate.standingOf("r2")).isEqualTo(gate.standingOf(RUN));
    assertThat(given).isSortedAccordingTo(Comparator.comparing(Command::getEpoch));
  }

  @Provide
  Arbitrary<List<Command>> arrivals() {
    var script =
        Combinators.combine(
                Arbitraries.of(TargetType.RUN, TargetType.AGENT),
                Arbitraries.of(Action.class),
                Arbitraries.longs().between(1, 12),
                Arbitraries.longs().between(1, 12))
            .as(CommandGateProperties::command);
    // Drawing from few epochs gives duplicates, stale ones and equal epochs with different ids.
    return script.list().ofMaxSize(40);
  }

  private static Command command(TargetType type, Action action, long epoch, long reversed) {
    var target = type == TargetType.RUN ? RUN : AGENT;
    return switch (action) {
      case THROTTLE -> Records.throttle(type, target, epoch, Records.maxTokens(100 * epoch));
      case RESTORE ->
          Records.restore(
              type, target, epoch, reversed > 9 ? null : Records.kill(type, target, reversed));
      default -> Records.command(action, type, target, epoch);
    };
  }

  private static Command restoreAll(long epoch) {
    return Records.restore(TargetType.RUN, RUN, epoch, null);
  }

  private static List<Command> raisingTheEpoch(List<Command> arrivals) {
    var raising = new ArrayList<Command>();
    for (var type : List.of(TargetType.RUN, TargetType.AGENT)) {
      var highest = 0L;
      for (var command : arrivals) {
        if (command.getTargetType() == type && command.getEpoch() > highest) {
          highest = command.getEpoch();
          raising.add(command);
        }
      }
    }
    return raising;
  }

  private static CommandGate newGate() {
    var gate = new CommandGate("acme", 100);
    gate.watch(Watch.ofRun("acme", RUN, AGENT, Map.of()));
    return gate;
  }

  private static List<Command> obey(CommandGate gate, List<Command> arrivals) {
    var obeyed = new ArrayList<Command>();
    var ids = new HashSet<String>();
    for (var command : arrivals) {
      gate.offer(command, Records.NOON).deliverTo().forEach(watch -> obeyed.add(command));
      ids.add(command.getCommandId());
    }
    assertThat(obeyed.size()).isLessThanOrEqualTo(ids.size());
    return obeyed;
  }
}
