package io.fuseline.deploy.cli;

import io.fuseline.alerting.sink.SinkService;
import io.fuseline.alerting.sink.SinkSettings;
import io.fuseline.deploy.sink.SinkStatus;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "sink",
    description = {
      "Delivers alerts and commands to the log and to the destinations of a routes file, until it is stopped.",
      "Further settings, such as sink.group.id, stand in the --config file."
    },
    synopsisSubcommandLabel = "[COMMAND]",
    subcommands = SinkDeliveriesCommand.class)
final class SinkCommand implements ServiceCommand {
  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;

  @Option(
      names = "--routes",
      paramLabel = "FILE",
      description = "YAML file that says where events are delivered to, and which go where.")
  private Path routes;

  @Option(
      names = "--check",
      description = "Only check the settings and the routes file, and show them. Needs no cluster.")
  private boolean check;

  @Option(
      names = "--webhook-url",
      paramLabel = "URL",
      description =
          "Where to post all events, instead of a routes file. The secret that signs them is taken from FUSELINE_WEBHOOK_SECRET or sink.webhook.secret.")
  private String webhookUrl;

  @Option(
      names = "--http-host",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "Address for /metrics and /health. Default: ${DEFAULT-VALUE}")
  private String httpHost;

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      defaultValue = "8421",
      description = "Port for /metrics and /health; 0 for any free one. Default: ${DEFAULT-VALUE}")
  private int httpPort;

  @Override
  public Integer call() throws Exception {
    SinkSettings settings = sinkSettings();
    if (check) {
      PrintWriter out = spec.commandLine().getOut();
      settings.routes().describe().forEach(out::println);
      out.flush();
      return ExitCode.OK;
    }
    // The service waits for brokers that are away; a person who mistyped an address should hear of
    // it.
    cluster.requireBroker();
    SinkService sink = new SinkService(settings);
    SinkStatus status = SinkStatus.start(httpHost, httpPort, sink.counters());
    sink.start();
    return runUntilStopped(
        () -> {
          sink.close();
          status.close();
        },
        ServiceCommand::forEver);
  }

  private SinkSettings sinkSettings() {
    Map<String, String> settings = cluster.sinkSettings();
    if (routes != null) {
      settings.put(SinkSettings.ROUTES, routes.toString());
    }
    if (webhookUrl != null) {
      settings.put("sink.webhook.url", webhookUrl);
    }
    String secret = System.getenv("FUSELINE_WEBHOOK_SECRET");
    if (secret != null && !settings.containsKey(SinkSettings.ROUTES)) {
      settings.put("sink.webhook.secret", secret);
    }
    try {
      return SinkSettings.from(settings, cluster.topics());
    } catch (IllegalArgumentException e) {
      throw new RefusedInputException(e.getMessage(), e);
    }
  }
}
