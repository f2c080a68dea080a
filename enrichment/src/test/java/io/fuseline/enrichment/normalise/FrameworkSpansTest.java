package io.fuseline.enrichment.normalise;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fuseline.enrichment.SharedData;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * Real spans of eleven frameworks against the usage that another tool made of them. Where the two
 * differ, the table below says why; an entry that no longer differs fails too.
 */
class FrameworkSpansTest {

  private static final String FILE = "framework_attrs/framework_spans.jsonl.gz";

  private static final String ESTIMATED =
      "the span has no counter; the other tool estimated tokens from the text of the messages,"
          + " which is not what was billed";
  private static final String STRIPPED =
      "the counters stood in the framework's own JSON, which the data set does not have;"
          + " its form is tested below";

  /** Span id to why its usage is not what the other tool says. */
  private static final Map<String, String> DIFFERENCES =
      Map.ofEntries(
          Map.entry("371496f71d82baed", ESTIMATED),
          Map.entry("f8e8f040dc94e67e", ESTIMATED),
          Map.entry("2cc13e77781787fd", ESTIMATED),
          Map.entry("e9aac170e5d48125", ESTIMATED),
          Map.entry("e44e72cf2d221781", ESTIMATED),
          Map.entry("042f9350c3729147", ESTIMATED),
          Map.entry(
              "4cd6caa32861956a",
              "an agent span: its model calls, which are in the same trace, are billed; the other"
                  + " tool estimated 224 tokens more for it"),
          Map.entry("0856a1825ccee968", STRIPPED),
          Map.entry("8f0ee27d91863fde", STRIPPED),
          Map.entry(
              "125abcbf5c41f4df",
              "Gemini counts thoughts in the total, 2,023, alone: 1,173 tokens of reasoning, billed"
                  + " as output, which the other tool leaves without cost"));

  @Test
  void shouldUseWhatTheCountersImplyOrSayWhyNot() throws IOException {
    Map<String, Real> spans = real();
    Map<String, AgentSpan> normalised = normalised(spans);
    Map<String, String> differing = new TreeMap<>();

    spans.forEach(
        (id, real) -> {
          Map<String, Long> used =
              normalised.containsKey(id) ? normalised.get(id).getUsage() : Map.of();
          if (!used.equals(real.implied())) {
            differing.put(id, real.source().name() + ": " + used + ", implied " + real.implied());
          }
        });

    assertThat(spans).hasSize(79);
    assertThat(differing.keySet()).isEqualTo(new TreeMap<>(DIFFERENCES).keySet());
  }

  @Test
  void shouldTakeGeminisThoughtsFromTheTotal() throws IOException {
    AgentSpan span = normalised(real()).get("125abcbf5c41f4df");

    assertThat(span.getUsage())
        .isEqualTo(Map.of("input_tokens", 5L, "output_tokens", 845L, "reasoning_tokens", 1_173L));
    assertThat(span.getProvider()).isEqualTo("gcp.vertex_ai");
    assertThat(span.getRegion()).isEqualTo("europe-central2");
  }

  @Test
  void shouldBillModelCallsOnceWhateverComesTogether() throws IOException {
    Map<String, Real> spans = real();
    Map<String, AgentSpan> together = normalised(spans);

    spans.forEach(
        (id, real) -> {
          Normalised alone = Normaliser.standard().normalise(real.source());
          AgentSpan inBatch = together.get(id);
          if (inBatch == null) {
            assertThat(alone).isInstanceOf(Normalised.Ignored.class);
          } else {
            assertThat(((Normalised.Span) alone).span().getUsage())
                .as(id)
                .isEqualTo(inBatch.getUsage());
          }
        });
    assertThat(total(together.values(), "input_tokens"))
        .as("the model calls of the file that carry counters")
        .isEqualTo(
            190 + 3004 + 2546 + 2497 + 13 + 77 + 216 + 85 + 55 + 31 + 417 + 131 + 502 + 265 + 5);
  }

  @Test
  void shouldTellWhatEachFrameworkDid() throws IOException {
    Map<String, Map<SpanKind, Integer>> kinds = new TreeMap<>();
    Map<String, Real> spans = real();
    normalised(spans)
        .forEach(
            (id, span) ->
                kinds
                    .computeIfAbsent(span.getSourceDialect(), ignored -> new TreeMap<>())
                    .merge(span.getKind(), 1, Integer::sum));

    assertThat(kinds)
        .isEqualTo(
            Map.of(
                "langsmith", Map.of(SpanKind.LLM, 4, SpanKind.TOOL, 2, SpanKind.WORKFLOW, 1),
                "openinference",
                    Map.of(
                        SpanKind.LLM, 5, SpanKind.TOOL, 1, SpanKind.AGENT, 3, SpanKind.WORKFLOW, 1),
                "meai", Map.of(SpanKind.LLM, 3, SpanKind.TOOL, 2, SpanKind.WORKFLOW, 2),
                "koog",
                    Map.of(
                        SpanKind.LLM, 2, SpanKind.TOOL, 2, SpanKind.AGENT, 2, SpanKind.WORKFLOW, 5),
                "ms-agent-framework", Map.of(SpanKind.LLM, 2, SpanKind.TOOL, 1, SpanKind.AGENT, 1),
                "pydantic-ai",
                    Map.of(
                        SpanKind.LLM,
                        5,
                        SpanKind.TOOL,
                        3,
                        SpanKind.AGENT,
                        4,
                        SpanKind.WORKFLOW,
                        1)));
  }

  @Test
  void shouldGiveEveryModelCallToAnAgentThatTheTraceNames() throws IOException {
    Map<String, AgentSpan> normalised = normalised(real());

    assertThat(normalised.get("5cb389a3bdd21a6e").getAgentId()).isEqualTo("qa_agent");
    assertThat(normalised.get("00d2804abb764b1b").getAgentId()).isEqualTo("joke_agent");
    assertThat(normalised.get("02d7769b76595f0b").getAgentId()).isEqualTo("joke_agent");
    assertThat(normalised.get("eb0cc14cf7943ad5").getAgentId()).isEqualTo("evaluator_agent");
    assertThat(normalised.get("90d94774e8e3724d").getAgentId()).isEqualTo("Hello world");
    assertThat(normalised.get("e44e72cf2d221781").getAgentId())
        .as("a UUID made for one object is no agent")
        .isEmpty();
  }

  @Test
  void shouldNotTakeTheLastModelCallForADuplicateOfItsAgent() throws IOException {
    Map<String, AgentSpan> normalised = normalised(real());

    assertThat(normalised.get("4cd6caa32861956a").getResponseId()).isNull();
    assertThat(normalised.get("b0913e7cd82d72b8").getResponseId())
        .isEqualTo("resp_0e32bda5b6259ecd00694279e49fe48194b26952c13124bd05");
  }

  @Test
  void shouldReadTheUsageDetailsThatLangfusesSdkWrites() {
    AgentSpan span =
        SentSpan.span("ChatOpenAI")
            .scope("langfuse-sdk", "4.3.0")
            .with("langfuse.observation.type", "generation")
            .with("langfuse.observation.model.name", "gpt-5-mini-2025-08-07")
            .with(
                "langfuse.observation.usage_details",
                "{\"input\":179,\"output\":35,\"total\":278,\"input_audio\":0,"
                    + "\"output_audio\":0,\"input_cache_read\":0,\"output_reasoning\":64}")
            .agentSpan();

    assertThat(span.getUsage())
        .isEqualTo(Map.of("input_tokens", 179L, "output_tokens", 35L, "reasoning_tokens", 64L));
  }

  private static long total(Iterable<AgentSpan> spans, String unit) {
    long total = 0;
    for (AgentSpan span : spans) {
      total += span.getUsage().getOrDefault(unit, 0L);
    }
    return total;
  }

  /** Each file of the data set is one trace, sent as one batch. */
  private static Map<String, AgentSpan> normalised(Map<String, Real> spans) {
    Map<String, List<SourceSpan>> traces = new LinkedHashMap<>();
    spans
        .values()
        .forEach(
            real ->
                traces
                    .computeIfAbsent(real.source().traceId(), ignored -> new ArrayList<>())
                    .add(real.source()));
    Map<String, AgentSpan> normalised = new HashMap<>();
    for (List<SourceSpan> trace : traces.values()) {
      for (Normalised answer : Normaliser.standard().normalise(trace)) {
        assertThat(answer).isNotInstanceOf(Normalised.Rejected.class);
        if (answer instanceof Normalised.Span span) {
          normalised.put(span.span().getSpanId(), span.span());
        }
      }
    }
    return normalised;
  }

  private static Map<String, Real> real() throws IOException {
    JsonMapper json = new JsonMapper();
    Map<String, Real> spans = new LinkedHashMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(SharedData.file(FILE))),
                StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Real real = Real.of(json.readTree(line));
        spans.put(real.source().spanId(), real);
      }
    }
    return spans;
  }

  /**
   * One line of the file.
   *
   * @param implied disjoint usage that {@code usageDetails} implies
   */
  private record Real(SourceSpan source, Map<String, Long> implied) {

    private static final Map<String, String> UNITS =
        Map.of(
            "input", "input_tokens",
            "output", "output_tokens",
            "output_reasoning", "reasoning_tokens",
            "completion_details.reasoning", "reasoning_tokens",
            "prompt_details.cache_read", "cache_read_tokens",
            "input_cache_read", "cache_read_tokens",
            "prompt_details.audio", "audio_input_tokens",
            "input_audio", "audio_input_tokens",
            "completion_details.audio", "audio_output_tokens",
            "output_audio", "audio_output_tokens");

    static Real of(JsonNode line) {
      Map<String, Object> attributes = new HashMap<>();
      line.get("attributes")
          .properties()
          .forEach(each -> attributes.put(each.getKey(), each.getValue().textValue()));
      Map<String, Long> implied = new HashMap<>();
      Set<String> unknown = new HashSet<>();
      line.get("usageDetails")
          .properties()
          .forEach(
              each -> {
                if (UNITS.containsKey(each.getKey())) {
                  if (each.getValue().longValue() > 0) {
                    implied.put(UNITS.get(each.getKey()), each.getValue().longValue());
                  }
                } else {
                  unknown.add(each.getKey());
                }
              });
      unknown.remove("total");
      assertThat(unknown).isEmpty();
      return new Real(
          new SourceSpan(
              line.get("file").textValue(),
              line.get("id").textValue(),
              line.get("parent").textValue(),
              line.get("name").textValue(),
              micros(line.get("start")),
              micros(line.get("end")),
              null,
              null,
              attributes,
              Map.of(),
              List.of(),
              line.get("scope").get(0).textValue(),
              line.get("scope").get(1).textValue()),
          implied);
    }

    private static long micros(JsonNode time) {
      return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(time.textValue()));
    }
  }
}
