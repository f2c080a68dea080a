package io.fuseline.stream.http;

import io.fuseline.stream.admission.AdmissionDesk;
import io.fuseline.stream.admission.OwnerDesk;
import io.fuseline.stream.command.CommandStream;
import io.fuseline.stream.ingest.Ingest;
import io.fuseline.stream.query.CostQueries;
import io.fuseline.stream.query.CostQueries.StoreUnavailable;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of one pipeline instance. It binds to the loopback address unless told otherwise,
 * gives other sites' pages no access (no CORS, a strict content security policy, no foreign {@code
 * Host}), and answers every error as an RFC 9457 problem that says what was expected and what to
 * do.
 */
public final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

  /** Everything the page needs comes from this server; nothing is inline, nothing is framed. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

  private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

  /** Seconds after which a caller should ask again when partitions still move. */
  private static final int RETRY_AFTER = 2;

  private final Javalin javalin;
  private final List<String> routes;

  private HttpServer(Javalin javalin, List<String> routes) {
    this.javalin = javalin;
    this.routes = routes;
  }

  /**
   * Starts listening; the server answers when this returns.
   *
   * @param ingest what takes in spans that are sent here
   * @param routed answers from whichever instances own the keys; public routes
   * @param local answers from this instance's own stores only; what other instances ask, see {@link
   *     InstanceClient}
   * @param admission decides about calls, whichever instances own what they concern
   * @param localAdmission decides by this instance's own stores; what other instances ask
   * @param commands what subscribers are served from
   * @param metrics the current values in Prometheus' text format 0.0.4
   * @throws IllegalStateException when the address cannot be bound
   */
  public static HttpServer start(
      HttpSettings settings,
      Ingest ingest,
      CostQueries routed,
      CostQueries local,
      AdmissionDesk admission,
      OwnerDesk localAdmission,
      Health health,
      CommandStream commands,
      Supplier<String> metrics) {
    return start(
        settings,
        ingest,
        routed,
        local,
        admission,
        localAdmission,
        health,
        commands,
        metrics,
        Clock.systemUTC());
  }

  static HttpServer start(
      HttpSettings settings,
      Ingest ingest,
      CostQueries routed,
      CostQueries local,
      AdmissionDesk admission,
      OwnerDesk localAdmission,
      Health health,
      CommandStream commands,
      Supplier<String> metrics,
      Clock clock) {
    List<String> registered = new CopyOnWriteArrayList<>();
    Javalin javalin =
        Javalin.create(
            config -> {
              listen(config, settings, ingest.settings().port());
              config.events.handlerAdded(
                  added -> {
                    if (added.getHttpMethod().isHttpMethod()) {
                      registered.add(added.getHttpMethod().name() + " " + added.getPath());
                    }
                  });
              protect(config.routes, settings);
              new QueryRoutes(routed, new Patience(settings.patience()), clock)
                  .register(config.routes, QueryRoutes.PUBLIC);
              new QueryRoutes(local, new Patience(Duration.ZERO), clock)
                  .register(config.routes, QueryRoutes.INTERNAL);
              new AdmissionRoutes(
                      admission,
                      localAdmission,
                      ingest.metrics().admission(),
                      settings,
                      clock,
                      routed.currency())
                  .register(config.routes);
              new CommandRoutes(commands).register(config.routes);
              new IngestRoutes(ingest, routed.currency()).register(config.routes);
              config.routes.get("/health/live", context -> answer(context, health.live()));
              config.routes.get("/health/ready", context -> answer(context, health.ready()));
              config.routes.get(
                  "/metrics",
                  context -> context.contentType(PROMETHEUS_TEXT).result(metrics.get()));
              new Assets().register(config.routes);
              explainErrors(config.routes);
            });
    try {
      javalin.start();
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "Cannot listen on http://"
              + settings.host()
              + ":"
              + settings.port()
              + ": "
              + e.getMessage()
              + " Choose another address or port, or 0 for any free port.",
          e);
    }
    return new HttpServer(javalin, List.copyOf(registered));
  }

  /** The port listened on, also when the settings left the choice to the system. */
  public int port() {
    return javalin.port();
  }

  /** Stops listening and frees the port; safe to call twice. */
  @Override
  public void close() {
    javalin.stop();
  }

  /** Method and path of every route, for the test that compares them with the API document. */
  List<String> routes() {
    return routes;
  }

  private static void listen(JavalinConfig config, HttpSettings settings, OptionalInt alsoPort) {
    config.jetty.host = settings.host();
    config.jetty.port = settings.port();
    config.jetty.modifyServer(server -> server.setErrorHandler(new Refusals()));
    if (alsoPort.isPresent()) {
      // The server's own port stays the first; with a connector given, none is made by default.
      config.jetty.addConnector(
          (server, http) -> connector(server, http, settings, settings.port()));
      config.jetty.addConnector(
          (server, http) -> connector(server, http, settings, alsoPort.getAsInt()));
    }
    config.http.prefer405over404 = true;
    config.router.ignoreTrailingSlashes = false;
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
  }

  private static ServerConnector connector(
      Server server, HttpConfiguration http, HttpSettings settings, int port) {
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost(settings.host());
    connector.setPort(port);
    return connector;
  }

  private static void protect(RoutesConfig routes, HttpSettings settings) {
    routes.before(
        context -> {
          context
              .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
              .header("X-Content-Type-Options", "nosniff")
              .header("Referrer-Policy", "no-referrer")
              .header("Cross-Origin-Resource-Policy", "same-origin")
              .header("Cache-Control", "no-store");
          String host = context.header("Host");
          if (!settings.accepts(host)) {
            throw new Problem(
                Problem.Kind.WRONG_HOST,
                "The request is for host '" + host + "'; this server answers loopback names only.",
                "Ask http://localhost, or name the host in the server's trusted hosts when a proxy"
                    + " forwards to it.");
          }
        });
  }

  private static void answer(Context context, Health.Status status) {
    context
        .status(status.ok() ? 200 : 503)
        .contentType(Json.CONTENT_TYPE)
        .result(Json.write(status));
  }

  static void explainErrors(RoutesConfig routes) {
    routes.exception(Problem.class, (problem, context) -> explain(context, problem));
    routes.exception(
        StoreUnavailable.class,
        (moving, context) ->
            explain(
                context,
                new Problem(
                        Problem.Kind.STORE_UNAVAILABLE,
                        String.valueOf(moving.getMessage()),
                        "Ask again in "
                            + RETRY_AFTER
                            + " seconds; /health/ready says when the instance is ready.")
                    .retryAfter(RETRY_AFTER)));
    routes.exception(
        HttpResponseException.class,
        (refused, context) -> explain(context, asProblem(refused, context)));
    routes.exception(
        Exception.class,
        (failure, context) -> {
          String incident = UUID.randomUUID().toString();
          LOG.error(
              "{} {} failed, incident {}", context.method(), context.path(), incident, failure);
          explain(
              context,
              new Problem(
                      Problem.Kind.INTERNAL,
                      "The server failed on this request.",
                      "Find the incident in the server's log, and report it with what stands"
                          + " there.")
                  .with("incident", incident));
        });
  }

  private static Problem asProblem(HttpResponseException refused, Context context) {
    return switch (refused.getStatus()) {
      case 404 ->
          new Problem(
              Problem.Kind.NO_SUCH_ROUTE,
              context.path() + " is not a route of this server.",
              "/openapi.yaml lists all routes; encode '/' inside a value as %2F.");
      case 405 ->
          new Problem(
              Problem.Kind.METHOD_NOT_ALLOWED,
              context.method().name() + " is not offered for " + context.path() + ".",
              "Use another method; /openapi.yaml lists all routes and their methods.");
      default ->
          new Problem(
              Problem.Kind.BAD_REQUEST,
              String.valueOf(refused.getMessage()),
              "/openapi.yaml says how to ask.");
    };
  }

  private static void explain(Context context, Problem problem) {
    if (problem.retryAfter() != null) {
      context.header("Retry-After", problem.retryAfter());
    }
    context
        .status(problem.kind().status())
        .contentType(Problem.CONTENT_TYPE)
        .result(Json.write(problem.document()));
  }
}
