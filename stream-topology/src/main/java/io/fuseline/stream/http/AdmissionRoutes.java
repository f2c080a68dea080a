package io.fuseline.stream.http;

import io.fuseline.stream.admission.AdmissionDesk;
import io.fuseline.stream.admission.Ask;
import io.fuseline.stream.admission.CallCaps;
import io.fuseline.stream.admission.Decision;
import io.fuseline.stream.admission.Opinion;
import io.fuseline.stream.admission.OwnerDesk;
import io.fuseline.stream.admission.Sight;
import io.fuseline.stream.judge.Times;
import io.fuseline.stream.metrics.AdmissionMetrics;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Asking before spending, and what instances ask each other for it. */
final class AdmissionRoutes {
  static final String ADMISSION = "/v1/admission";
  static final String RELEASE = "/v1/admission/release";
  static final String INTERNAL_ADMISSION = QueryRoutes.INTERNAL + "/admission";
  static final String INTERNAL_CHANGE = QueryRoutes.INTERNAL + "/admission/change";

  /** A caller waits with its call: it is better told that there is no answer. */
  private static final Duration MOST_PATIENCE = Duration.ofSeconds(1);

  /** How soon a person may have agreed. */
  private static final Duration APPROVAL_POLL = Duration.ofSeconds(5);

  private static final int MOST_BYTES = 64 << 10;
  private static final String JSON = "application/json";

  private final AdmissionDesk desk;
  private final OwnerDesk local;
  private final AdmissionMetrics metrics;
  private final Patience patience;
  private final Clock clock;
  private final String currency;

  AdmissionRoutes(
      AdmissionDesk desk,
      OwnerDesk local,
      AdmissionMetrics metrics,
      HttpSettings settings,
      Clock clock,
      String currency) {
    this.desk = desk;
    this.local = local;
    this.metrics = metrics;
    this.patience =
        new Patience(
            settings.patience().compareTo(MOST_PATIENCE) < 0 ? settings.patience() : MOST_PATIENCE);
    this.clock = clock;
    this.currency = currency;
  }

  void register(RoutesConfig routes) {
    routes.post(ADMISSION, this::ask);
    routes.post(RELEASE, this::giveBack);
    routes.post(INTERNAL_ADMISSION, this::askHere);
    routes.post(INTERNAL_CHANGE, this::changeHere);
  }

  private void ask(Context context) {
    long startedAt = System.nanoTime();
    Ask ask = AdmissionDocument.ask(body(context), currency);
    Opinion opinion = patience.ask(() -> desk.ask(ask));
    metrics.decision(opinion.decision().name(), Duration.ofNanos(System.nanoTime() - startedAt));
    switch (opinion.decision()) {
      case ALLOW, THROTTLE, NEEDS_APPROVAL ->
          context.contentType(Json.CONTENT_TYPE).result(Json.write(answer(ask, opinion)));
      case DENY -> throw denied(opinion.cause());
      case BLIND ->
          throw new Problem(
                  Problem.Kind.CONTROL_BLIND,
                  "The pipeline lags and does not see what is spent; no leases are given.",
                  "Spend what is left of the lease, ask for single calls without one, or wait;"
                      + " /health/ready tells the lag.")
              .retryAfter(1);
    }
  }

  private void giveBack(Context context) {
    Ask ask = AdmissionDocument.giveBack(body(context), currency);
    patience.ask(
        () -> {
          desk.giveBack(ask);
          return null;
        });
    context.status(204);
  }

  private void askHere(Context context) {
    OwnerDesk.Part part = read(context, OwnerDesk.Part.class);
    context.contentType(Json.CONTENT_TYPE).result(Json.write(local.ask(part)));
  }

  private void changeHere(Context context) {
    local.change(read(context, OwnerDesk.Change.class));
    context.status(204);
  }

  private static <T extends Record> T read(Context context, Class<T> type) {
    try {
      return Json.read(body(context), type);
    } catch (IOException e) {
      throw new Problem(
          Problem.Kind.BROKEN_BODY,
          "The body is not what instances send each other: " + e.getMessage(),
          "Run the same version everywhere; callers ask " + ADMISSION + ".");
    }
  }

  /** Only a content type that a web page of another site cannot send without asking first. */
  private static byte[] body(Context context) {
    String type = context.contentType();
    if (type == null || !type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT).equals(JSON)) {
      throw new Problem(
          Problem.Kind.WRONG_CONTENT_TYPE,
          "Content-Type is "
              + (type == null ? "missing" : "'" + type + "'")
              + "; expected "
              + JSON
              + ".",
          "Send JSON, and say so.");
    }
    try {
      byte[] body = context.bodyInputStream().readNBytes(MOST_BYTES + 1);
      if (body.length > MOST_BYTES) {
        throw new Problem(
                Problem.Kind.BODY_TOO_LARGE,
                "The body has more than " + MOST_BYTES + " bytes.",
                "Send one question.")
            .with("limit", MOST_BYTES);
      }
      return body;
    } catch (IOException e) {
      throw new Problem(
          Problem.Kind.BROKEN_BODY, "The body cannot be read: " + e.getMessage(), "Send it again.");
    }
  }

  private Map<String, Object> answer(Ask ask, Opinion opinion) {
    Map<String, Object> answer = new LinkedHashMap<>();
    Opinion.Cause cause = opinion.cause();
    answer.put("decision", opinion.decision().name());
    answer.put("caps", opinion.caps() == null ? null : caps(opinion.caps()));
    answer.put("reason", cause == null ? null : cause.reason());
    answer.put("policy_id", cause == null ? null : cause.policyId());
    answer.put("policy_version", cause == null ? null : cause.policyVersion());
    answer.put("command_id", cause == null ? null : cause.commandId());
    answer.put(
        "retry_after_ms",
        opinion.decision() == Decision.NEEDS_APPROVAL ? APPROVAL_POLL.toMillis() : null);
    Opinion.Binding binding = opinion.binding();
    answer.put("headroom", binding == null ? null : Json.money(binding.headroom()));
    answer.put("currency", currency);
    answer.put("binding", binding == null ? null : binding(binding));
    answer.put("lease", opinion.lease() == 0 ? null : lease(ask, opinion));
    answer.put("control", opinion.control() == Sight.Control.OK ? "OK" : "BLIND");
    return answer;
  }

  private Map<String, Object> lease(Ask ask, Opinion opinion) {
    Map<String, Object> lease = new LinkedHashMap<>();
    lease.put("lease_id", ask.grantId());
    lease.put("amount", Json.money(opinion.lease()));
    lease.put("expires_at", Times.instant(opinion.expiresAt()));
    lease.put("ttl_ms", Math.max(0, opinion.expiresAt() / 1000 - clock.instant().toEpochMilli()));
    return lease;
  }

  private static Map<String, Object> caps(CallCaps caps) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("max_tokens", caps.maxTokens());
    shown.put("max_steps_remaining", caps.maxStepsRemaining());
    shown.put("tool_allowlist", caps.toolAllowlist());
    shown.put("tool_denylist", caps.toolDenylist());
    shown.put("cooldown_ms", caps.cooldownMs());
    return shown;
  }

  private static Map<String, Object> binding(Opinion.Binding binding) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("scope_type", binding.scopeType().name());
    shown.put("scope", binding.scope());
    shown.put("policy_id", binding.policyId());
    shown.put("unit", binding.unit());
    shown.put("spend", amount(binding, binding.spend()));
    shown.put("limit", amount(binding, binding.limit()));
    shown.put("reserved", amount(binding, binding.reserved()));
    shown.put("reset", reset(binding));
    return shown;
  }

  private static String amount(Opinion.Binding binding, long measure) {
    return binding.money() ? Json.money(measure) : String.valueOf(measure);
  }

  private static Object reset(Opinion.Binding binding) {
    return binding.reset() == Long.MAX_VALUE ? null : Times.instant(binding.reset());
  }

  private Problem denied(Opinion.Cause cause) {
    Opinion.Binding exhausted = cause.exhausted();
    Problem problem =
        exhausted == null
            ? new Problem(
                Problem.Kind.STOPPED,
                cause.reason(),
                "End the run, or wait until the command is lifted; /v1/commands tells when.")
            : new Problem(
                Problem.Kind.BUDGET_EXHAUSTED,
                cause.reason(),
                "End the run, make a cheaper call, or raise the cap with 'fuseline policy raise'.");
    problem
        .with("decision", Decision.DENY.name())
        .with("scope_type", cause.scopeType().name())
        .with("scope", cause.scope())
        .with("policy_id", cause.policyId())
        .with("policy_version", cause.policyVersion())
        .with("command_id", cause.commandId());
    if (exhausted != null) {
      problem
          .with("unit", exhausted.unit())
          .with("spend", amount(exhausted, exhausted.spend()))
          .with("limit", amount(exhausted, exhausted.limit()))
          .with("reserved", amount(exhausted, exhausted.reserved()))
          .with("currency", currency)
          .with("reset", reset(exhausted));
      long comeAgain = cause.retryAfterMicros() > 0 ? cause.retryAfterMicros() : exhausted.reset();
      if (comeAgain != Long.MAX_VALUE) {
        long micros = comeAgain - Times.micros(clock.instant());
        problem.retryAfter((int) Math.min(Integer.MAX_VALUE, Math.max(1, micros / 1_000_000 + 1)));
      }
    }
    return problem;
  }
}
