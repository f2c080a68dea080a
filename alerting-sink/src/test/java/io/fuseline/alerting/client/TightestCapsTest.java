package io.fuseline.alerting.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Caps;
import java.util.List;
import org.junit.jupiter.api.Test;

class TightestCapsTest {

  @Test
  void shouldHaveNoneWhenThereAreNone() {
    assertThat(TightestCaps.of(List.of())).isEmpty();
  }

  @Test
  void shouldTakeOfEachLimitTheTightest() {
    var a =
        Caps.newBuilder()
            .setMaxTokens(100L)
            .setMaxStepsRemaining(5L)
            .setToolAllowlist(List.of("search", "read"))
            .setToolDenylist(List.of("shell"))
            .setCooldownMs(10L)
            .build();
    var b =
        Caps.newBuilder()
            .setMaxTokens(200L)
            .setMaxStepsRemaining(2L)
            .setToolAllowlist(List.of("read", "write"))
            .setToolDenylist(List.of("mail", "shell"))
            .setCooldownMs(30L)
            .build();

    assertThat(TightestCaps.of(List.of(a, b)))
        .contains(
            Caps.newBuilder()
                .setMaxTokens(100L)
                .setMaxStepsRemaining(2L)
                .setToolAllowlist(List.of("read"))
                .setToolDenylist(List.of("shell", "mail"))
                .setCooldownMs(30L)
                .build());
  }

  @Test
  void shouldKeepALimitWhenTheOtherHasNone() {
    var tokens = Caps.newBuilder().setMaxTokens(7L).build();
    var cooldown = Caps.newBuilder().setCooldownMs(9L).build();

    assertThat(TightestCaps.of(List.of(tokens, cooldown)))
        .contains(Caps.newBuilder().setMaxTokens(7L).setCooldownMs(9L).build());
  }
}
