package io.fuseline.schemas.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.Outcome;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AvroJsonTest {
  private static final String LEAST_SPAN = "{\"span_id\": \"s1\", \"kind\": \"LLM\"%s}";

  @Test
  void shouldTakeDefaultsWhenFieldsAreMissing() {
    AgentSpan span = span("");

    assertThat(span.getSpanId()).isEqualTo("s1");
    assertThat(span.getRunId()).isEmpty();
    assertThat(span.getTeam()).isNull();
    assertThat(span.getPhase()).isEqualTo(SpanPhase.END);
    assertThat(span.getUsage()).isEmpty();
  }

  @Test
  void shouldNotShareDefaultMapsBetweenRecords() {
    span("").getTags().put("colour", "red");

    assertThat(span("").getTags()).isEmpty();
  }

  @Test
  void shouldReadZeroWhenTheDefaultOfMoneyIsASingleZeroByte() {
    PricedSpan priced =
        AvroJson.fromJsonText(
            """
            {"span_id": "s", "root_run_id": "r", "run_id": "r", "tenant_id": "t", "agent_id": "a", "kind": "LLM",
             "event_time": 0, "status": "PRICED", "list_cost": "1.5", "contracted_cost": 2, "currency": "USD", "lines": []}
            """,
            PricedSpan.class);

    assertThat(priced.getUnpricedBound()).isEqualTo(new BigDecimal("0.000000000000"));
    assertThat(priced.getListCost()).isEqualTo(new BigDecimal("1.500000000000"));
    assertThat(priced.getContractedCost()).isEqualTo(new BigDecimal("2.000000000000"));
    assertThat(priced.getStatus()).isEqualTo(CostStatus.PRICED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"2026-01-31T08:00:00.123456Z\"",
        "\"2026-01-31T09:00:00.123456+01:00\"",
        "\"2026-01-31T08:00:00.123456789Z\""
      })
  void shouldReadTimesToTheMicrosecond(String json) {
    assertThat(span(", \"start_time\": " + json).getStartTime())
        .isEqualTo(Instant.parse("2026-01-31T08:00:00.123456Z"));
  }

  @Test
  void shouldReadNumbersAsEpochMilliseconds() {
    assertThat(span(", \"start_time\": 1769846400123").getStartTime())
        .isEqualTo(Instant.ofEpochMilli(1_769_846_400_123L));
  }

  @Test
  void shouldWriteWhatJavaScriptWouldRoundAsText() {
    AgentSpan span = span(", \"argument_hash\": \"-9223372036854775808\", \"result_hash\": 42");

    ObjectNode json = AvroJson.toJson(span);

    assertThat(json.get("argument_hash").textValue()).isEqualTo("-9223372036854775808");
    assertThat(json.get("result_hash").longValue()).isEqualTo(42);
  }

  @Test
  void shouldWriteThePlainForm() {
    AgentSpan span =
        span(", \"reported_cost\": \"0.00000010\", \"end_time\": 0, \"usage\": {\"calls\": 2}");

    ObjectNode json = AvroJson.toJson(span);

    assertThat(json.get("reported_cost").textValue()).isEqualTo("0.0000001");
    assertThat(json.get("end_time").textValue()).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(json.get("usage").get("calls").longValue()).isEqualTo(2);
    assertThat(json.has("team")).isFalse();
  }

  @Test
  void shouldTakeTheEnumsDefaultWhenTheSymbolIsUnknown() {
    assertThat(AvroJson.fromJsonText("{\"span_id\": \"s\", \"kind\": \"DREAM\"}", AgentSpan.class))
        .extracting(AgentSpan::getKind)
        .isEqualTo(SpanKind.OTHER);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"usage\": {\"input_tokens\": \"many\"} | usage.input_tokens | a whole number of 64 bits | \"many\"",
        "\"usage\": {\"input_tokens\": 1.5} | usage.input_tokens | a whole number of 64 bits | 1.5",
        "\"usage\": {\"input_tokens\": 9223372036854775808} | usage.input_tokens | a whole number of 64 bits | 9223372036854775808",
        "\"usage\": [] | usage | an object | []",
        "\"tags\": {\"a\": null} | tags.a | text | null",
        "\"team\": 7 | team | text | 7",
        "\"run_id\": null | run_id | text | null",
        "\"start_time\": \"yesterday\" | start_time | an ISO 8601 instant | \"yesterday\"",
        "\"start_time\": 9223372036854775807 | start_time | an ISO 8601 instant | 9223372036854775807",
        "\"start_time\": \"+1000000000-12-31T00:00:00Z\" | start_time | an ISO 8601 instant | \"+1000000000-12-31T00:00:00Z\"",
        "\"reported_cost\": \"0.0000000000001\" | reported_cost | at most 12 digits after the point | \"0.0000000000001\"",
        "\"reported_cost\": \"1e26\" | reported_cost | at most 26 digits before the point | \"1e26\"",
        "\"reported_cost\": \"1e2147483647\" | reported_cost | at most 26 digits before the point | \"1e2147483647\"",
        "\"reported_cost\": \"1e-2147483647\" | reported_cost | at most 12 digits after the point | \"1e-2147483647\"",
        "\"reported_cost\": \"NaN\" | reported_cost | a decimal number | \"NaN\"",
        "\"status\": 1 | status | one of UNSET, OK, ERROR | 1",
        "\"tokens\": 1 | tokens | is no field of AgentSpan | ``",
      })
  void shouldNameThePlaceAndWhatWasExpectedWhenJsonDoesNotFit(
      String json, String path, String expected, String found) {
    assertThatThrownBy(() -> span(", " + json))
        .isInstanceOfSatisfying(
            RecordJsonException.class, fault -> assertThat(fault.path()).isEqualTo(path))
        .hasMessageStartingWith(path + ": ")
        .hasMessageContaining(expected)
        .hasMessageContaining(found);
  }

  @Test
  void shouldNameTheElementWhenAListDoesNotFit() {
    assertThatThrownBy(
            () ->
                AvroJson.fromJsonText(
                    """
                    {"span_id": "s", "root_run_id": "r", "run_id": "r", "tenant_id": "t", "agent_id": "a", "kind": "LLM",
                     "event_time": 0, "status": "PRICED", "list_cost": "1", "contracted_cost": "1", "currency": "USD",
                     "lines": [{"unit": "calls", "quantity": 1}, {"unit": "calls", "quantity": 1, "cost": true}]}
                    """,
                    PricedSpan.class))
        .hasMessageStartingWith("lines[1].cost: expected a decimal number as text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.1", "1e-3", "123456789.123456789"})
  void shouldRefuseMoneyThatPassedThroughABinaryFraction(String json) throws Exception {
    ObjectNode tree = (ObjectNode) new ObjectMapper().readTree(LEAST_SPAN.formatted(""));
    tree.put("reported_cost", Double.parseDouble(json));

    assertThatThrownBy(() -> AvroJson.fromJson(tree, AgentSpan.class))
        .hasMessageStartingWith("reported_cost: expected a decimal number as text");
  }

  @Test
  void shouldKeepEveryDigitWhenMoneyIsANumberInText() {
    assertThat(span(", \"reported_cost\": 12345678901234567890.123456789012").getReportedCost())
        .isEqualTo(new BigDecimal("12345678901234567890.123456789012"));
  }

  @Test
  void shouldSayWhatIsMissingWhenThereIsNoDefault() {
    assertThatThrownBy(() -> AvroJson.fromJsonText("{\"kind\": \"LLM\"}", AgentSpan.class))
        .hasMessage("span_id: is missing; expected text, there is no default");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "3", "{", "{} {}", "{\"a\": 1, \"a\": 1}"})
  void shouldRefuseWhatIsNoRecord(String json) {
    assertThatThrownBy(() -> AvroJson.fromJsonText(json, Outcome.class))
        .isInstanceOf(RecordJsonException.class);
  }

  @Test
  void shouldRefuseToWriteARecordThatLacksARequiredField() {
    assertThatThrownBy(() -> AvroJson.toJson(new Outcome()))
        .hasMessageContaining("Outcome.outcome_id is null but required");
  }

  @Test
  void shouldKeepOddMapKeys() {
    AgentSpan span = span(", \"tags\": {\"\": \"empty\", \"a.b\": \"dot\"}");

    assertThat(AvroJson.fromJson(AvroJson.toJson(span), AgentSpan.class).getTags())
        .isEqualTo(Map.of("", "empty", "a.b", "dot"));
  }

  private static AgentSpan span(String more) {
    return AvroJson.fromJsonText(LEAST_SPAN.formatted(more), AgentSpan.class);
  }
}
