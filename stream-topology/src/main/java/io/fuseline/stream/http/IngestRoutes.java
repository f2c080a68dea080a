package io.fuseline.stream.http;

import io.fuseline.schemas.CommandAck;
import io.fuseline.stream.ingest.AckDocuments;
import io.fuseline.stream.ingest.FaultyAcksException;
import io.fuseline.stream.ingest.FaultySpansException;
import io.fuseline.stream.ingest.Ingest;
import io.fuseline.stream.ingest.Intake;
import io.fuseline.stream.ingest.NotKeptException;
import io.fuseline.stream.ingest.OtlpEncoding;
import io.fuseline.stream.ingest.UnreadableBatchException;
import io.fuseline.stream.metrics.IngestMetrics.Way;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ways in over HTTP. A batch is read and judged whole before its first span is sent on, and
 * acknowledged when the broker has acknowledged all of it. A request is refused before its body is
 * read where that can be told from its head.
 *
 * <p>Only content types that a web page cannot send without asking first are taken, so that foreign
 * pages cannot reach these routes either.
 */
final class IngestRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(IngestRoutes.class);

  static final String TRACES = "/v1/traces";
  static final String LOGS = "/v1/logs";
  static final String SPANS = "/v1/spans";
  static final String ACKS = "/v1/acks";
  static final String OUTCOMES = "/v1/outcomes";

  /** A quarter of the server's threads: the rest answer queries and health checks. */
  private static final int MOST_REQUESTS = 64;

  private static final int MOST_FAULTS_TOLD = 100;
  private static final int UNREACHABLE_SECONDS = 5;
  private static final String BEARER = "Bearer ";
  private static final Set<String> JSON_TYPES =
      Set.of("application/json", "application/x-ndjson", "application/jsonl");

  private final Ingest ingest;
  private final String currency;
  private final BytesInFlight bytes;
  private final Semaphore requests = new Semaphore(MOST_REQUESTS);

  /**
   * @param currency ISO 4217 currency of all money
   */
  IngestRoutes(Ingest ingest, String currency) {
    this.ingest = ingest;
    this.currency = currency;
    this.bytes = new BytesInFlight(ingest.settings().bytesInFlight(), ingest.metrics().ingest());
  }

  void register(RoutesConfig routes) {
    routes.post(TRACES, this::traces);
    routes.post(LOGS, this::logs);
    routes.post(SPANS, this::spans);
    routes.post(ACKS, this::acks);
    routes.post(OUTCOMES, this::outcomes);
    for (String path : List.of(TRACES, LOGS, SPANS, ACKS, OUTCOMES)) {
      routes.after(path, context -> ingest.metrics().ingest().request(context.statusCode()));
    }
  }

  private void traces(Context context) {
    OtlpEncoding encoding = encoding(context);
    try {
      Intake intake = receive(context, Way.TRACES, body -> ingest.intake().traces(body, encoding));
      OtlpAnswers.ofTraces(context, encoding, intake);
    } catch (Problem problem) {
      OtlpAnswers.problem(context, encoding, problem);
    }
  }

  private void logs(Context context) {
    OtlpEncoding encoding = encoding(context);
    try {
      Intake intake = receive(context, Way.LOGS, body -> ingest.intake().logs(body, encoding));
      OtlpAnswers.ofLogs(context, encoding, intake);
    } catch (Problem problem) {
      OtlpAnswers.problem(context, encoding, problem);
    }
  }

  private void outcomes(Context context) {
    checkIsJson(context);
    Intake intake =
        receive(context, Way.OUTCOMES, body -> ingest.intake().outcomes(body, currency));
    context
        .contentType(Json.CONTENT_TYPE)
        .result(Json.write(Map.of("accepted", intake.outcomes().size())));
  }

  private static void checkIsJson(Context context) {
    if (!JSON_TYPES.contains(contentType(context))) {
      throw wrongContentType(context, String.join(", ", new TreeSet<>(JSON_TYPES)));
    }
  }

  private void spans(Context context) {
    checkIsJson(context);
    Intake intake = receive(context, Way.SPANS, ingest.intake()::spans);
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("accepted", intake.accepted().size());
    answer.put("ignored", intake.ignored());
    context.contentType(Json.CONTENT_TYPE).result(Json.write(answer));
  }

  /** Answers to commands: on the topic when this returns, so that the command is not escalated. */
  private void acks(Context context) {
    if (!Json.CONTENT_TYPE.equals(contentType(context))) {
      throw wrongContentType(context, Json.CONTENT_TYPE);
    }
    List<CommandAck> acks =
        receive(
            context,
            body -> {
              List<CommandAck> read = AckDocuments.of(body, Instant.now());
              ingest.acks().keep(read);
              return read;
            });
    context.contentType(Json.CONTENT_TYPE).result(Json.write(Map.of("accepted", acks.size())));
  }

  private Intake receive(Context context, Way way, Reading reading) {
    return receive(
        context,
        body -> {
          Intake intake = reading.read(body);
          ingest.keep(way, intake);
          return intake;
        });
  }

  private <T> T receive(Context context, Taking<T> taking) {
    authorise(context);
    if (!requests.tryAcquire()) {
      throw Problem.busy(MOST_REQUESTS + " requests are being worked on");
    }
    try (BytesInFlight.Share share = bytes.share()) {
      return taking.take(Body.read(context, ingest.settings().bodyBytes(), share));
    } catch (UnreadableBatchException e) {
      throw new Problem(
          Problem.Kind.BROKEN_BODY,
          e.getMessage() + ".",
          "Send a whole batch in the encoding that Content-Type names; nothing of it was taken.");
    } catch (FaultySpansException e) {
      throw faulty(context, e);
    } catch (FaultyAcksException e) {
      throw new Problem(
          Problem.Kind.FAULTY_ACKS,
          e.getMessage() + ".",
          "Copy command_id, tenant_id, target_type, target and epoch from the command; nothing of the"
              + " batch was taken.");
    } catch (NotKeptException e) {
      throw notKept(context, e);
    } finally {
      requests.release();
    }
  }

  private void authorise(Context context) {
    Optional<String> token = ingest.settings().token();
    if (token.isEmpty()) {
      return;
    }
    String given = context.header("Authorization");
    boolean known =
        given != null
            && given.regionMatches(true, 0, BEARER, 0, BEARER.length())
            && MessageDigest.isEqual(
                given.substring(BEARER.length()).getBytes(StandardCharsets.UTF_8),
                token.get().getBytes(StandardCharsets.UTF_8));
    if (!known) {
      context.header("WWW-Authenticate", "Bearer");
      throw new Problem(
          Problem.Kind.UNAUTHORIZED,
          given == null
              ? "The request carries no bearer token; this instance asks for one."
              : "The bearer token is not the one this instance knows.",
          "Send 'Authorization: Bearer …' with the instance's ingest.token; with OpenTelemetry set"
              + " OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20….");
    }
  }

  private static Problem faulty(Context context, FaultySpansException e) {
    return new Problem(
            context.path().equals(OUTCOMES)
                ? Problem.Kind.FAULTY_OUTCOMES
                : Problem.Kind.FAULTY_SPANS,
            e.getMessage(),
            "Correct what faults names and send the whole batch again.")
        .with("count", e.faults().size())
        .with("faults", e.faults().stream().limit(MOST_FAULTS_TOLD).toList());
  }

  private static Problem notKept(Context context, NotKeptException e) {
    if (e.reason() == NotKeptException.Cause.TOO_MUCH) {
      return Problem.busy(e.getMessage());
    }
    LOG.warn("{} is answered with 503: {}", context.path(), e.getMessage());
    return new Problem(
            Problem.Kind.BROKER_UNAVAILABLE,
            e.getMessage() + ".",
            "Send the same batch again later; spans that were kept already are not counted twice.")
        .retryAfter(UNREACHABLE_SECONDS);
  }

  private static OtlpEncoding encoding(Context context) {
    String given = contentType(context);
    for (OtlpEncoding encoding : OtlpEncoding.values()) {
      if (encoding.contentType().equals(given)) {
        return encoding;
      }
    }
    throw wrongContentType(
        context, OtlpEncoding.PROTOBUF.contentType() + " or " + OtlpEncoding.JSON.contentType());
  }

  private static String contentType(Context context) {
    String given = context.contentType();
    return given == null ? "" : given.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
  }

  private static Problem wrongContentType(Context context, String expected) {
    return new Problem(
        Problem.Kind.WRONG_CONTENT_TYPE,
        "Content-Type is "
            + (context.contentType() == null ? "missing" : "'" + context.contentType() + "'")
            + "; expected "
            + expected
            + ".",
        "Name the body's type; with OpenTelemetry set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.");
  }

  /** What is done with a body. */
  private interface Taking<T> {
    T take(byte[] body)
        throws UnreadableBatchException,
            FaultySpansException,
            FaultyAcksException,
            NotKeptException;
  }

  /** How a body becomes spans. */
  private interface Reading {
    Intake read(byte[] body) throws UnreadableBatchException, FaultySpansException;
  }
}
