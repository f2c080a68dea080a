package io.fuseline.deploy.cli;

import io.fuseline.stream.service.ServiceSettings;
import io.fuseline.stream.service.StreamService;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "stream",
    description = {
      "Runs the pipeline: prices spans, judges runs, writes commands and serves queries over HTTP, until it is stopped.",
      "Further settings, such as threads and standbys, stand in the --config file."
    })
final class StreamCommand implements ServiceCommand {
  @Mixin private ClusterOptions cluster;

  @Option(
      names = "--application-id",
      paramLabel = "NAME",
      description = "Instances with the same name share the work. Default: fuseline")
  private String applicationId;

  @Option(
      names = "--state-dir",
      paramLabel = "FOLDER",
      description = "Where state is kept, for a quick restart. Default: fuseline-state")
  private Path stateDir;

  @Option(
      names = "--http-host",
      paramLabel = "HOST",
      description = "Address to listen on; there is no authentication. Default: 127.0.0.1")
  private String httpHost;

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      description = "Port to listen on; 0 takes any free port. Default: 8420")
  private Integer httpPort;

  @Override
  public Integer call() throws Exception {
    Map<String, String> settings = cluster.streamSettings();
    put(settings, ServiceSettings.APPLICATION_ID, applicationId);
    put(settings, ServiceSettings.STATE_DIR, stateDir);
    put(settings, ServiceSettings.HTTP_HOST, httpHost);
    put(settings, ServiceSettings.HTTP_PORT, httpPort);
    try {
      ServiceSettings.of(settings);
    } catch (IllegalArgumentException e) {
      throw new RefusedInputException(e.getMessage(), e);
    }
    cluster.requireBroker();
    StreamService service = StreamService.start(settings);
    return runUntilStopped(service, service::awaitTermination);
  }

  private static void put(Map<String, String> settings, String name, Object value) {
    if (value != null) {
      settings.put(name, value.toString());
    }
  }
}
