package io.fuseline.deploy.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/** A command that ends only when it is told to, and that says what it does meanwhile. */
interface ServiceCommand extends Callable<Integer> {
  /** Waits for the end of a service. */
  @FunctionalInterface
  interface Wait {
    /** Returns when the service has ended; throws the cause when it failed. */
    void forEnd() throws InterruptedException;
  }

  /**
   * Waits until the service ends by itself, the process is told to stop (Ctrl-C, SIGTERM) or the
   * calling thread is interrupted, then closes the service.
   *
   * @return {@link ExitCode#OK} when it ended by itself, {@link ExitCode#INTERRUPTED} when the
   *     thread was interrupted; after a signal the JVM answers its own code, 128 plus the number of
   *     the signal
   * @throws Exception the cause when the service failed
   */
  default int runUntilStopped(AutoCloseable service, Wait wait) throws Exception {
    Thread stop = new Thread(() -> closeOnSignal(service), "stop-service");
    Runtime.getRuntime().addShutdownHook(stop);
    int answer = ExitCode.OK;
    try {
      wait.forEnd();
    } catch (InterruptedException e) {
      answer = ExitCode.INTERRUPTED;
    } finally {
      if (notAlreadyEnding(stop)) {
        service.close();
      }
    }
    return answer;
  }

  /** For a service that never ends by itself. */
  static void forEver() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  private static void closeOnSignal(AutoCloseable service) {
    try {
      service.close();
    } catch (Exception e) {
      throw new IllegalStateException("The service did not stop in good order", e);
    }
  }

  private static boolean notAlreadyEnding(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      return false;
    }
  }
}
