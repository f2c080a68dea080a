package io.fuseline.stream.http;

import io.fuseline.schemas.Command;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.json.AvroJson;
import io.fuseline.stream.command.CommandStream;
import io.fuseline.stream.command.Concerned;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commands as server-sent events, for runtimes that do not read the command topic. */
final class CommandRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(CommandRoutes.class);
  private static final String EVENT_STREAM = "text/event-stream";

  /** Shorter than what proxies usually cut idle connections after. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  private static final int RETRY_AFTER = 5;

  /** Whom one can subscribe for, by parameter. */
  private static final Map<String, TargetType> CONCERNED =
      Map.of(
          "run", TargetType.RUN,
          "agent", TargetType.AGENT,
          "team", TargetType.TEAM,
          "project", TargetType.PROJECT,
          "workflow", TargetType.WORKFLOW,
          "cost-centre", TargetType.COST_CENTRE);

  private static final Set<String> PARAMETERS = parameters();

  private final CommandStream commands;
  private final Duration heartbeat;

  CommandRoutes(CommandStream commands) {
    this(commands, HEARTBEAT);
  }

  CommandRoutes(CommandStream commands, Duration heartbeat) {
    this.commands = commands;
    this.heartbeat = heartbeat;
  }

  void register(RoutesConfig routes) {
    routes.get(QueryRoutes.PUBLIC + "/commands", this::subscribe);
  }

  private void subscribe(Context context) {
    Concerned concerned = concerned(context);
    String accepted = context.header("Accept");
    if (accepted == null || !accepted.contains(EVENT_STREAM)) {
      throw new Problem(
          Problem.Kind.BAD_REQUEST,
          "This is a stream of server-sent events, and the request does not accept one.",
          "Send the header Accept: "
              + EVENT_STREAM
              + "; for what waits now, ask /v1/commands/open.");
    }
    CommandStream.Subscriber subscriber =
        commands.subscribe(concerned, context.header("Last-Event-ID"));
    if (subscriber == null) {
      throw new Problem(
              Problem.Kind.BUSY,
              "This instance serves as many subscribers as it can, "
                  + CommandStream.MOST_SUBSCRIBERS
                  + ".",
              "Subscribe once per process rather than once per run, ask another instance, or come"
                  + " again after the seconds of Retry-After.")
          .retryAfter(RETRY_AFTER);
    }
    serve(context, subscriber);
  }

  private static Concerned concerned(Context context) {
    Parameters parameters = Parameters.of(context, PARAMETERS);
    Map<TargetType, String> ids = new EnumMap<>(TargetType.class);
    CONCERNED.forEach(
        (name, type) -> parameters.text(name).ifPresent(value -> ids.put(type, value)));
    Optional<String> tenant = parameters.text("tenant");
    if (ids.isEmpty() && tenant.isEmpty()) {
      throw Problem.badParameter(
          "run",
          "",
          "a root run id, or one of the parameters agent, team, project, workflow, cost-centre; or"
              + " the tenant alone, for all its commands");
    }
    return new Concerned(tenant.orElse(QueryRoutes.DEFAULT_TENANT), ids);
  }

  /**
   * Writes until the client goes, or is dropped. The request's own thread waits here: Javalin's
   * asynchronous events go on with a request that the server has taken back when a client has gone,
   * and never end. Hence the limit on subscribers, well below the server's threads.
   */
  private void serve(Context context, CommandStream.Subscriber subscriber) {
    try (subscriber) {
      HttpServletResponse response = context.res();
      response.setStatus(200);
      response.setContentType(EVENT_STREAM);
      response.setCharacterEncoding(StandardCharsets.UTF_8.name());
      response.setHeader("X-Accel-Buffering", "no"); // a proxy must not wait for more
      OutputStream out = response.getOutputStream();
      write(out, ": subscribed\n\n");
      int known = subscriber.known();
      while (subscriber.end() == null) {
        if (known-- == 0) {
          // A runtime may now start runs: it knows what was decided before.
          write(out, "event: current\ndata: {}\n\n");
        }
        Command command = subscriber.next(heartbeat);
        if (command != null) {
          String data = AvroJson.toJsonText(command);
          write(out, "id: " + command.getCommandId() + "\nevent: command\ndata: " + data + "\n\n");
        } else if (subscriber.end() == null) {
          write(out, ": heartbeat\n\n");
        }
      }
      String why = subscriber.end().name().toLowerCase(Locale.ROOT);
      write(out, "event: end\ndata: {\"reason\":\"" + why + "\"}\n\n");
    } catch (IOException e) {
      LOG.debug("A subscriber to commands has gone: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static Set<String> parameters() {
    Set<String> all = new LinkedHashSet<>(CONCERNED.keySet());
    all.add("tenant");
    return Set.copyOf(all);
  }
}
