package io.fuseline.alerting;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Caps;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.PolicyMode;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.TargetType;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Commands and alerts as a pipeline would write them; tests change what they are about. */
public final class Records {
  public static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private Records() {}

  /**
   * A command with id {@code <action>-<target>-<epoch>}, of an episode and a policy of its own
   * action.
   */
  public static Command command(Action action, TargetType type, String target, long epoch) {
    return Command.newBuilder()
        .setCommandId(action + "-" + target + "-" + epoch)
        .setAction(action)
        .setTenantId("acme")
        .setTargetType(type)
        .setTarget(target)
        .setEpoch(epoch)
        .setReason("Run loops: search, read, search, read")
        .setEvidence(evidence())
        .setPolicyId("policy-" + action)
        .setPolicyVersion("0123456789ab")
        .setEpisodeId("episode-" + target + "-" + epoch)
        .setSpend(money("12.5"))
        .setCurrency("USD")
        .setEventTime(NOON)
        .setIssuedAt(NOON.plusMillis(epoch))
        .setDeadline(NOON.plusSeconds(30))
        .build();
  }

  public static Command kill(TargetType type, String target, long epoch) {
    return command(Action.KILL, type, target, epoch);
  }

  public static Command pause(TargetType type, String target, long epoch) {
    return command(Action.PAUSE, type, target, epoch);
  }

  public static Command throttle(TargetType type, String target, long epoch, Caps caps) {
    return Command.newBuilder(command(Action.THROTTLE, type, target, epoch)).setCaps(caps).build();
  }

  /** Undoes one command, or all when {@code reversed} is null. */
  public static Command restore(TargetType type, String target, long epoch, Command reversed) {
    var restore = Command.newBuilder(command(Action.RESTORE, type, target, epoch));
    if (reversed != null) {
      restore.setReverses(reversed.getCommandId()).setEpisodeId(reversed.getEpisodeId());
    }
    return restore.setApprovedBy("ada").build();
  }

  public static Caps maxTokens(long maxTokens) {
    return Caps.newBuilder().setMaxTokens(maxTokens).build();
  }

  public static Alert alert(String id, EpisodeState state) {
    return Alert.newBuilder()
        .setAlertId(id)
        .setEpisodeId("episode-" + id)
        .setSeverity(Severity.CRITICAL)
        .setState(state)
        .setAction(Action.KILL)
        .setMode(PolicyMode.ENFORCE)
        .setTenantId("acme")
        .setTargetType(TargetType.RUN)
        .setTarget("run-1")
        .setPolicyId("loops")
        .setPolicyVersion("0123456789ab")
        .setSpend(money("12.5"))
        .setCurrency("USD")
        .setEvidence(evidence())
        .setEventTime(NOON)
        .setIssuedAt(NOON)
        .build();
  }

  private static Evidence evidence() {
    return Evidence.newBuilder()
        .setRule("exact-cycle")
        .setMeasured("3")
        .setThreshold("3")
        .setUnit("repeats")
        .setSummary("search → read, three times with equal results")
        .setSpanIds(List.of("s1", "s2"))
        .setDetails(Map.of())
        .build();
  }

  private static BigDecimal money(String amount) {
    return new BigDecimal(amount).setScale(12);
  }
}
