package io.fuseline.stream.judge;

import io.fuseline.schemas.CostStatus;
import io.fuseline.stream.policy.Subject;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** A span as the judges see it, with defaults that are of no interest to a test. */
final class SpanDraft {
  private static final String TENANT = "acme";

  /** 2026-05-04, 10:00 UTC: far from the ends of its hour and day. */
  static final long TEN_O_CLOCK = 1_777_888_800_000_000L;

  private final String kind;
  private final String tool;
  private String id;
  private String root = "run-1";
  private String run;
  private String parent;
  private String agent = "coder";
  private String team = "blue";
  private String role = "worker";
  private Map<String, String> tags = Map.of();
  private String model = "model-a";
  private String step;
  private long micros = TEN_O_CLOCK;
  private long cost;
  private long bound;
  private long tokens;
  private long signature;
  private boolean resultKnown = true;
  private SpanSigns signs;
  private boolean opens;
  private boolean provisional;

  private SpanDraft(String kind, String tool) {
    this.kind = kind;
    this.tool = tool;
  }

  static SpanDraft llmSpan() {
    return new SpanDraft("LLM", null);
  }

  static SpanDraft toolCall(String tool) {
    return new SpanDraft("TOOL", tool);
  }

  SpanDraft id(String spanId) {
    id = spanId;
    return this;
  }

  SpanDraft root(String rootRunId) {
    root = rootRunId;
    return this;
  }

  /** A sub-agent's run; without it the span is of the root run. */
  SpanDraft run(String runId, String parentRunId) {
    run = runId;
    parent = parentRunId;
    return this;
  }

  SpanDraft agent(String agentId) {
    agent = agentId;
    return this;
  }

  SpanDraft team(String name) {
    team = name;
    return this;
  }

  SpanDraft role(String name) {
    role = name;
    return this;
  }

  SpanDraft tags(Map<String, String> given) {
    tags = given;
    return this;
  }

  SpanDraft model(String name) {
    model = name;
    return this;
  }

  SpanDraft step(String name) {
    step = name;
    return this;
  }

  SpanDraft atMicros(long eventMicros) {
    micros = eventMicros;
    return this;
  }

  /** Seconds after ten o'clock. */
  SpanDraft second(long seconds) {
    return atMicros(TEN_O_CLOCK + seconds * Times.MICROS_PER_SECOND);
  }

  SpanDraft minute(long minutes) {
    return second(minutes * 60);
  }

  SpanDraft costs(String usd) {
    cost = pico(usd);
    return this;
  }

  SpanDraft costsPico(long pico) {
    cost = pico;
    return this;
  }

  /** Usage without a price. */
  SpanDraft bound(String usd) {
    bound = pico(usd);
    return this;
  }

  SpanDraft tokens(long count) {
    tokens = count;
    return this;
  }

  /** What was called and what came of it, as one number. */
  SpanDraft signature(long hash) {
    signature = hash;
    return this;
  }

  private SpanSigns plainSigns() {
    return tool == null
        ? SpanSigns.NONE
        : new SpanSigns(
            false,
            Hashes.mix(1, signature),
            resultKnown ? Hashes.mix(2, signature) : 0,
            Hashes.text(tool),
            null,
            0,
            0,
            0,
            0,
            null);
  }

  /** What detectors look at. */
  SpanDraft signs(SpanSigns seen) {
    signs = seen;
    return this;
  }

  /** A call as detectors see it: arguments and result by number; result 0 is not known. */
  SpanDraft called(long arguments, long result) {
    long hash = Hashes.text(tool);
    return signature(Hashes.mix(Hashes.mix(hash, arguments), result))
        .signs(
            new SpanSigns(
                false,
                Hashes.mix(hash, arguments),
                result == 0 ? 0 : Hashes.mix(hash, result),
                hash,
                null,
                0,
                0,
                0,
                0,
                null));
  }

  SpanDraft resultUnknown() {
    resultKnown = false;
    return this;
  }

  /** The writing that opens the span. */
  SpanDraft start() {
    opens = true;
    return this;
  }

  /** A writing in between. */
  SpanDraft snapshot() {
    provisional = true;
    return this;
  }

  static long pico(String usd) {
    return new BigDecimal(usd).movePointRight(Amount.SCALE).longValueExact();
  }

  String spanId() {
    return id;
  }

  String rootRunId() {
    return root;
  }

  SpanFacts facts() {
    Subject subject = new Subject(TENANT, agent, role, team, null, null, null, "prod").tagged(tags);
    String runId = run == null ? root : run;
    boolean isTool = tool != null;
    Booking booking =
        opens
            ? null
            : new Booking(
                root,
                runId,
                micros,
                cost,
                cost,
                bound,
                1,
                isTool ? 0 : 1,
                isTool ? 1 : 0,
                0,
                bound > 0 ? 1 : 0,
                tokens,
                isTool ? null : model,
                tool,
                step,
                subject);
    SpanRecord record =
        new SpanRecord(
            opens || provisional,
            micros,
            runId,
            agent,
            kind,
            isTool ? tool : model,
            cost,
            bound == 0 ? CostStatus.PRICED : CostStatus.UNPRICED,
            false,
            0,
            booking,
            null,
            List.of());
    return new SpanFacts(
        root,
        runId,
        parent,
        id,
        micros,
        opens,
        provisional,
        signature,
        resultKnown,
        "anthropic",
        subject,
        null,
        booking,
        record,
        opens ? SpanSigns.NONE : signs != null ? signs : plainSigns());
  }
}
