package io.fuseline.enrichment.span;

import io.fuseline.enrichment.span.CheckedSpan.Accepted;
import io.fuseline.enrichment.span.CheckedSpan.Reason;
import io.fuseline.enrichment.span.CheckedSpan.Rejected;
import io.fuseline.enrichment.span.CheckedSpan.Remark;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.InputInterpretation;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import io.fuseline.schemas.SpanStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The door every span passes before it is priced. A fault that would falsify the ledger rejects the
 * span; what can be mended without guessing at money is mended, and remarked.
 */
public final class SpanCheck {

  /** Agent of spans that do not name one. */
  public static final String UNATTRIBUTED = "(unattributed)";

  /** Tenant of spans that do not name one. */
  public static final String DEFAULT_TENANT = "default";

  /**
   * As {@code nowMicros}: there is no clock, such as in a replay; nothing is in the future then.
   */
  public static final long NO_CLOCK = Long.MAX_VALUE;

  /** How far a span may be ahead of the clock before it is clamped, in microseconds. */
  public static final long FUTURE_TOLERANCE_MICROS = TimeUnit.MINUTES.toMicros(5);

  /** Highest count of one unit in one span. */
  public static final long MAX_QUANTITY = 10_000_000_000L;

  /** Most usage units in one span. */
  public static final int MAX_UNITS = 64;

  /** Most tags that are kept. */
  public static final int MAX_TAGS = 64;

  /** Most bytes of tags that are kept: keys and values in UTF-8. */
  public static final int MAX_TAG_BYTES = 16 * 1024;

  /** Longest id or name, in characters. */
  public static final int MAX_TEXT = 512;

  private static final int MAX_UNIT_NAME = 64;
  private static final int MAX_UTF8_PER_CHAR = 3;
  private static final long EARLIEST_SECOND =
      Instant.parse("2000-01-01T00:00:00Z").getEpochSecond();
  private static final long LATEST_SECOND = Instant.parse("2200-01-01T00:00:00Z").getEpochSecond();
  private static final List<Set<Remark>> REMARK_SETS = remarkSets();

  private final AgentSpan span;
  private final long now;
  private int remarks;
  private Rejected rejected;

  private SpanCheck(AgentSpan span, long now) {
    this.span = span;
    this.now = now;
  }

  /**
   * Checks the span and puts it in order. An accepted span is the same instance, changed: the
   * caller must own it.
   *
   * @param nowMicros microseconds since the epoch, UTC, or {@link #NO_CLOCK}
   */
  public static CheckedSpan check(AgentSpan span, long nowMicros) {
    return new SpanCheck(span, nowMicros).run();
  }

  private CheckedSpan run() {
    fillEnums();
    checkIds();
    checkUsage(span.getUsage());
    long eventTime = rejected == null ? eventTime() : 0;
    if (rejected != null) {
      return rejected;
    }
    truncateNames();
    keepTags();
    keepRawUsage();
    String rootRunId = firstGiven(span.getRootRunId(), span.getRunId(), span.getTraceId());
    String runId = firstGiven(span.getRunId(), rootRunId);
    String agentId = firstGiven(span.getAgentId(), span.getAgentName(), UNATTRIBUTED);
    String tenant = firstGiven(span.getTenantId(), DEFAULT_TENANT);
    span.setRootRunId(rootRunId);
    span.setRunId(runId);
    span.setAgentId(agentId);
    span.setTenantId(tenant);
    return new Accepted(
        span, eventTime, runId, rootRunId, agentId, tenant, REMARK_SETS.get(remarks));
  }

  /** A span made in code rather than decoded may lack what the schema requires. */
  private void fillEnums() {
    if (span.getKind() == null) {
      span.setKind(SpanKind.OTHER);
    }
    if (span.getPhase() == null) {
      span.setPhase(SpanPhase.END);
    }
    if (span.getStatus() == null) {
      span.setStatus(SpanStatus.UNSET);
    }
    if (span.getInputInterpretation() == null) {
      span.setInputInterpretation(InputInterpretation.UNKNOWN);
    }
  }

  private void checkIds() {
    if (missing(span.getSpanId())) {
      reject(
          Reason.MISSING_SPAN_ID,
          "span_id",
          "nothing",
          "an id unique within the root run",
          "have the producer set it");
    }
    if (firstGiven(span.getRootRunId(), span.getRunId(), span.getTraceId()) == null) {
      reject(
          Reason.MISSING_RUN_ID,
          "root_run_id",
          "nothing, nor in run_id or trace_id",
          "the id of the outermost run",
          "have the producer set root_run_id, or run_id for a run without parent");
    }
    checkLength("span_id", span.getSpanId());
    checkLength("root_run_id", span.getRootRunId());
    checkLength("run_id", span.getRunId());
    checkLength("trace_id", span.getTraceId());
    checkLength("parent_span_id", span.getParentSpanId());
    checkLength("parent_run_id", span.getParentRunId());
    checkLength("tenant_id", span.getTenantId());
    checkLength("agent_id", span.getAgentId());
    checkLength("response_id", span.getResponseId());
    checkLength("tool_call_id", span.getToolCallId());
  }

  private void checkLength(String field, String id) {
    if (id != null && id.length() > MAX_TEXT) {
      reject(
          Reason.ID_TOO_LONG,
          field,
          id.length() + " characters",
          "at most " + MAX_TEXT,
          "use a shorter id or a hash of it");
    }
  }

  private void checkUsage(Map<String, Long> usage) {
    if (usage == null) {
      span.setUsage(new HashMap<>());
      return;
    }
    if (usage.size() > MAX_UNITS) {
      reject(
          Reason.ABSURD_USAGE,
          "usage",
          usage.size() + " units",
          "at most " + MAX_UNITS,
          "report counts per unit, not per item");
    }
    for (Map.Entry<String, Long> used : usage.entrySet()) {
      String unit = used.getKey();
      Long quantity = used.getValue();
      if (missing(unit) || unit.length() > MAX_UNIT_NAME) {
        reject(
            Reason.ABSURD_USAGE,
            "usage",
            "a unit name of " + (unit == null ? 0 : unit.length()) + " characters",
            "1 to " + MAX_UNIT_NAME,
            "name the unit, such as input_tokens");
      } else if (quantity == null || quantity > MAX_QUANTITY) {
        reject(
            Reason.ABSURD_USAGE,
            "usage." + unit,
            String.valueOf(quantity),
            "0 to " + MAX_QUANTITY,
            "check the counter at the producer");
      } else if (quantity < 0) {
        reject(
            Reason.NEGATIVE_USAGE,
            "usage." + unit,
            quantity.toString(),
            "0 to " + MAX_QUANTITY,
            "check how cached tokens are taken off the input counter");
      }
    }
  }

  /** Puts start and end in order and says when the cost is booked; rejects times that cannot be. */
  private long eventTime() {
    checkTime("start_time", span.getStartTime());
    checkTime("end_time", span.getEndTime());
    checkTime("observed_time", span.getObservedTime());
    if (rejected != null) {
      return 0;
    }
    Instant start = span.getStartTime();
    Instant end = span.getEndTime();
    if (start != null && end != null && end.isBefore(start)) {
      remark(Remark.END_BEFORE_START);
      span.setEndTime(start);
      end = start;
    }
    Instant time = end != null ? end : start != null ? start : span.getObservedTime();
    if (time != null) {
      return clamp(micros(time));
    }
    if (now == NO_CLOCK) {
      reject(
          Reason.MISSING_TIME,
          "end_time",
          "no time at all",
          "end_time, start_time or observed_time",
          "have the producer set one");
      return 0;
    }
    remark(Remark.TIME_MISSING);
    return now;
  }

  private void checkTime(String field, Instant time) {
    if (time == null) {
      return;
    }
    boolean early = time.getEpochSecond() < EARLIEST_SECOND;
    boolean late = now == NO_CLOCK && time.getEpochSecond() >= LATEST_SECOND;
    if (early || late) {
      reject(
          Reason.ABSURD_TIME,
          field,
          time.toString(),
          "a time of the years 2000 to 2199",
          "check the unit of the producer's times: microseconds since 1970 are meant");
    }
  }

  private long clamp(long micros) {
    if (now != NO_CLOCK && micros - FUTURE_TOLERANCE_MICROS > now) {
      remark(Remark.FUTURE_CLAMPED);
      return now;
    }
    return micros;
  }

  private void truncateNames() {
    span.setTeam(truncated(span.getTeam()));
    span.setProject(truncated(span.getProject()));
    span.setWorkflow(truncated(span.getWorkflow()));
    span.setCostCentre(truncated(span.getCostCentre()));
    span.setEnvironment(truncated(span.getEnvironment()));
    span.setAgentName(truncated(span.getAgentName()));
    span.setAgentVersion(truncated(span.getAgentVersion()));
    span.setAgentRole(truncated(span.getAgentRole()));
    span.setStep(truncated(span.getStep()));
    span.setProvider(truncated(span.getProvider()));
    span.setRequestModel(truncated(span.getRequestModel()));
    span.setResponseModel(truncated(span.getResponseModel()));
    span.setServiceTier(truncated(span.getServiceTier()));
    span.setRegion(truncated(span.getRegion()));
    span.setToolName(truncated(span.getToolName()));
    span.setErrorType(truncated(span.getErrorType()));
    span.setReportedCostCurrency(truncated(span.getReportedCostCurrency()));
    span.setSourceDialect(truncated(span.getSourceDialect()));
  }

  private String truncated(String name) {
    if (name == null || name.length() <= MAX_TEXT) {
      return name;
    }
    remark(Remark.TEXT_TRUNCATED);
    int end = Character.isHighSurrogate(name.charAt(MAX_TEXT - 1)) ? MAX_TEXT - 1 : MAX_TEXT;
    return name.substring(0, end);
  }

  /** Tags are kept in the order of their keys, so that the same span always keeps the same ones. */
  private void keepTags() {
    Map<String, String> tags = span.getTags();
    if (tags == null) {
      span.setTags(new HashMap<>());
      return;
    }
    if (tags.isEmpty() || surelyFit(tags)) {
      return;
    }
    Map<String, String> kept = new HashMap<>();
    int bytes = 0;
    for (Map.Entry<String, String> tag : new TreeMap<>(tags).entrySet()) {
      int size = utf8Bytes(tag.getKey()) + utf8Bytes(tag.getValue());
      if (kept.size() < MAX_TAGS && bytes + size <= MAX_TAG_BYTES) {
        kept.put(tag.getKey(), tag.getValue());
        bytes += size;
      }
    }
    if (kept.size() < tags.size()) {
      remark(Remark.TAGS_TRUNCATED);
      span.setTags(kept);
    }
  }

  private static boolean surelyFit(Map<String, String> tags) {
    if (tags.size() > MAX_TAGS) {
      return false;
    }
    long chars = 0;
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      chars += tag.getKey().length() + (long) tag.getValue().length();
    }
    return chars * MAX_UTF8_PER_CHAR <= MAX_TAG_BYTES;
  }

  private void keepRawUsage() {
    Map<String, Long> raw = span.getRawUsage();
    if (raw == null) {
      span.setRawUsage(new HashMap<>());
    } else if (raw.size() > MAX_UNITS) {
      remark(Remark.TEXT_TRUNCATED);
      Map<String, Long> kept = new HashMap<>();
      new TreeMap<>(raw)
          .entrySet().stream()
              .limit(MAX_UNITS)
              .forEach(counter -> kept.put(counter.getKey(), counter.getValue()));
      span.setRawUsage(kept);
    }
  }

  /** Keeps the first fault found. */
  private void reject(Reason reason, String field, String found, String expected, String remedy) {
    if (rejected != null) {
      return;
    }
    String id = missing(span.getSpanId()) ? "" : " of span " + shown(span.getSpanId());
    rejected =
        new Rejected(
            reason,
            field,
            field + id + ": found " + found + ", expected " + expected + "; " + remedy);
  }

  private void remark(Remark remark) {
    remarks |= 1 << remark.ordinal();
  }

  private static String shown(String id) {
    return id.length() <= 64 ? id : id.substring(0, 64) + "…";
  }

  private static boolean missing(String text) {
    return text == null || text.isBlank();
  }

  private static String firstGiven(String... texts) {
    for (String text : texts) {
      if (!missing(text)) {
        return text;
      }
    }
    return null;
  }

  private static int utf8Bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * Microseconds since the epoch; times after 2199, which are clamped or rejected, all count as
   * that.
   */
  private static long micros(Instant time) {
    if (time.getEpochSecond() >= LATEST_SECOND) {
      return TimeUnit.SECONDS.toMicros(LATEST_SECOND);
    }
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  private static List<Set<Remark>> remarkSets() {
    Remark[] all = Remark.values();
    List<Set<Remark>> sets = new ArrayList<>(1 << all.length);
    for (int bits = 0; bits < 1 << all.length; bits++) {
      Set<Remark> set = EnumSet.noneOf(Remark.class);
      for (Remark remark : all) {
        if ((bits & 1 << remark.ordinal()) != 0) {
          set.add(remark);
        }
      }
      sets.add(Collections.unmodifiableSet(set));
    }
    return List.copyOf(sets);
  }
}
