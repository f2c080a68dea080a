package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OtherProgramTest {
  private static final SpendKey MINUTE = key("1m");
  private static final SpendKey DAY = key("1d");
  private static final Spend TWO = new Spend(700, 30, 2, 1, 1);

  private static SpendKey key(String window) {
    return OtherProgram.key("cost-centre", "tenant-1/CC-1000", window, 86_400_000);
  }

  @Test
  void shouldKnowASumByItsLabels() {
    assertThat(DAY)
        .isEqualTo(
            new SpendKey(
                SpendDimension.COST_CENTRE, "tenant-1/CC-1000", SpendWindow.DAY, 86_400_000));
  }

  @Test
  void shouldAcceptSumsThatAreTheSame() {
    assertThatCode(() -> OtherProgram.check(Map.of(MINUTE, TWO, DAY, TWO), sums(TWO)))
        .doesNotThrowAnyException();
  }

  @Test
  void shouldRefuseASumWhenItIsWrongOrMissingOrOneTooMany() {
    Spend wrong = new Spend(701, 30, 2, 1, 1);

    assertThatThrownBy(() -> OtherProgram.check(sums(TWO), sums(wrong)))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("CC-1000")
        .hasMessageContaining("701")
        .hasMessageContaining("expected");
    assertThatThrownBy(() -> OtherProgram.check(sums(TWO), Map.of(MINUTE, TWO)))
        .isInstanceOf(BenchException.class);
    assertThatThrownBy(() -> OtherProgram.check(Map.of(MINUTE, TWO), sums(TWO)))
        .isInstanceOf(BenchException.class);
  }

  @Test
  void shouldEndWithTheFirstCauseWhenAJobFails() {
    Exception failure =
        new IOException("job failed", new IllegalStateException("task failed", new Error("why")));

    assertThat(OtherProgram.failed(failure).getMessage().lines())
        .containsExactly(
            "java.io.IOException: job failed",
            "  by java.lang.IllegalStateException: task failed",
            "  by java.lang.Error: why");
  }

  private static Map<SpendKey, Spend> sums(Spend day) {
    return Map.of(MINUTE, TWO, DAY, day);
  }
}
