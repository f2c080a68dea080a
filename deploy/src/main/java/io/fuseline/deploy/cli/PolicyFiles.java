package io.fuseline.deploy.cli;

import io.fuseline.schemas.PolicyDocument;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicyFile;
import io.fuseline.stream.policy.PolicyFileException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  /** Where examples of them stand: beside the file, or below the folder. */
  Path examples() {
    Path parent = path.toAbsolutePath().getParent();
    return Files.isDirectory(path) || parent == null ? path : parent;
  }

  /**
   * Reads and checks them, as they are to be written.
   *
   * @param gitCommit commit they are of; null for that of the git work tree they stand in
   * @throws RefusedInputException with every fault, each with file, line and field
   */
  Map<String, PolicyDocument> documents(String author, String gitCommit) {
    Instant now = Instant.now();
    String commit = gitCommit == null ? GitCommit.of(examples()) : gitCommit;
    Map<String, PolicyDocument> documents = new LinkedHashMap<>();
    for (ParsedPolicy parsed : read()) {
      documents.put(
          parsed.policy().id(),
          PolicyDocument.newBuilder()
              .setPolicyId(parsed.policy().id())
              .setVersion(parsed.policy().version())
              .setSource(parsed.source())
              .setSourceName(parsed.file())
              .setCompiled(parsed.compiled())
              .setGitCommit(commit)
              .setAuthor(author)
              .setAppliedAt(now)
              .build());
    }
    return documents;
  }
}
