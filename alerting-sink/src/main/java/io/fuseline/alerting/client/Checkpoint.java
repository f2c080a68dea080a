package io.fuseline.alerting.client;

import io.fuseline.schemas.Caps;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What commands say about a run. */
interface Checkpoint {

  /** For a runtime that hears no commands: the pipeline knows them, and answers by them. */
  Checkpoint NONE =
      new Checkpoint() {
        @Override
        public Optional<Caps> pass() {
          return Optional.empty();
        }

        @Override
        public void awaitCommand(long nanos) throws InterruptedException {
          TimeUnit.NANOSECONDS.sleep(nanos);
        }
      };

  /**
   * Returns when the next step may be taken, with its limits.
   *
   * @throws RunStopped if it must not be
   */
  Optional<Caps> pass() throws InterruptedException;

  /** Returns when a command has come, and after so long at the latest. */
  void awaitCommand(long nanos) throws InterruptedException;
}
