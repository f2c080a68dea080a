package io.fuseline.alerting.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.alerting.client.AdmissionDenied.Against;
import io.fuseline.alerting.client.AdmissionDenied.Why;
import io.fuseline.alerting.client.LeaseAccount.Back;
import io.fuseline.alerting.client.LeaseAccount.Lease;
import io.fuseline.schemas.Caps;
import io.fuseline.schemas.json.AvroJson;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a pipeline instance over HTTP; {@code docs/admission.md} tells the exchange. */
final class HttpAdmissionDesk implements AdmissionDesk {
  private static final Logger LOG = LoggerFactory.getLogger(HttpAdmissionDesk.class);
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

  private final AdmissionSettings settings;
  private final HttpClient http;

  HttpAdmissionDesk(AdmissionSettings settings) {
    this.settings = settings;
    http = HttpClient.newBuilder().connectTimeout(settings.requestTimeout()).build();
  }

  @Override
  public Answer ask(Question question) throws InterruptedException {
    var asked = System.nanoTime();
    try {
      return read(post("/v1/admission", document(question)), asked);
    } catch (IOException e) {
      return new Silence(settings.url() + " does not answer: " + e, Optional.empty());
    }
  }

  @Override
  public boolean release(Caller caller, Back back) {
    var document = document(caller);
    put(document, back);
    try {
      return post("/v1/admission/release", document).statusCode() / 100 == 2;
    } catch (IOException e) {
      LOG.debug("Lease {} runs out by itself: {}", back.leaseId(), e.toString());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private HttpResponse<byte[]> post(String path, ObjectNode document)
      throws IOException, InterruptedException {
    var address = settings.url().toString().replaceAll("/+$", "") + path;
    var request =
        HttpRequest.newBuilder(URI.create(address))
            .timeout(settings.requestTimeout())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(document)));
    if (settings.token() != null) {
      request.header("Authorization", "Bearer " + settings.token());
    }
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  private ObjectNode document(Question question) {
    var document = document(question.caller());
    document.put("estimate", question.estimate().toPlainString());
    put(document, "run_id", question.details().runId());
    put(document, "tool", question.details().tool());
    put(document, "model", question.details().model());
    put(document, "action_value", text(question.details().actionValue()));
    question
        .lease()
        .ifPresent(
            lease ->
                document
                    .put("holder", question.caller().holder())
                    .put("lease", lease.toPlainString()));
    question.back().ifPresent(back -> put(document, back));
    return document;
  }

  private ObjectNode document(Caller caller) {
    var run = caller.run();
    var document = JSON.createObjectNode();
    document.put("tenant", run.tenant());
    document.put("root_run_id", run.rootRunId());
    put(document, "agent_id", run.agentId());
    put(document, "team", run.team());
    put(document, "project", run.project());
    put(document, "workflow", run.workflow());
    put(document, "cost_center", run.costCentre());
    put(document, "role", settings.role());
    put(document, "environment", settings.environment());
    return document;
  }

  private static void put(ObjectNode document, Back back) {
    document.put("lease_id", back.leaseId()).put("used", back.used().toPlainString());
  }

  private static void put(ObjectNode document, String field, String value) {
    if (value != null) {
      document.put(field, value);
    }
  }

  private static String text(BigDecimal amount) {
    return amount == null ? null : amount.toPlainString();
  }

  private Answer read(HttpResponse<byte[]> response, long askedNanos) throws IOException {
    var status = response.statusCode();
    var body = json(response.body());
    if (status / 100 == 2) {
      return allowed(body, askedNanos);
    }
    if (body.path("decision").asText().equals("DENY")) {
      var why = body.path("type").asText().endsWith("stopped") ? Why.STOPPED : Why.BUDGET;
      return new Denied(why, said(body), against(body, retryAfter(response)));
    }
    if (body.path("type").asText().endsWith("control-blind")) {
      return new NoLeases();
    }
    var reason = "%s answers %d: %s".formatted(settings.url(), status, said(body));
    if (status == 429 || status >= 500) {
      return new Silence(reason, retryAfter(response));
    }
    throw new IllegalStateException(reason);
  }

  private static Answer allowed(JsonNode body, long askedNanos) {
    var caps =
        body.hasNonNull("caps")
            ? Optional.of(AvroJson.fromJson(body.get("caps"), Caps.class))
            : Optional.<Caps>empty();
    return switch (body.path("decision").asText()) {
      case "ALLOW" -> new Allowed(Optional.empty(), lease(body, Optional.empty(), askedNanos));
      case "THROTTLE" -> new Allowed(caps, lease(body, caps, askedNanos));
      case "NEEDS_APPROVAL" ->
          new NeedsApproval(
              body.path("reason").asText(),
              against(withBinding(body), Optional.empty()),
              body.hasNonNull("retry_after_ms")
                  ? Duration.ofMillis(body.get("retry_after_ms").asLong())
                  : ASK_AGAIN);
      default ->
          throw new IllegalStateException(
              "The pipeline decides "
                  + body.path("decision")
                  + ", which this client does not know");
    };
  }

  private static Optional<Lease> lease(JsonNode body, Optional<Caps> caps, long askedNanos) {
    if (!body.hasNonNull("lease")) {
      return Optional.empty();
    }
    var lease = body.get("lease");
    // By this machine's clock, from before the question: never later than the pipeline's.
    var goodUntil = askedNanos + TimeUnit.MILLISECONDS.toNanos(lease.path("ttl_ms").asLong());
    return Optional.of(
        new Lease(
            lease.path("lease_id").asText(),
            new BigDecimal(lease.path("amount").asText()),
            goodUntil,
            caps));
  }

  private static JsonNode withBinding(JsonNode body) {
    var all = (ObjectNode) body.deepCopy();
    if (body.get("binding") instanceof ObjectNode binding) {
      binding.properties().forEach(field -> all.putIfAbsent(field.getKey(), field.getValue()));
    }
    return all;
  }

  private static Against against(JsonNode body, Optional<Duration> retryAfter) {
    return new Against(
        string(body, "scope_type"),
        string(body, "scope"),
        string(body, "policy_id"),
        amount(body, "spend"),
        amount(body, "limit"),
        body.hasNonNull("unit") ? string(body, "unit") : string(body, "currency"),
        body.hasNonNull("reset") ? Instant.parse(body.get("reset").asText()) : null,
        string(body, "command_id"),
        retryAfter.orElse(null));
  }

  private static String string(JsonNode body, String field) {
    return body.hasNonNull(field) ? body.get(field).asText() : null;
  }

  private static BigDecimal amount(JsonNode body, String field) {
    return body.hasNonNull(field) ? new BigDecimal(body.get(field).asText()) : null;
  }

  private static String said(JsonNode body) {
    return (body.path("detail").asText() + " " + body.path("action").asText()).strip();
  }

  private static Optional<Duration> retryAfter(HttpResponse<?> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(value -> value.matches("\\d{1,9}"))
        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)));
  }

  /** What is no JSON, as from a proxy, has no members. */
  private static JsonNode json(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException notJson) {
      return JSON.createObjectNode();
    }
  }
}
