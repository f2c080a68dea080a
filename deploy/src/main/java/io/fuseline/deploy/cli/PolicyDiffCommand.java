package io.fuseline.deploy.cli;

import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.schemas.PolicyDocument;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "diff",
    description = {
      "Shows how policy files differ from the policies on the cluster. Writes nothing.",
      "Ends with 0 when applying the files would change nothing, with 6 when it would."
    })
final class PolicyDiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private PolicyFiles files;
  @Mixin private ClusterOptions cluster;

  @Option(names = "--prune", description = "As apply --prune: what is not in the files is removed.")
  private boolean prune;

  @Override
  public Integer call() throws Exception {
    var proposed = files.documents(null, null);
    var topic =
        new CompactedTopic<>(
            cluster.topics().policies().name(), PolicyDocument.class, cluster.clientSettings());
    PolicyChanges changes = new PolicyChanges(cluster.reaching(topic::read), proposed, prune);
    PrintWriter out = spec.commandLine().getOut();
    changes.print(out, true);
    out.flush();
    return changes.records().isEmpty() ? ExitCode.OK : ExitCode.DIFFERENT;
  }
}
