package io.fuseline.deploy.stack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Chooses ports on 127.0.0.1. Between choosing a port and a server binding it another process may
 * take it, so whoever starts a server on a chosen port must be ready to choose again.
 */
@FunctionalInterface
interface Ports {
  /** Address every server of the local stack binds to. */
  String HOST = "127.0.0.1";

  /** How often to choose again when a chosen port turns out to be taken. */
  int ATTEMPTS = 5;

  /** A port that should be free. */
  int next();

  /** Ports the system says are free. */
  static Ports free() {
    return () -> {
      try (ServerSocket socket = bind(0)) {
        return socket.getLocalPort();
      } catch (IOException e) {
        throw new StackException(
            "The system has no free port on " + HOST + ": " + e.getMessage(), e);
      }
    };
  }

  /** The preferred port as long as it is free, else ports the system says are free. */
  static Ports preferring(int port) {
    return () -> isFree(port) ? port : free().next();
  }

  /** Whether a server can bind the port now. */
  static boolean isFree(int port) {
    try (ServerSocket socket = bind(port)) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a server answers on the port. */
  static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static ServerSocket bind(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }
}
