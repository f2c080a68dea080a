package io.fuseline.deploy.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A server in a JVM of its own. Its output goes to {@code <name>.log} and its process id to {@code
 * <name>.pid}, both in the folder given. It ends when our JVM ends, in the order {@link AtExit}
 * keeps.
 */
final class ServerProcess implements AutoCloseable {
  /** How long a server may take to stop by itself before it is killed. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

  private static final int LINES_IN_MESSAGES = 15;

  private final String name;
  private final Path log;
  private final PidFile pidFile;
  private final Process process;
  private final AtExit atExit;

  private ServerProcess(String name, Path log, PidFile pidFile, Process process, AtExit atExit) {
    this.name = name;
    this.log = log;
    this.pidFile = pidFile;
    this.process = process;
    this.atExit = atExit;
  }

  /**
   * Starts a JVM with the given arguments; returns at once.
   *
   * @throws StackException when a living process already works in this folder, or the JVM cannot be
   *     started
   */
  static ServerProcess start(
      String name,
      List<String> jvmArguments,
      Map<String, String> environment,
      Path folder,
      AtExit atExit) {
    Path log = folder.resolve(name + ".log");
    try {
      Files.createDirectories(folder);
      PidFile pidFile = new PidFile(folder.resolve(name + ".pid"));
      pidFile.claim(name);
      ProcessBuilder builder = new ProcessBuilder(inOwnSession(jvmArguments));
      builder.directory(folder.toFile());
      builder.environment().putAll(environment);
      builder.redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.to(log.toFile()));
      ServerProcess server = new ServerProcess(name, log, pidFile, builder.start(), atExit);
      pidFile.write(server.process.toHandle());
      atExit.addServer(server);
      server.process.getOutputStream().close();
      return server;
    } catch (IOException e) {
      throw new StackException(
          "Cannot start the " + name + " in " + folder + ": " + e.getMessage(), e);
    }
  }

  /** Runs a JVM to its end; returns its exit code. Its output is kept in {@code <name>.log}. */
  static int run(
      String name, List<String> jvmArguments, Path folder, Duration timeout, AtExit atExit) {
    ServerProcess tool = start(name, jvmArguments, Map.of(), folder, atExit);
    try {
      if (!tool.process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new StackException(
            "The "
                + name
                + " did not end within "
                + timeout.toSeconds()
                + " s."
                + tool.lastLogLines());
      }
      return tool.process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("Interrupted while the " + name + " ran.", e);
    } finally {
      tool.kill();
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** Asks the server to stop, waits, and kills it when it does not. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    forget();
  }

  /** Ends the server as {@code kill -9} does, and waits until it is gone. */
  void kill() {
    process.destroyForcibly().onExit().join();
    forget();
  }

  /** The end of the log, ready to stand at the end of an error message. */
  String lastLogLines() {
    List<String> lines = logLines();
    List<String> last = lines.subList(Math.max(0, lines.size() - LINES_IN_MESSAGES), lines.size());
    return "\nLast lines of " + log + ":\n  " + String.join("\n  ", last);
  }

  boolean logMentions(String text) {
    return logLines().stream().anyMatch(line -> line.contains(text));
  }

  private List<String> logLines() {
    try {
      return new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the log of the " + name, e);
    }
  }

  private void forget() {
    pidFile.delete();
    atExit.removeServer(this);
  }

  @Override
  public String toString() {
    return name + " (process " + process.pid() + ")";
  }

  /**
   * The command line that starts the JVM we run on ourselves. In a session of its own where the
   * system can do that, so that Ctrl-C on the terminal reaches only us, and we stop the servers
   * after their clients.
   */
  private static List<String> inOwnSession(List<String> jvmArguments) {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
      command.add("/usr/bin/setsid");
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmArguments);
    return command;
  }
}
