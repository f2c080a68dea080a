package io.fuseline.deploy.cli;

import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicyFile;
import io.fuseline.stream.policy.PolicyFileException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Parameters;

/** The policy files a command works on. */
final class PolicyFiles {
  @Parameters(
      paramLabel = "PATH",
      description = "A policy file, or a folder with policy files (.yaml, .yml) at any depth.")
  private Path path;

  /**
   * Reads and checks them.
   *
   * @throws RefusedInputException with every fault, each with file, line and field
   */
  List<ParsedPolicy> read() {
    if (!Files.exists(path)) {
      throw new RefusedInputException("No file or folder " + path + " with policies.");
    }
    try {
      List<ParsedPolicy> policies = PolicyFile.read(path);
      if (policies.isEmpty()) {
        throw new RefusedInputException(
            path + ": no policy found; expected YAML documents in .yaml or .yml files.");
      }
      return policies;
    } catch (PolicyFileException | UncheckedIOException e) {
      throw new RefusedInputException(e.getMessage(), e);
    }
  }
}
