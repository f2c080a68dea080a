package io.fuseline.deploy.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AtExitTest {
  private final List<String> closed = new ArrayList<>();
  private final AtExit atExit = new AtExit();

  @Test
  void shouldCloseClientsBeforeServersAndTheLastClientFirst() {
    atExit.addClient(() -> closed.add("first client"));
    atExit.addServer(() -> closed.add("server"));
    atExit.addClient(() -> closed.add("last client"));

    atExit.closeAll();

    assertThat(closed).containsExactly("last client", "first client", "server");
  }

  @Test
  void shouldCloseTheRestWhenOneFails() {
    atExit.addServer(() -> closed.add("server"));
    atExit.addClient(
        () -> {
          throw new IllegalStateException("stuck");
        });

    assertThatThrownBy(atExit::closeAll)
        .isInstanceOf(StackException.class)
        .hasMessageContaining("stuck");

    assertThat(closed).containsExactly("server");
  }

  @Test
  void shouldCloseNothingTwice() {
    atExit.addClient(() -> closed.add("client"));

    atExit.closeAll();
    atExit.closeAll();

    assertThat(closed).containsExactly("client");
  }
}
