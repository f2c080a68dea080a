package io.fuseline.deploy.replay;

import static io.fuseline.deploy.replay.SpanScript.at;
import static io.fuseline.deploy.replay.SpanScript.modelCall;
import static io.fuseline.deploy.replay.SpanScript.spend;
import static io.fuseline.deploy.replay.SpanScript.toolCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.SpanPhase;
import io.fuseline.schemas.json.AvroJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spans made by hand, with the shipped prices and policies. */
class ReplayTest {
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;

  @TempDir Path folder;

  @Test
  void shouldKillALoopingRunOnceAndSayWhy() throws IOException {
    List<AgentSpan> spans =
        LongStream.rangeClosed(1, 6)
            .mapToObj(i -> toolCall("loop", "c" + i, i, "Bash", 7, 9))
            .toList();

    ReplayRun run = replay(spans);

    assertThat(run.actions()).containsExactly("KILL");
    JsonNode kill = run.commands().get(0);
    assertThat(kill.get("target_type").textValue()).isEqualTo("RUN");
    assertThat(kill.get("target").textValue()).isEqualTo("loop");
    assertThat(kill.get("policy_id").textValue()).isEqualTo("runaway-loop");
    assertThat(kill.get("event_time").textValue()).isEqualTo(at(3).toString());
    assertThat(kill.get("issued_at").textValue()).isEqualTo(at(3).toString());
    JsonNode evidence = kill.get("evidence");
    assertThat(evidence.get("rule").textValue()).isEqualTo("exact-cycle");
    assertThat(evidence.get("measured").textValue()).isEqualTo("3");
    assertThat(evidence.get("threshold").textValue()).isEqualTo("3");
    assertThat(evidence.get("span_ids"))
        .extracting(JsonNode::textValue)
        .containsExactly("c1", "c2", "c3");
    assertThat(evidence.get("details").fieldNames())
        .toIterable()
        .as("in one order, whichever JVM wrote them")
        .containsExactly("period", "repeats_seen", "results_known", "run_id", "tool");
    assertThat(run.summary().commandsByAction())
        .containsEntry(Action.KILL, 1L)
        .containsEntry(Action.RESTORE, 0L);
    assertThat(run.summary().alertsBySeverity()).containsEntry(Severity.CRITICAL, 1L);
  }

  @Test
  void shouldWarnAndThenPauseARunThatReachesItsCap() throws IOException {
    List<AgentSpan> spans =
        LongStream.rangeClosed(1, 6).mapToObj(i -> spend("dear", "c" + i, i, 20)).toList();

    ReplayRun run = replay(spans);

    assertThat(run.lines("alerts.jsonl"))
        .filteredOn(alert -> alert.get("policy_id").textValue().equals("run-cap"))
        .extracting(
            alert -> alert.get("severity").textValue() + " " + alert.get("event_time").textValue())
        .containsExactly("WARNING " + at(4), "CRITICAL " + at(5));
    assertThat(run.actions()).containsExactly("PAUSE");
    assertThat(run.commands().get(0).get("spend").textValue()).isEqualTo("100");
    assertThat(run.summary().totalCost()).isEqualByComparingTo("120");
  }

  @Test
  void shouldThrottleAnAgentAndKillItsRunsWhenItsDailyCapIsExceededFast() throws IOException {
    List<AgentSpan> spans =
        LongStream.rangeClosed(1, 5)
            .mapToObj(i -> spend("run-" + i, "c" + i, i * MINUTE, 64))
            .toList();

    ReplayRun run = replay(spans);

    assertThat(run.actions()).containsExactly("THROTTLE", "KILL");
    JsonNode kill = run.commands().get(1);
    assertThat(kill.get("target_type").textValue()).isEqualTo("AGENT");
    assertThat(kill.get("target").textValue()).isEqualTo("worker");
    assertThat(kill.get("root_run_ids"))
        .extracting(JsonNode::textValue)
        .containsExactly("run-1", "run-2", "run-3", "run-4", "run-5");
    assertThat(run.summary().alertsBySeverity())
        .containsEntry(Severity.WARNING, 2L) // of the cap, and of the burst
        .containsEntry(Severity.CRITICAL, 1L)
        .containsEntry(Severity.PAGE, 1L);
  }

  @Test
  void shouldNotKillWhenTheDailyCapIsExceededSlowly() throws IOException {
    List<AgentSpan> spans =
        LongStream.rangeClosed(1, 5)
            .mapToObj(i -> spend("run-" + i, "c" + i, i * 2 * HOUR, 64))
            .toList();

    assertThat(replay(spans).actions()).containsExactly("THROTTLE");
  }

  @Test
  void shouldLetAnAgentGoWhenANewDayBegins() throws IOException {
    List<AgentSpan> spans =
        new ArrayList<>(
            LongStream.rangeClosed(1, 5)
                .mapToObj(i -> spend("run-" + i, "c" + i, i * MINUTE, 64))
                .toList());
    spans.add(spend("run-6", "c6", 24 * HOUR, 1));

    ReplayRun run = replay(spans);

    assertThat(run.actions()).containsExactly("THROTTLE", "KILL", "RESTORE");
    JsonNode restore = run.commands().get(2);
    assertThat(restore.get("reverses")).isEqualTo(run.commands().get(1).get("command_id"));
    assertThat(restore.get("issued_at").textValue()).startsWith("2026-03-03T00:00");
  }

  @Test
  void shouldThrottleAndThenKillWhenToolCallsExplode() throws IOException {
    List<AgentSpan> spans =
        LongStream.rangeClosed(1, 250)
            .mapToObj(i -> toolCall("burst", "c" + i, i, "Grep", i, i))
            .toList();

    ReplayRun run = replay(spans);

    assertThat(run.actions()).containsExactly("THROTTLE", "KILL");
    assertThat(run.commands())
        .extracting(command -> command.get("event_time").textValue())
        .containsExactly(at(100).toString(), at(200).toString());
  }

  @Test
  void shouldLetARunGoWhenItHasBeenSilentByEventTime() throws IOException {
    List<AgentSpan> spans =
        new ArrayList<>(
            LongStream.rangeClosed(1, 120)
                .mapToObj(i -> toolCall("burst", "c" + i, i, "Grep", i, i))
                .toList());
    spans.add(toolCall("other", "c1", 2 * HOUR, "Read", 1, 1));

    ReplayRun run = replay(spans);

    assertThat(run.actions()).containsExactly("THROTTLE", "RESTORE");
    assertThat(run.commands().get(1).get("issued_at").textValue())
        .isEqualTo(at(120 + 30 * MINUTE).toString());
  }

  @Test
  void shouldCountASpanOnceWhenASnapshotCameBeforeItsEnd() throws IOException {
    AgentSpan snapshot = modelCall("run", "s", 1, 400);
    snapshot.setPhase(SpanPhase.SNAPSHOT);

    ReplayRun run = replay(List.of(snapshot, modelCall("run", "s", 2 * MINUTE, 1_000)));

    assertThat(run.summary().spans()).isEqualTo(1);
    assertThat(run.summary().duplicates()).isZero();
    assertThat(run.summary().totalCost()).isEqualByComparingTo("0.025");
    assertThat(run.lines("priced.jsonl"))
        .extracting(priced -> priced.get("provisional").booleanValue())
        .containsExactly(true, false);
  }

  @Test
  void shouldNotPriceAStart() throws IOException {
    AgentSpan start = modelCall("run", "s", 1, 0);
    start.setPhase(SpanPhase.START);

    ReplayRun run = replay(List.of(start, modelCall("run", "s", 2, 1_000)));

    assertThat(run.summary().spans()).isEqualTo(1);
    assertThat(run.lines("priced.jsonl")).hasSize(1);
  }

  @Test
  void shouldTakeASecondSpanOfTheSameResponseForADuplicate() throws IOException {
    AgentSpan first = modelCall("run", "a", 1, 1_000);
    first.setResponseId("msg_1");
    AgentSpan second = modelCall("run", "b", 2, 1_000);
    second.setResponseId("msg_1");

    ReplayRun run = replay(List.of(first, second));

    assertThat(run.summary().spans()).isEqualTo(1);
    assertThat(run.summary().duplicates()).isEqualTo(1);
  }

  @Test
  void shouldBoundWhatHasNoPriceAndNotCallItFree() throws IOException {
    AgentSpan span = modelCall("run", "s", 1, 1_000);
    span.setResponseModel("claude-of-tomorrow");

    ReplayRun run = replay(List.of(span));

    assertThat(run.summary().unpriced()).isEqualTo(1);
    assertThat(run.summary().totalCost()).isZero();
    assertThat(run.summary().unpricedBound()).isPositive();
    JsonNode priced = run.lines("priced.jsonl").get(0);
    assertThat(priced.get("status").textValue()).isEqualTo("UNPRICED");
    assertThat(priced.get("unpriced_bound").textValue()).isNotEqualTo("0");
  }

  @Test
  void shouldPutLinesThatCannotBeUsedAsideWithTheirNumberAndReason() throws IOException {
    AgentSpan negative = modelCall("run", "negative", 1, -5);
    AgentSpan timeless = modelCall("run", "timeless", 1, 5);
    timeless.setEndTime(null);
    AgentSpan foreign = modelCall("run", "foreign", 9, 5);
    foreign.setTenantId("another");
    Path spans = folder.resolve("spans.jsonl");
    Files.write(
        spans,
        Stream.of(
                bytes(AvroJson.toJsonText(modelCall("run", "good", 1, 5))),
                bytes("{\"span_id\": "),
                bytes(AvroJson.toJsonText(negative)),
                bytes(""),
                bytes(AvroJson.toJsonText(timeless)),
                bytes("{\"span_id\":\"x\",\"kind\":\"LLM\",\"colour\":\"red\"}"),
                new byte[] {(byte) 0xff, (byte) 0xfe},
                bytes(AvroJson.toJsonText(foreign)),
                bytes(AvroJson.toJsonText(modelCall("run", "good-too", 2, 5))))
            .collect(
                java.io.ByteArrayOutputStream::new,
                (all, line) -> {
                  all.writeBytes(line);
                  all.write('\n');
                },
                (one, other) -> one.writeBytes(other.toByteArray()))
            .toByteArray());

    ReplayRun run = ReplayRun.of(spans, folder.resolve("out"));

    assertThat(run.lines("dead-letters.jsonl"))
        .extracting(letter -> letter.get("line").asLong() + " " + letter.get("reason").textValue())
        .containsExactly(
            "2 undecodable",
            "3 negative_usage",
            "5 missing_time",
            "6 undecodable",
            "7 undecodable",
            "8 foreign_tenant");
    assertThat(run.lines("dead-letters.jsonl").get(1).get("field").textValue())
        .isEqualTo("usage.output_tokens");
    assertThat(run.lines("dead-letters.jsonl").get(3).get("message").textValue())
        .contains("colour");
    assertThat(run.summary().rejected()).isEqualTo(6);
    assertThat(run.summary().spans()).isEqualTo(2);
  }

  @Test
  void shouldJudgeInTheOrderOfEventTimeWhateverTheOrderOfLines() throws IOException {
    List<AgentSpan> spans =
        List.of(
            toolCall("loop", "c3", 3, "Bash", 7, 9),
            toolCall("loop", "c1", 1, "Bash", 7, 9),
            toolCall("loop", "c2", 2, "Bash", 7, 9));

    ReplayRun run = replay(spans);

    assertThat(run.commands().get(0).get("evidence").get("span_ids"))
        .extracting(JsonNode::textValue)
        .containsExactly("c1", "c2", "c3");
    assertThat(run.summary().firstEvent()).isEqualTo(at(1));
    assertThat(run.summary().lastEvent()).isEqualTo(at(3));
  }

  @Test
  void shouldReadGzip() throws IOException {
    List<AgentSpan> spans = List.of(spend("run", "a", 1, 3), spend("run", "b", 2, 4));
    Path plain = SpanScript.write(folder.resolve("spans.jsonl"), spans);
    Path packed = folder.resolve("packed");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(plain, out);
    }

    assertThat(ReplayRun.of(packed, folder.resolve("of-packed")).files())
        .isEqualTo(ReplayRun.of(plain, folder.resolve("of-plain")).files());
  }

  @Test
  void shouldRefuseAFileThatIsCutOffAndLeaveNothingBehind() throws IOException {
    Path packed = folder.resolve("cut.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(bytes(AvroJson.toJsonText(spend("run", "a", 1, 3)) + "\n"));
    }
    byte[] whole = Files.readAllBytes(packed);
    Files.write(packed, Arrays.copyOf(whole, whole.length - 12));
    Path out = folder.resolve("out");

    assertThatThrownBy(() -> ReplayRun.of(packed, out))
        .isInstanceOf(ReplayInputException.class)
        .hasMessageContaining("cut.gz")
        .hasMessageContaining("cut off");
    assertThat(out).doesNotExist();
  }

  @Test
  void shouldQuoteValuesInTheTable() throws IOException {
    AgentSpan span = spend("run", "a", 1, 1);
    span.setTeam("search, \"blue\"");

    assertThat(replay(List.of(span)).text("rollups.csv"))
        .contains(
            "TEAM,default,\"search, \"\"blue\"\"\",DAY,2026-03-02T00:00:00Z,2026-03-03T00:00:00Z,1,1,0,USD,1,1,0,0,0,40000\n");
  }

  @Test
  void shouldWriteEmptyResultsWhenThereAreNoSpans() throws IOException {
    ReplayRun run = replay(List.of());

    assertThat(run.files())
        .containsOnlyKeys(
            "alerts.jsonl",
            "commands.jsonl",
            "dead-letters.jsonl",
            "priced.jsonl",
            "rollups.csv",
            "summary.json");
    assertThat(run.summary().totalCost()).isZero();
    assertThat(run.summary().firstEvent()).isNull();
  }

  private ReplayRun replay(List<AgentSpan> spans) throws IOException {
    return ReplayRun.of(
        SpanScript.write(folder.resolve("spans.jsonl"), spans), folder.resolve("out"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
