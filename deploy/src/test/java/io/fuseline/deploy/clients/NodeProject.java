package io.fuseline.deploy.clients;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A folder of programs beside src/test/java, copied to target and installed there with exactly the
 * packages of its lock file.
 */
final class NodeProject {
  /** How a program ended and what it wrote. */
  record Result(int exitCode, String out, String err) {
    String all() {
      return out + err;
    }
  }

  private static final Duration INSTALLS_WITHIN = Duration.ofMinutes(3);
  private static final Pattern NPM_ERROR = Pattern.compile("^npm (?:ERR!|error) ");
  private static final Pattern NPM_ERROR_CODE = Pattern.compile("npm (?:ERR!|error) code (\\S+)");

  /**
   * Codes of npm that mean our package files are wrong; any other means that packages cannot be had
   * here.
   */
  private static final List<String> OUR_FAULT =
      List.of("EUSAGE", "EINTEGRITY", "EJSONPARSE", "ERESOLVE", "EBADENGINE");

  private final Path folder;

  private NodeProject(Path folder) {
    this.folder = folder;
  }

  /**
   * Installs it, or skips the test with the reason when this machine cannot.
   *
   * @param name of the folder in src/test
   */
  static NodeProject install(String name) throws IOException, InterruptedException {
    Path folder = copy(name);
    Result installed =
        run(
            folder,
            INSTALLS_WITHIN,
            List.of(
                "npm",
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--prefer-offline",
                "--fetch-retries=1",
                "--fetch-retry-mintimeout=1000"));
    if (installed.exitCode() != 0) {
      Matcher code = NPM_ERROR_CODE.matcher(installed.all());
      if (code.find() && OUR_FAULT.contains(code.group(1))) {
        throw new AssertionError("npm ci refuses src/test/" + name + ":\n" + installed.all());
      }
      Assumptions.abort(
          "npm cannot fetch the packages of src/test/" + name + ": " + reason(installed));
    }
    return new NodeProject(folder);
  }

  /**
   * Installs a package as its users get it: packed, then unpacked beside the programs. Nothing is
   * fetched; skips the test with the reason when there is no Node.
   *
   * @param name of the folder of programs in src/test
   * @param source folder of the package, which has no dependencies
   */
  static NodeProject around(Path source, String name) throws IOException, InterruptedException {
    Path folder = copy(name);
    Result packed =
        run(
            folder,
            INSTALLS_WITHIN,
            List.of("npm", "pack", "--silent", source.toAbsolutePath().toString()));
    if (packed.exitCode() != 0) {
      throw new AssertionError("npm pack refuses " + source + ":\n" + packed.all());
    }
    Result installed =
        run(
            folder,
            INSTALLS_WITHIN,
            List.of(
                "npm",
                "install",
                "--offline",
                "--no-save",
                "--no-audit",
                "--no-fund",
                "./" + packed.out().strip()));
    if (installed.exitCode() != 0) {
      throw new AssertionError("npm install refuses " + source + ":\n" + installed.all());
    }
    return new NodeProject(folder);
  }

  private static Path copy(String name) throws IOException, InterruptedException {
    assumeAnswers("node");
    assumeAnswers("npm");
    Path target = Path.of(System.getProperty("fuseline.home")).getParent();
    Path folder = Files.createDirectories(target.resolve(name));
    try (Stream<Path> sources = Files.list(target.resolveSibling("src/test").resolve(name))) {
      for (Path source : sources.filter(Files::isRegularFile).toList()) {
        Files.copy(
            source, folder.resolve(source.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return folder;
  }

  /** Runs the tests of a package in its own folder. */
  static Result test(Path source) throws IOException, InterruptedException {
    assumeAnswers("node");
    return run(source, INSTALLS_WITHIN, List.of("node", "--test"));
  }

  /** Runs {@code node} with these arguments in the project's folder. */
  Result node(Duration atMost, List<String> arguments) throws IOException, InterruptedException {
    return start(Map.of(), arguments).await(atMost);
  }

  /** Starts {@code node} with these arguments in the project's folder. */
  Running start(Map<String, String> environment, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("node"));
    command.addAll(arguments);
    return start(folder, environment, command);
  }

  /** What npm complains of, in one line; else all it said. */
  private static String reason(Result failed) {
    List<String> errors = failed.err().lines().filter(NPM_ERROR.asPredicate()).limit(3).toList();
    return String.join("; ", errors.isEmpty() ? failed.all().lines().toList() : errors);
  }

  private static void assumeAnswers(String program) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(program, "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      Assumptions.assumeTrue(process.waitFor() == 0, program + " --version fails");
    } catch (IOException e) {
      Assumptions.abort(program + " is not installed: " + e.getMessage());
    }
  }

  private static Result run(Path folder, Duration atMost, List<String> command)
      throws IOException, InterruptedException {
    return start(folder, Map.of(), command).await(atMost);
  }

  private static Running start(Path folder, Map<String, String> environment, List<String> command)
      throws IOException {
    // Through files: a pipe nobody reads would stop a program that writes much.
    Path out = Files.createTempFile(folder, command.get(0), ".out");
    Path err = Files.createTempFile(folder, command.get(0), ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    return new Running(builder.start(), out, err);
  }

  /** A program at work. */
  record Running(Process process, Path out, Path err) {
    /** What it wrote so far. */
    String all() {
      try {
        return Files.readString(out) + Files.readString(err);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Waits for its end; ends it when that takes too long. */
    Result await(Duration atMost) throws IOException, InterruptedException {
      boolean ended = process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
      String remark = ended ? "" : "ended by the test after " + atMost.toSeconds() + " s\n";
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err) + remark);
    }
  }
}
