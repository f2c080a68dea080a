package io.fuseline.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StateMemoryTest {
  private final StateMemory memory = new StateMemory(1_000);

  @Test
  void shouldLetOneStoreHaveWhatTheOthersDoNotUse() {
    memory.open();
    memory.open();
    memory.take(900);

    assertThat(memory.isTooMuch(900)).isFalse();
  }

  @Test
  void shouldAskTheStoreThatHoldsMoreThanItsPartToLetGo() {
    memory.open();
    memory.open();
    memory.take(700);
    memory.take(400);

    assertThat(memory.isTooMuch(700)).isTrue();
    assertThat(memory.isTooMuch(400)).isFalse();
  }

  @Test
  void shouldGiveTheOthersTheRoomOfAStoreThatWasClosed() {
    memory.open();
    memory.open();
    memory.take(1_100);
    assertThat(memory.isTooMuch(600)).isTrue();

    memory.close();

    assertThat(memory.isTooMuch(600)).isFalse();
  }
}
