package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.alerting.Records;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.TargetType;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class LogTargetTest {

  @Test
  void shouldWriteACommandOnOneLine() {
    var lines = new ArrayList<String>();

    new LogTarget(lines::add).attempt(Event.of(Records.kill(TargetType.RUN, "run-1", 3)), 1);

    assertThat(lines)
        .containsExactly(
            "event=command id=command:KILL-run-1-3 action=KILL tenant=acme target_type=RUN"
                + " target=run-1 epoch=3 policy=policy-KILL spend=12.5 currency=USD"
                + " reason=\"Run loops: search, read, search, read\"");
  }

  @Test
  void shouldWriteAnAlertOnOneLine() {
    assertThat(LogTarget.line(Event.of(Records.alert("a1", EpisodeState.OPEN))))
        .startsWith("event=alert id=alert:a1:open severity=CRITICAL state=OPEN action=KILL")
        .endsWith("summary=\"search → read, three times with equal results\"");
  }

  @Test
  void shouldEscapeWhatCouldForgeALine() {
    var forged =
        Command.newBuilder(Records.kill(TargetType.RUN, "r\" action=RESTORE", 1))
            .setReason("a\nevent=command\u001b[2J\\ \u2028")
            .build();

    var line = LogTarget.line(Event.of(forged));

    assertThat(line).contains("target=\"r\\\" action=RESTORE\"");
    assertThat(line).endsWith("reason=\"a\\nevent=command\\u001b[2J\\\\ \\u2028\"");
    assertThat(line.lines()).hasSize(1);
  }
}
