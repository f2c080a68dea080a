package io.fuseline.deploy.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Says which process serves a folder, and for whom. A line holds the server's process id and start
 * time (epoch milliseconds), then those of the process that started it; the start times tell a
 * living process from another that got the same number later.
 */
final class PidFile {
  private final Path file;

  PidFile(Path file) {
    this.file = file;
  }

  /**
   * Makes sure that nobody else serves the folder. A server whose owner died without stopping it is
   * killed.
   *
   * @throws StackException when the server and its owner both live
   */
  void claim(String name) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    String[] words = Files.readString(file).trim().split(" ", -1);
    if (words.length == 4) {
      Optional<ProcessHandle> server = living(words[0], words[1]);
      if (server.isPresent() && living(words[2], words[3]).isPresent()) {
        throw new StackException(
            "The folder "
                + file.getParent()
                + " is in use: a "
                + name
                + " runs there as process "
                + words[0]
                + ", started by process "
                + words[2]
                + ". Stop that one, or use another data folder.");
      }
      server.ifPresent(PidFile::killAndWait);
    }
    Files.delete(file);
  }

  void write(ProcessHandle server) throws IOException {
    ProcessHandle owner = ProcessHandle.current();
    Files.writeString(
        file,
        server.pid() + " " + startedAt(server) + " " + owner.pid() + " " + startedAt(owner) + "\n");
  }

  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<ProcessHandle> living(String pid, String startedAt) {
    try {
      return ProcessHandle.of(Long.parseLong(pid))
          .filter(ProcessHandle::isAlive)
          .filter(process -> Long.toString(startedAt(process)).equals(startedAt));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static void killAndWait(ProcessHandle process) {
    process.destroyForcibly();
    process.onExit().join();
  }

  private static long startedAt(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }
}
