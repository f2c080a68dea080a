package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void shouldTakeMiddleOneWhenNumberIsOdd() {
    assertThat(Spread.of(List.of(9.0, 1.0, 4.0))).isEqualTo(new Spread(4.0, 1.0, 9.0));
  }

  @Test
  void shouldTakeMeanOfMiddleTwoWhenNumberIsEven() {
    assertThat(Spread.of(List.of(8.0, 1.0, 4.0, 2.0))).isEqualTo(new Spread(3.0, 1.0, 8.0));
  }

  @Test
  void shouldBeItsOnlyMeasurementWhenThereIsOne() {
    assertThat(Spread.of(List.of(5.0))).isEqualTo(new Spread(5.0, 5.0, 5.0));
  }

  @Test
  void shouldRefuseWhenThereIsNone() {
    assertThatThrownBy(() -> Spread.of(List.of())).hasMessage("no measurements");
  }
}
