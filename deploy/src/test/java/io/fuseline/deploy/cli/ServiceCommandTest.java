package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
                answer.complete(command.runUntilStopped(closed::countDown));
              } catch (Exception e) {
                answer.completeExceptionally(e);
              }
            });
    running.start();

    running.interrupt();

    assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(closed.getCount()).isZero();
  }
}
