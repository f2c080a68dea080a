package io.fuseline.deploy.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/** A command that ends only when it is told to, and that says what it does meanwhile. */
interface ServiceCommand extends Callable<Integer> {
  /**
   * Waits until the process is told to stop (Ctrl-C, SIGTERM) or the calling thread is interrupted,
   * then closes the service.
   *
   * @return {@link ExitCode#INTERRUPTED}; after a signal the JVM answers its own code, 128 plus the
   *     number of the signal
   */
  default int runUntilStopped(AutoCloseable service) throws Exception {
    Thread close =
        new Thread(
            () -> {
              try {
                service.close();
              } catch (Exception e) {
                throw new IllegalStateException("The service did not stop in good order", e);
              }
            },
            "stop-service");
    Runtime.getRuntime().addShutdownHook(close);
    try {
      new CountDownLatch(1).await();
      return ExitCode.OK;
    } catch (InterruptedException e) {
      Runtime.getRuntime().removeShutdownHook(close);
      service.close();
      return ExitCode.INTERRUPTED;
    }
  }
}
