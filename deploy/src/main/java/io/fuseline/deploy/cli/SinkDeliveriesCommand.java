package io.fuseline.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.deploy.sink.DeliveryLog;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "deliveries",
    description = "Shows what was delivered, when, to whom, and how often it was tried.")
final class SinkDeliveriesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;

  @Option(
      names = "--event",
      paramLabel = "TEXT",
      description = "Only events whose id contains the text, such as an alert's or command's id.")
  private String event = "";

  @Option(names = "--episode", paramLabel = "ID", description = "Only events of this episode.")
  private String episode;

  @Option(names = "--destination", paramLabel = "NAME", description = "Only this destination.")
  private String destination;

  @Option(names = "--failed", description = "Only what was given up or skipped.")
  private boolean failed;

  @Option(
      names = "--since",
      paramLabel = "DURATION",
      defaultValue = "24h",
      converter = DurationConverter.class,
      description = "How far to look back. Default: ${DEFAULT-VALUE}")
  private Duration since;

  @Option(names = "--json", description = "One JSON object per line, every field.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    DeliveryLog log =
        new DeliveryLog(cluster.topics().sinkDeliveries().name(), cluster.clientSettings());
    List<JsonNode> deliveries =
        cluster.reaching(() -> log.read(Instant.now().minus(since), this::isWanted));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      deliveries.forEach(out::println);
    } else {
      Table table = new Table("ENDED", "RESULT", "DESTINATION", ">ATTEMPTS", "EVENT", "DETAIL");
      deliveries.forEach(delivery -> table.row(cells(delivery)));
      table.print(out);
    }
    out.flush();
    return ExitCode.OK;
  }

  private boolean isWanted(JsonNode delivery) {
    return delivery.path("event_id").asText().contains(event)
        && (episode == null || delivery.path("episode_id").asText().equals(episode))
        && (destination == null || delivery.path("destination").asText().equals(destination))
        && !(failed && delivery.path("result").asText().equals("delivered"));
  }

  private static String[] cells(JsonNode delivery) {
    return new String[] {
      delivery.path("ended_at").asText(),
      delivery.path("result").asText(),
      delivery.path("destination").asText(),
      delivery.path("attempts").asText(),
      delivery.path("event_id").asText(),
      delivery.path("detail").asText()
    };
  }
}
