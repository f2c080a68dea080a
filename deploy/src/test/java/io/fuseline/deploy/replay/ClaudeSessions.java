package io.fuseline.deploy.replay;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.InputInterpretation;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanStatus;
import io.fuseline.schemas.json.AvroJson;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Real sessions of a coding agent, as spans: each session is one root run, each of its sub-agents a
 * child of it. The data lies beside the repository and is not part of it; where it is missing,
 * tests that need it are skipped.
 */
public final class ClaudeSessions {
  /** Why tests are skipped. */
  public static final String MISSING =
      "no ../shared/data/claude_code_sessions beside the repository: the test over real sessions is skipped";

  private static final String FOLDER = "shared/data/claude_code_sessions";

  /** Counters of the data to our units; the data's input excludes cached tokens. */
  static final Map<String, String> UNITS = units();

  private final Path folder;

  private ClaudeSessions(Path folder) {
    this.folder = folder;
  }

  /** The data, if it is there. Tests are run in the module's folder, or in the repository's. */
  public static Optional<ClaudeSessions> find() {
    return Stream.of("../..", "..")
        .map(up -> Path.of(up).resolve(FOLDER))
        .filter(folder -> Files.exists(folder.resolve("llm_calls.csv.gz")))
        .findFirst()
        .map(ClaudeSessions::new);
  }

  /** Model calls as they stand in the data: column to value. */
  List<Map<String, String>> modelCalls() {
    return rows("llm_calls.csv.gz");
  }

  /** Tool calls as they stand in the data: column to value. */
  List<Map<String, String>> toolCalls() {
    return rows("tool_calls.csv.gz");
  }

  /** All spans, model calls before tool calls. */
  Stream<AgentSpan> spans() {
    return Stream.concat(
        modelCalls().stream().map(ClaudeSessions::modelCall),
        toolCalls().stream().map(ClaudeSessions::toolCall));
  }

  /** Writes the spans as JSON lines. */
  public void write(Path file) throws IOException {
    try (BufferedWriter lines = Files.newBufferedWriter(file);
        Stream<AgentSpan> spans = spans()) {
      for (AgentSpan span : (Iterable<AgentSpan>) spans::iterator) {
        lines.write(AvroJson.toJsonText(span));
        lines.write('\n');
      }
    }
  }

  private static AgentSpan modelCall(Map<String, String> row) {
    AgentSpan span = span(row, "call", SpanKind.LLM);
    span.setProvider(row.get("provider"));
    span.setRequestModel(row.get("model"));
    span.setResponseModel(row.get("model"));
    span.setServiceTier(given(row, "service_tier"));
    span.setParentSpanId(given(row, "parent_tool_call"));
    Map<String, Long> usage = new HashMap<>();
    UNITS.forEach((counter, unit) -> usage.put(unit, Long.valueOf(row.get(counter))));
    span.setUsage(usage);
    span.setInputInterpretation(InputInterpretation.EXCLUSIVE);
    if (row.get("api_error").equals("1")) {
      span.setStatus(SpanStatus.ERROR);
    }
    return span;
  }

  private static AgentSpan toolCall(Map<String, String> row) {
    AgentSpan span = span(row, "tool_call", SpanKind.TOOL);
    span.setProvider("local");
    span.setToolName(row.get("tool_name"));
    span.setToolCallId(row.get("tool_call"));
    span.setParentSpanId(given(row, "llm_call"));
    span.setArgumentHash(hash(row, "args_hash"));
    span.setResultHash(hash(row, "result_hash"));
    if (row.get("is_error").equals("1")) {
      span.setStatus(SpanStatus.ERROR);
    }
    return span;
  }

  private static AgentSpan span(Map<String, String> row, String idColumn, SpanKind kind) {
    String session = row.get("session");
    String subagent = given(row, "subagent");
    return AgentSpan.newBuilder()
        .setSpanId(row.get(idColumn))
        .setRootRunId(session)
        .setRunId(subagent == null ? session : session + "/" + subagent)
        .setParentRunId(subagent == null ? null : session)
        .setAgentId(subagent == null ? "claude-code" : "claude-code-subagent")
        .setKind(kind)
        .setStartTime(time(row, "t_start_ms"))
        .setEndTime(time(row, "t_end_ms"))
        .setStatus(SpanStatus.OK)
        .setSourceDialect("claude-code-transcript")
        .build();
  }

  private static Instant time(Map<String, String> row, String column) {
    String millis = given(row, column);
    return millis == null ? null : Instant.ofEpochMilli(Long.parseLong(millis));
  }

  private static Long hash(Map<String, String> row, String column) {
    String hexadecimal = given(row, column);
    return hexadecimal == null ? null : Long.parseUnsignedLong(hexadecimal, 16);
  }

  private static String given(Map<String, String> row, String column) {
    String value = row.get(column);
    return value.isEmpty() ? null : value;
  }

  private List<Map<String, String>> rows(String file) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(folder.resolve(file))),
                StandardCharsets.UTF_8))) {
      String[] columns = lines.readLine().split(",");
      return lines.lines().map(line -> row(columns, line)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The data has no quoted values. */
  private static Map<String, String> row(String[] columns, String line) {
    String[] values = line.split(",", -1);
    Map<String, String> row = new LinkedHashMap<>();
    for (int i = 0; i < columns.length; i++) {
      row.put(columns[i], values[i]);
    }
    return row;
  }

  private static Map<String, String> units() {
    Map<String, String> units = new LinkedHashMap<>();
    units.put("input_tokens_uncached", "input_tokens");
    units.put("cache_write_5m_tokens", "cache_write_5m_tokens");
    units.put("cache_write_1h_tokens", "cache_write_1h_tokens");
    units.put("cache_read_tokens", "cache_read_tokens");
    units.put("output_tokens", "output_tokens");
    return units;
  }
}
