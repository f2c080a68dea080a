package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StateOperationsTest {
  @Test
  void shouldBeTheSameWhenSentAsALine() {
    StateOperations operations = new StateOperations(3, 5, 7);

    assertThat(StateOperations.ofLine(operations.toLine())).contains(operations);
    assertThat(StateOperations.ofLine("ready")).isEmpty();
  }

  @Test
  void shouldCountFromAStartWhenOneIsGiven() {
    assertThat(new StateOperations(10, 20, 30).since(new StateOperations(1, 2, 3)))
        .isEqualTo(new StateOperations(9, 18, 27));
  }
}
