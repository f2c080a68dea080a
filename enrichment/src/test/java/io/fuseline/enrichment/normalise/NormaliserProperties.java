package io.fuseline.enrichment.normalise;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fuseline.enrichment.input.JsonTable;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.InputInterpretation;
import io.fuseline.schemas.SpanStatus;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** What holds for every call, and for every junk. */
class NormaliserProperties {

  private static final List<String> NAMES = names();

  /** A call that used this much, told in each of the ways in which dialects tell it. */
  @Property(tries = 1000)
  void shouldFindTheSameLeavesHoweverTheyWereAddedUp(@ForAll("calls") Call call) {
    AgentSpan span = call.told().agentSpan();

    assertThat(span.getUsage()).isEqualTo(call.leaves());
    assertThat(span.getInputInterpretation())
        .isEqualTo(
            call.inclusive || call.cached() == 0
                ? InputInterpretation.INCLUSIVE
                : InputInterpretation.EXCLUSIVE);
    assertThat(span.getUsage().values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(span.getRawUsage().get("gen_ai.usage.total_tokens"));
  }

  @Property(tries = 1000)
  void shouldNeverMakeUpOrLoseTokensWhateverTheCounters(@ForAll("counters") Map<String, Long> raw) {
    SentSpan sent = SentSpan.span("chat").with("gen_ai.operation.name", "chat");
    raw.forEach(sent::with);

    Normalised answer = Normaliser.standard().normalise(sent.sent());

    if (answer instanceof Normalised.Rejected rejected) {
      assertThat(rejected.reason()).isEqualTo("NEGATIVE_USAGE");
      return;
    }
    AgentSpan span = ((Normalised.Span) answer).span();
    long cached =
        raw.getOrDefault("gen_ai.usage.cache_read.input_tokens", 0L)
            + raw.getOrDefault("gen_ai.usage.cache_creation.input_tokens", 0L);
    long input = raw.get("gen_ai.usage.input_tokens");
    long output = raw.get("gen_ai.usage.output_tokens");
    long reasoning = raw.getOrDefault("gen_ai.usage.reasoning.output_tokens", 0L);
    boolean exclusive = span.getInputInterpretation() == InputInterpretation.EXCLUSIVE;
    boolean outside = span.getInterpretationRule().contains("outside");
    assertThat(span.getUsage().values()).allMatch(count -> count > 0);
    assertThat(span.getUsage().values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(input + (exclusive ? cached : 0) + output + (outside ? reasoning : 0));
  }

  @Property(tries = 1000, shrinking = ShrinkingMode.OFF)
  void shouldNeverThrowForWhatASpanHolds(@ForAll("junk") List<SourceSpan> junk) {
    List<Normalised> answers = Normaliser.standard().normalise(junk);

    assertThat(answers).hasSameSizeAs(junk).doesNotContainNull();
    for (Normalised answer : answers) {
      if (answer instanceof Normalised.Span span) {
        CheckedSpan checked = SpanCheck.check(span.span(), SentSpan.NOON);
        assertThat(span.span().getUsage().values()).allMatch(count -> count > 0);
        assertThat(checked).isNotNull();
        assertThat(AgentSpan.newBuilder(span.span()).build()).isEqualTo(span.span());
      }
    }
    for (SourceSpan span : junk) {
      Normaliser.standard()
          .normaliseEvent(
              new SourceEvent("claude_code.api_request", span.startMicros(), span.attributes()),
              span.resource(),
              span.scopeName(),
              null);
    }
  }

  @Property(tries = 200)
  void shouldNeverThrowForALoggingPayload(@ForAll("values") Object value) {
    JsonMapper json = new JsonMapper();
    for (JsonNode payload :
        List.of(
            json.<JsonNode>valueToTree(Map.of("call_type", value, "startTime", value, "id", value)),
            json.<JsonNode>valueToTree(
                Map.of("call_type", "completion", "prompt_tokens", value, "metadata", value)),
            json.<JsonNode>valueToTree(value))) {
      assertThat(Normaliser.standard().normaliseLiteLlm(payload)).isNotNull();
    }
  }

  @Provide
  Arbitrary<Call> calls() {
    Arbitrary<Long> some =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(1, Arbitraries.just(0L)),
            net.jqwik.api.Tuple.of(3, Arbitraries.longs().between(1, 1_000_000)));
    return Combinators.combine(
            some,
            some,
            some,
            some,
            some,
            some,
            Arbitraries.of(true, false),
            Arbitraries.of(true, false))
        .as(Call::new)
        // Where both readings give the same total, nothing can tell them apart.
        .filter(call -> call.reasoning == 0 || call.cached() != call.reasoning);
  }

  @Provide
  Arbitrary<Map<String, Long>> counters() {
    Arbitrary<Long> count = Arbitraries.longs().between(0, 1_000);
    return Combinators.combine(
            count, count, count.optional(), count.optional(), count.optional(), count.optional())
        .as(
            (input, output, read, written, reasoning, total) -> {
              Map<String, Long> raw = new HashMap<>();
              raw.put("gen_ai.usage.input_tokens", input);
              raw.put("gen_ai.usage.output_tokens", output);
              read.ifPresent(n -> raw.put("gen_ai.usage.cache_read.input_tokens", n));
              written.ifPresent(n -> raw.put("gen_ai.usage.cache_creation.input_tokens", n));
              reasoning.ifPresent(n -> raw.put("gen_ai.usage.reasoning.output_tokens", n));
              total.ifPresent(n -> raw.put("gen_ai.usage.total_tokens", n));
              return raw;
            });
  }

  @Provide
  Arbitrary<List<SourceSpan>> junk() {
    Arbitrary<Map<String, Object>> attributes =
        Arbitraries.maps(Arbitraries.of(NAMES), values()).ofMaxSize(12);
    Arbitrary<String> ids = Arbitraries.of("a1", "a2", "a3", "");
    Arbitrary<String> scopes =
        Arbitraries.of(
            "",
            "ai",
            "strands.",
            "pydantic-ai",
            "ai.koog",
            "gcp.vertex.agent",
            "langsmith",
            "Experimental.Microsoft.Extensions.AI",
            "com.anthropic.claude_code",
            "langfuse-sdk",
            "openinference.instrumentation.vertexai");
    return Combinators.combine(
            attributes,
            attributes,
            ids,
            ids,
            scopes,
            Arbitraries.longs(),
            Arbitraries.strings().ofMaxLength(12))
        .as(
            (span, resource, id, parent, scope, time, name) ->
                new SourceSpan(
                    "t",
                    id,
                    parent,
                    name,
                    Math.floorMod(time, SentSpan.NOON),
                    time >>> 12,
                    SpanStatus.ERROR,
                    null,
                    span,
                    resource,
                    List.of(new SourceEvent(name, time, span)),
                    scope,
                    name))
        .list()
        .ofMaxSize(4);
  }

  @Provide
  Arbitrary<Object> values() {
    Arbitrary<Object> plain =
        Arbitraries.oneOf(
            Arbitraries.strings().ofMaxLength(10).map(Object.class::cast),
            Arbitraries.longs().map(Object.class::cast),
            Arbitraries.longs().between(0, 5_000).map(Object.class::cast),
            Arbitraries.doubles().map(Object.class::cast),
            Arbitraries.of(
                Double.NaN,
                Double.POSITIVE_INFINITY,
                -0.0,
                true,
                false,
                "",
                " ",
                "null",
                "1e999999999",
                "-1e-999999999",
                "0x10",
                "{",
                "{\"a\":",
                "[1,",
                "{\"input_tokens\":{}}",
                "[[[[[]]]]]",
                new BigDecimal("1e99999"),
                Long.MIN_VALUE,
                Long.MIN_VALUE + 1,
                new byte[] {1, -1},
                "chat",
                "LLM",
                "execute_tool",
                "ai.toolCall",
                "\ud800",
                "12.0",
                "-3"));
    return Arbitraries.lazyOf(
        () -> plain,
        () -> plain.list().ofMaxSize(3).map(list -> (Object) new ArrayList<>(list)),
        () ->
            Arbitraries.maps(Arbitraries.of("input_tokens", "usage", "a", "", "name"), plain)
                .ofMaxSize(3)
                .map(Object.class::cast));
  }

  /** Every attribute that a table knows, and parts of them, as nested maps have. */
  private static List<String> names() {
    TreeSet<String> names =
        new TreeSet<>(List.of("", ".", "gen_ai", "gen_ai.usage", "ai", "litellm"));
    JsonNode table = JsonTable.load("/io/fuseline/dialects/attributes.json");
    table.findValues("span").forEach(list -> list.forEach(row -> add(row, names)));
    table.findValues("resource").forEach(list -> list.forEach(row -> add(row, names)));
    table.get("counters").forEach(list -> list.forEach(row -> add(row, names)));
    table.get("units").forEach(list -> list.forEach(row -> add(row, names)));
    table.get("json").forEach(row -> add(row, names));
    names.addAll(
        List.of(
            "gen_ai.operation.name",
            "openinference.span.kind",
            "ai.operationId",
            "traceloop.span.kind",
            "langsmith.span.kind",
            "langfuse.observation.type",
            "fuseline.usage.web_searches",
            "fuseline.tag.x",
            "metadata.fuseline.team"));
    return List.copyOf(names);
  }

  private static void add(JsonNode row, TreeSet<String> names) {
    names.add(row.isTextual() ? row.textValue() : row.get("name").textValue());
  }

  /** What a call really used, and how it is told. */
  private record Call(
      long input,
      long read,
      long written,
      long longLived,
      long output,
      long reasoning,
      boolean inclusive,
      boolean reasoningInside) {

    long cached() {
      return read + written + longLived;
    }

    Map<String, Long> leaves() {
      Map<String, Long> leaves = new HashMap<>();
      leaves.put("input_tokens", input);
      leaves.put("cache_read_tokens", read);
      leaves.put("cache_write_5m_tokens", written);
      leaves.put("cache_write_1h_tokens", longLived);
      leaves.put("output_tokens", output);
      leaves.put("reasoning_tokens", reasoning);
      leaves.values().removeIf(count -> count == 0);
      return leaves;
    }

    SentSpan told() {
      SentSpan span =
          SentSpan.span("chat")
              .with("gen_ai.operation.name", "chat")
              .with("gen_ai.usage.input_tokens", input + (inclusive ? cached() : 0))
              .with("gen_ai.usage.output_tokens", output + (reasoningInside ? reasoning : 0))
              .with(
                  "gen_ai.usage.total_tokens",
                  Long.toString(input + cached() + output + reasoning));
      if (read > 0) {
        span.with("gen_ai.usage.cache_read_input_tokens", read);
      }
      if (written + longLived > 0) {
        span.with("gen_ai.usage.cache_creation_input_tokens", (double) (written + longLived));
        span.with("gen_ai.usage.cache_creation.ephemeral_1h_input_tokens", longLived);
      }
      if (reasoning > 0) {
        span.with("gen_ai.usage.reasoning_tokens", reasoning);
      }
      return span;
    }
  }
}
