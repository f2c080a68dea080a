package io.fuseline.deploy.cli;

import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.schemas.PolicyDocument;
import java.io.PrintWriter;
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
      description =
          "Commit the files are of, for the record. Default: that of the git work tree they stand in, with -dirty when they differ from it.")
  private String gitCommit;

  @Override
  public Integer call() throws Exception {
    Map<String, PolicyDocument> proposed = files.documents(author, gitCommit);
    var topic =
        new CompactedTopic<>(
            cluster.topics().policies().name(), PolicyDocument.class, cluster.clientSettings());
    PolicyChanges changes = new PolicyChanges(cluster.reaching(topic::read), proposed, prune);
    Map<String, PolicyDocument> records = changes.records();
    PrintWriter out = spec.commandLine().getOut();
    changes.print(out, false);
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
}
