package io.fuseline.stream.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Alert;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlindnessTest {
  private static final long SECOND = 1_000_000;
  private static final long START = 1_777_888_800L * SECOND;

  private final Blindness blindness =
      new Blindness("127.0.0.1:8420", "USD", Duration.ofSeconds(10));
  private final List<Alert> alerts = new ArrayList<>();

  private void look(long seenTo, long now) {
    Alert alert =
        blindness.look(START + seenTo * SECOND, "the broker rests.", START + now * SECOND);
    if (alert != null) {
      alerts.add(alert);
    }
  }

  private Sight.Control control(long now) {
    return blindness.at(START + now * SECOND).control();
  }

  @Test
  void shouldSeeWhatWasNeverLookedAt() {
    assertThat(control(0)).isEqualTo(Sight.Control.OK);
    assertThat(blindness.at(START).seenToMicros()).isEqualTo(START);
  }

  @Test
  void shouldTellOneBlindPeriodOnceAndItsEndOnce() {
    for (int now = 0; now <= 40; now++) {
      look(0, now);
    }
    look(34, 41); // 7 s behind: not yet
    assertThat(control(41)).isEqualTo(Sight.Control.BLIND);
    look(41, 42);
    look(42, 43);

    assertThat(alerts)
        .extracting(Alert::getState)
        .containsExactly(EpisodeState.OPEN, EpisodeState.CLOSED);
    assertThat(alerts.get(0).getSeverity()).isEqualTo(Severity.CRITICAL);
    assertThat(alerts.get(0).getIssuedAt().getEpochSecond()).isEqualTo(START / SECOND + 11);
    assertThat(alerts.get(0).getEvidence().getSummary()).contains("127.0.0.1:8420", "broker rests");
    assertThat(alerts.get(1).getEpisodeId()).isEqualTo(alerts.get(0).getEpisodeId());
    assertThat(alerts.get(1).getAlertId()).isNotEqualTo(alerts.get(0).getAlertId());
    assertThat(control(43)).isEqualTo(Sight.Control.OK);

    look(42, 60);
    assertThat(alerts.get(2).getEpisodeId()).isNotEqualTo(alerts.get(0).getEpisodeId());
  }

  @Test
  void shouldGoBlindWhenNobodyLooksAnyMore() {
    look(0, 0);
    assertThat(control(10)).isEqualTo(Sight.Control.OK);
    assertThat(control(11)).isEqualTo(Sight.Control.BLIND);
    assertThat(control(20)).isEqualTo(Sight.Control.BLIND);
    assertThat(control(21)).isEqualTo(Sight.Control.BLIND_FOR_LONG);
    assertThat(blindness.at(START + 21 * SECOND).seenToMicros()).isEqualTo(START);
  }
}
