package io.fuseline.deploy.cli;

import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.schemas.PolicyDocument;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "show",
    description = {
      "Prints a policy on the cluster as it was written, with its stamps as comments.",
      "What is printed is a policy file again."
    })
final class PolicyShowCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;

  @Parameters(paramLabel = "ID", description = "Id of the policy.")
  private String id;

  @Override
  public Integer call() throws Exception {
    var topic =
        new CompactedTopic<>(
            cluster.topics().policies().name(), PolicyDocument.class, cluster.clientSettings());
    Map<String, PolicyDocument> policies = cluster.reaching(topic::read);
    PolicyDocument policy = policies.get(id);
    if (policy == null) {
      throw new RefusedInputException(
          "No policy "
              + id
              + " is on the cluster. There are: "
              + String.join(", ", policies.keySet())
              + ".");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println("# version " + policy.getVersion());
    out.println(
        "# applied "
            + policy.getAppliedAt()
            + (policy.getAuthor() == null ? "" : " by " + policy.getAuthor())
            + (policy.getGitCommit() == null ? "" : ", commit " + policy.getGitCommit()));
    if (!policy.getSourceName().isEmpty()) {
      out.println("# from " + policy.getSourceName());
    }
    out.print(policy.getSource());
    out.flush();
    return ExitCode.OK;
  }
}
