package io.fuseline.deploy.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** A {@link RungApplication} at work, as its conductor sees it. */
final class RungProcess implements AutoCloseable {
  /** The same for every rung, unless others are asked for. */
  static final List<String> JVM_OPTIONS = List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC");

  private static final long STOP_SECONDS = 60;
  private static final int LINES_IN_MESSAGES = 15;

  private final String name;
  private final Path log;
  private final Process process;
  private final BufferedReader answers;
  private final Writer orders;

  private RungProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.orders =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Starts it.
   *
   * @param jvmOptions heap and collector, for one
   * @param folder for its settings and its log, made when missing
   */
  static RungProcess start(List<String> jvmOptions, String name, Properties settings, Path folder) {
    // The class path we run on ourselves.
    return start(
        jvmOptions,
        name,
        RungApplication.class.getName(),
        System.getProperty("java.class.path"),
        settings,
        folder);
  }

  /**
   * Starts another program.
   *
   * @param jvmOptions heap and collector, for one
   * @param folder for its settings and its log, made when missing
   */
  static RungProcess start(
      List<String> jvmOptions,
      String name,
      String mainClass,
      String classPath,
      Properties settings,
      Path folder) {
    Path file = folder.resolve(name + ".properties");
    Path log = folder.resolve(name + ".log");
    try {
      Files.createDirectories(folder);
      try (Writer out = Files.newBufferedWriter(file)) {
        settings.store(out, null);
      }
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(jvmOptions);
      command.add("--enable-native-access=ALL-UNNAMED"); // RocksDB and lz4, on newer JVMs
      // Standard output is for answers alone, whatever else is on the class path.
      command.add("-Dlogback.configurationFile=logback.xml");
      command.addAll(List.of("-cp", classPath, mainClass, file.toString()));
      Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
      return new RungProcess(name, log, process);
    } catch (IOException e) {
      throw new BenchException("Cannot start " + name + ": " + e.getMessage(), e);
    }
  }

  /** Settings of a process with the whole pipeline, at work at once and on all that comes. */
  static Properties ungated(Map<String, String> service) {
    Properties settings = new Properties();
    settings.setProperty(RungApplication.RUNG, Rung.L4P.name());
    settings.setProperty(RungApplication.WARM_UP, "");
    service.forEach((key, value) -> settings.setProperty(RungApplication.SERVICE + key, value));
    return settings;
  }

  void order(String word) {
    try {
      orders.write(word + "\n");
      orders.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  void awaitReady() {
    String line = answer();
    if (!line.equals(RungApplication.READY)) {
      throw new BenchException(name + " said '" + line + "', expected " + RungApplication.READY);
    }
  }

  /** The next reading; waits for it. */
  Reading reading() {
    String line = answer();
    return Reading.ofLine(line)
        .orElseThrow(
            () -> new BenchException(name + " said '" + line + "', expected a reading" + last()));
  }

  /** The next count of what was asked of the state; waits for it. */
  StateOperations operations() {
    String line = answer();
    return StateOperations.ofLine(line)
        .orElseThrow(
            () -> new BenchException(name + " said '" + line + "', expected a count" + last()));
  }

  /** The memory it holds; waits for the answer. */
  MemoryUse memory() {
    String line = answer();
    return MemoryUse.ofLine(line)
        .orElseThrow(
            () -> new BenchException(name + " said '" + line + "', expected its memory" + last()));
  }

  /** Where it serves HTTP; waits for the answer. */
  int port() {
    return Integer.parseInt(answer());
  }

  /** How far another program is; waits until it says so. */
  OtherReading otherReading() {
    String line = answer();
    return OtherReading.ofLine(line)
        .orElseThrow(
            () ->
                new BenchException(name + " said '" + line + "', expected how far it is" + last()));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Kills it, as {@code kill -9} does. */
  void kill() {
    process.destroyForcibly();
  }

  /** An exception that ends with what the process logged last. */
  BenchException failure(String what) {
    return new BenchException(name + " " + what + last());
  }

  /** Asks it to stop, waits, and kills it when it does not. */
  @Override
  public void close() {
    try {
      if (process.isAlive()) {
        orders.write(RungApplication.STOP + "\n");
      }
      orders.close();
    } catch (IOException ending) {
      // It has ended by itself.
    }
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private String answer() {
    try {
      String line = answers.readLine();
      if (line == null) {
        throw failure("ended unexpectedly");
      }
      return line;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private BenchException failed(IOException e) {
    return new BenchException(name + " cannot be reached: " + e.getMessage() + last(), e);
  }

  private String last() {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
      List<String> last =
          lines.subList(Math.max(0, lines.size() - LINES_IN_MESSAGES), lines.size());
      return ".\nLast lines of its log:\n  " + String.join("\n  ", last);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + log, e);
    }
  }
}
