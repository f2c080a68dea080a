package io.fuseline.deploy.cli;

import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.schemas.PolicyDocument;
import io.fuseline.schemas.json.AvroJson;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicyFile;
import io.fuseline.stream.policy.PolicyFileException;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "list",
    description = "Shows the policies on the cluster: their versions, and who applied them when.")
final class PolicyListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;

  @Option(names = "--json", description = "One JSON object per line, every field.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    var topic =
        new CompactedTopic<>(
            cluster.topics().policies().name(), PolicyDocument.class, cluster.clientSettings());
    List<PolicyDocument> policies =
        cluster.reaching(topic::read).values().stream()
            .sorted(Comparator.comparing(PolicyDocument::getPolicyId))
            .toList();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      policies.forEach(policy -> out.println(AvroJson.toJsonText(policy)));
    } else {
      Table table = new Table("POLICY", "VERSION", "MODE", "RULE", "AUTHOR", "COMMIT", "APPLIED");
      policies.forEach(policy -> table.row(cells(policy)));
      table.print(out);
    }
    out.flush();
    return ExitCode.OK;
  }

  private static String[] cells(PolicyDocument document) {
    String mode = "?";
    String rule = "(cannot be read by this program)";
    try {
      for (ParsedPolicy parsed : PolicyFile.parse(document.getSource(), document.getSourceName())) {
        mode = parsed.policy().mode().name().toLowerCase(Locale.ROOT);
        rule = parsed.policy().rule().matter().toLowerCase(Locale.ROOT);
      }
    } catch (PolicyFileException e) {
      // Listed all the same; a newer program has applied it.
    }
    return new String[] {
      document.getPolicyId(),
      document.getVersion(),
      mode,
      rule,
      document.getAuthor() == null ? "" : document.getAuthor(),
      document.getGitCommit() == null ? "" : document.getGitCommit(),
      document.getAppliedAt().toString()
    };
  }
}
