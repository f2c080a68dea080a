package io.fuseline.deploy.cli;

import io.fuseline.deploy.setup.TopicSetup;
import io.fuseline.schemas.serde.SchemaRegistration;
import io.fuseline.schemas.topics.Topics;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "create",
    description = {
      "Creates the topics that are missing and registers the schemas of their records.",
      "Can be run again: a topic that exists is left as it is, and what differs is reported."
    })
final class TopicsCreateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;

  @Option(
      names = "--replication-factor",
      paramLabel = "COPIES",
      description = "Copies of each partition. Default: as the cluster is set.")
  private Integer replication;

  @Override
  public Integer call() throws Exception {
    if (replication != null && (replication < 1 || replication > Short.MAX_VALUE)) {
      throw new ParameterException(
          spec.commandLine(), "--replication-factor is " + replication + ", expected 1 or more");
    }
    Topics topics = cluster.topics();
    PrintWriter out = spec.commandLine().getOut();
    List<TopicSetup.Result> results = cluster.reaching(() -> createTopics(topics));
    results.forEach(result -> out.println(line(result)));
    out.flush();
    Map<String, Integer> schemas =
        cluster.reaching(
            () -> SchemaRegistration.registerAll(cluster.clientSettings(), topics.all()));
    schemas.forEach((subject, id) -> out.println("schema " + subject + ": id " + id));
    out.flush();
    return ExitCode.OK;
  }

  private List<TopicSetup.Result> createTopics(Topics topics) {
    try (Admin admin = Admin.create(cluster.clientSettings())) {
      return TopicSetup.create(
          admin,
          topics.all(),
          replication == null ? OptionalInt.empty() : OptionalInt.of(replication));
    }
  }

  private static String line(TopicSetup.Result result) {
    String line = "topic " + result.topic() + ": " + result.state().name().toLowerCase(Locale.ROOT);
    return result.differences().isEmpty()
        ? line
        : line + " (" + String.join("; ", result.differences()) + ")";
  }
}
