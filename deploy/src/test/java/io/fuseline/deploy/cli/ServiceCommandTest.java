package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ServiceCommandTest {
  private final CountDownLatch closed = new CountDownLatch(1);
  private final CompletableFuture<Integer> answer = new CompletableFuture<>();

  @Test
  void shouldCloseTheServiceAndAnswerInterruptedWhenInterrupted() throws Exception {
    ServiceCommand command = () -> 0;
    Thread running =
        new Thread(
            () -> {
              try {
                answer.complete(
                    command.runUntilStopped(closed::countDown, ServiceCommand::forEver));
              } catch (Exception e) {
                answer.completeExceptionally(e);
              }
            });
    running.start();

    running.interrupt();

    assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(closed.getCount()).isZero();
  }

  @Test
  void shouldCloseTheServiceAndTellTheCauseWhenItFailed() {
    ServiceCommand command = () -> 0;

    assertThatThrownBy(
            () ->
                command.runUntilStopped(
                    closed::countDown,
                    () -> {
                      throw new IllegalStateException("broken");
                    }))
        .hasMessage("broken");
    assertThat(closed.getCount()).isZero();
  }
}
