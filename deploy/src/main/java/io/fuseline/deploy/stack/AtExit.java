package io.fuseline.deploy.stack;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Stops what a local stack started when our JVM ends without having closed it: first the clients,
 * the last one first, then the servers. One hook for all, since hooks run side by side and a client
 * cannot finish in good order when its broker goes away.
 */
final class AtExit {
  private final Deque<AutoCloseable> clients = new ArrayDeque<>();
  private final Deque<AutoCloseable> servers = new ArrayDeque<>();
  private final Thread hook = new Thread(this::closeAll, "stop-local-stack");

  AtExit() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  synchronized void addClient(AutoCloseable client) {
    clients.push(client);
  }

  synchronized void addServer(AutoCloseable server) {
    servers.push(server);
  }

  synchronized void removeServer(AutoCloseable server) {
    servers.remove(server);
  }

  /**
   * Closes the clients, then the servers; what fails to close does not keep the rest from closing.
   */
  void closeAll() {
    RuntimeException failure = null;
    for (AutoCloseable next = next(); next != null; next = next()) {
      try {
        next.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new StackException("Cannot stop " + next + ": " + e.getMessage(), e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    forgetHook();
    if (failure != null) {
      throw failure;
    }
  }

  private synchronized AutoCloseable next() {
    AutoCloseable client = clients.poll();
    return client != null ? client : servers.poll();
  }

  private void forgetHook() {
    if (Thread.currentThread() != hook) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException alreadyShuttingDown) {
        // The hook then finds nothing left to close.
      }
    }
  }
}
