package io.fuseline.deploy.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One local stack for all tests of a JVM that do not mind each other's records; it ends with the
 * JVM.
 */
public final class SharedStack {
  private static LocalStack stack;

  private SharedStack() {}

  /** The stack, started by the first who asks. */
  public static synchronized LocalStack get() {
    if (stack == null) {
      try {
        Path target = Path.of(System.getProperty("fuseline.home")).resolveSibling("stacks");
        stack =
            LocalStack.start(
                Files.createTempDirectory(Files.createDirectories(target), "shared"), step -> {});
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return stack;
  }
}
