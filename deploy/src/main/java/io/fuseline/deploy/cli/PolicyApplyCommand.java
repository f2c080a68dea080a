package io.fuseline.deploy.cli;

import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.schemas.PolicyDocument;
import io.fuseline.stream.policy.ParsedPolicy;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "apply",
    description = {
      "Checks policy files, shows what changes, and puts them in force.",
      "When anything in any file is wrong, nothing is applied and the policies in force stay."
    })
final class PolicyApplyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private PolicyFiles files;
  @Mixin private ClusterOptions cluster;

  @Option(names = "--dry-run", description = "Only show what would change.")
  private boolean dryRun;

  @Option(
      names = "--prune",
      description = "Remove policies on the cluster that are not in the files.")
  private boolean prune;

  @Option(
      names = "--author",
      paramLabel = "NAME",
      description = "Who applies them, for the record. Default: the user this runs as.")
  private String author = System.getProperty("user.name");

  @Option(
      names = "--git-commit",
      paramLabel = "ID",
      description = "Commit the files are of, for the record.")
  private String gitCommit;

  @Override
  public Integer call() throws Exception {
    Map<String, PolicyDocument> proposed = new LinkedHashMap<>();
    files.read().forEach(parsed -> proposed.put(parsed.policy().id(), document(parsed)));
    var topic =
        new CompactedTopic<>(
            cluster.topics().policies().name(), PolicyDocument.class, cluster.clientSettings());
    Map<String, PolicyDocument> current = cluster.reaching(topic::read);
    Map<String, PolicyDocument> records = changes(current, proposed, spec.commandLine().getOut());
    PrintWriter out = spec.commandLine().getOut();
    if (dryRun) {
      out.println("Nothing was written: --dry-run.");
    } else {
      cluster.reaching(
          () -> {
            topic.write(records, stored -> {});
            return null;
          });
      out.println("Wrote " + records.size() + " changes.");
    }
    out.flush();
    return ExitCode.OK;
  }

  private Map<String, PolicyDocument> changes(
      Map<String, PolicyDocument> current, Map<String, PolicyDocument> proposed, PrintWriter out) {
    Map<String, PolicyDocument> records = new LinkedHashMap<>();
    proposed.forEach(
        (id, policy) -> {
          PolicyDocument before = current.get(id);
          if (before == null) {
            out.println("new        " + id + " " + policy.getVersion());
            records.put(id, policy);
          } else if (before.getVersion().equals(policy.getVersion())) {
            out.println("unchanged  " + id + " " + policy.getVersion());
          } else {
            out.println(
                "changed    " + id + " " + before.getVersion() + " -> " + policy.getVersion());
            records.put(id, policy);
          }
        });
    for (String id : current.keySet()) {
      if (!proposed.containsKey(id)) {
        out.println(
            (prune ? "removed    " : "kept       ")
                + id
                + " "
                + current.get(id).getVersion()
                + (prune ? "" : " (not in the files; --prune removes it)"));
        if (prune) {
          records.put(id, null);
        }
      }
    }
    return records;
  }

  private PolicyDocument document(ParsedPolicy parsed) {
    return PolicyDocument.newBuilder()
        .setPolicyId(parsed.policy().id())
        .setVersion(parsed.policy().version())
        .setSource(parsed.source())
        .setSourceName(parsed.file())
        .setCompiled(parsed.compiled())
        .setGitCommit(gitCommit)
        .setAuthor(author)
        .setAppliedAt(Instant.now())
        .build();
  }
}
