package io.fuseline.deploy.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The commit that a folder's files are of, as git tells it. */
final class GitCommit {
  private static final int PATIENCE_SECONDS = 5;

  private GitCommit() {}

  /**
   * Id of the commit, with {@code -dirty} when files of the folder differ from it; null when git or
   * a work tree is not there.
   */
  static String of(Path folder) {
    String commit = git(folder, "rev-parse", "--verify", "HEAD");
    if (commit == null || commit.isEmpty()) {
      return null;
    }
    String changed = git(folder, "status", "--porcelain", "--", ".");
    return changed == null || changed.isEmpty() ? commit : commit + "-dirty";
  }

  private static String git(Path folder, String... arguments) {
    String[] command = new String[arguments.length + 3];
    command[0] = "git";
    command[1] = "-C";
    command[2] = folder.toString();
    System.arraycopy(arguments, 0, command, 3, arguments.length);
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return null;
      }
      return process.exitValue() == 0 ? said : null;
    } catch (IOException e) {
      return null; // no git here
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
