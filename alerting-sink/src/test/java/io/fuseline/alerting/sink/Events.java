package io.fuseline.alerting.sink;

import io.fuseline.alerting.Records;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.TargetType;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/** Events as tests need them. */
final class Events {
  static final Clock NOON = Clock.fixed(Records.NOON, ZoneOffset.UTC);
  static final HttpSettings LOCAL = new HttpSettings(Duration.ofSeconds(10), HttpCaller.LOOPBACK);

  private Events() {}

  static Event alert(EpisodeState state) {
    return Event.of(Records.alert("a1", state));
  }

  static Event alert(Severity severity, String agent) {
    return Event.of(
        Alert.newBuilder(Records.alert("a1", EpisodeState.OPEN))
            .setSeverity(severity)
            .setAgentId(agent)
            .build());
  }

  /** An alert whose every text comes from a span. */
  static Event saying(String text) {
    var alert = Records.alert("a1", EpisodeState.OPEN);
    return Event.of(
        Alert.newBuilder(alert)
            .setTarget(text)
            .setAgentId(text)
            .setEvidence(Evidence.newBuilder(alert.getEvidence()).setSummary(text).build())
            .build());
  }

  /** Closed, after it had been as severe as that. */
  static Event closed(Severity worst) {
    var alert = Records.alert("a1", EpisodeState.CLOSED);
    return Event.of(
        Alert.newBuilder(alert)
            .setSeverity(Severity.INFO)
            .setEvidence(
                Evidence.newBuilder(alert.getEvidence())
                    .setDetails(worst == null ? Map.of() : Map.of("severity", worst.name()))
                    .build())
            .build());
  }

  static Event command(
      Action action, TargetType type, String target, String agent, String... runs) {
    return Event.of(
        Command.newBuilder(Records.command(action, type, target, 1))
            .setAgentId(agent)
            .setRootRunIds(List.of(runs))
            .build());
  }

  /** A KILL of the researcher's run was not obeyed: its credentials are to be revoked. */
  static Event revocation() {
    var alert = Records.alert("a1", EpisodeState.ESCALATED);
    return Event.of(
        Alert.newBuilder(alert)
            .setTargetType(TargetType.RUN)
            .setTarget("run-1")
            .setRootRunId("run-1")
            .setAgentId("researcher")
            .setTeam("support")
            .setEvidence(
                Evidence.newBuilder(alert.getEvidence()).setRule("revoke-credentials").build())
            .build());
  }

  static Event kill(TargetType type, String target, String agent, String... runs) {
    return command(Action.KILL, type, target, agent, runs);
  }

  static HttpCaller caller() {
    return new HttpCaller(LOCAL, NOON);
  }
}
