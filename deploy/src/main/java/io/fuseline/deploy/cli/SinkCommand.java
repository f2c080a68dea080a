package io.fuseline.deploy.cli;

import io.fuseline.alerting.sink.SinkService;
import io.fuseline.alerting.sink.SinkSettings;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "sink",
    description = {
      "Delivers alerts and commands to the log and to a webhook, until it is stopped.",
      "Further settings, such as sink.webhook.attempts, stand in the --config file."
    })
final class SinkCommand implements ServiceCommand {
  @Mixin private ClusterOptions cluster;

  @Option(
      names = "--webhook-url",
      paramLabel = "URL",
      description =
          "Where to post events. The secret that signs them is taken from FUSELINE_WEBHOOK_SECRET or sink.webhook.secret.")
  private String webhookUrl;

  @Override
  public Integer call() throws Exception {
    SinkSettings settings = sinkSettings();
    // The service waits for brokers that are away; a person who mistyped an address should hear of
    // it.
    cluster.requireBroker();
    SinkService sink = new SinkService(settings);
    sink.start();
    return runUntilStopped(sink, ServiceCommand::forEver);
  }

  private SinkSettings sinkSettings() {
    Map<String, String> settings = cluster.sinkSettings();
    if (webhookUrl != null) {
      settings.put("sink.webhook.url", webhookUrl);
    }
    String secret = System.getenv("FUSELINE_WEBHOOK_SECRET");
    if (secret != null) {
      settings.put("sink.webhook.secret", secret);
    }
    try {
      return SinkSettings.from(settings, cluster.topics());
    } catch (IllegalArgumentException e) {
      throw new RefusedInputException(e.getMessage(), e);
    }
  }
}
