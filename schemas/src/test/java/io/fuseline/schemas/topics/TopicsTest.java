package io.fuseline.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.RecordTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicsTest {
  @TempDir Path folder;

  @Test
  void shouldHaveATopicForEveryRecord() {
    assertThat(Topics.defaults().all())
        .flatMap(topic -> topic.recordClass().stream().toList())
        .containsExactlyInAnyOrderElementsOf(RecordTypes.ALL);
  }

  @Test
  void shouldGiveEachPartItsTopic() {
    Topics topics = Topics.defaults();

    assertThat(topics.all())
        .containsExactly(
            topics.agentSpans(),
            topics.prices(),
            topics.policies(),
            topics.outcomes(),
            topics.decisions(),
            topics.commandAcks(),
            topics.agentCommands(),
            topics.costAlerts(),
            topics.pricedSpans(),
            topics.costRollups(),
            topics.costCorrections(),
            topics.otlpSpans(),
            topics.agentBaselines(),
            topics.sinkDeliveries(),
            topics.deadLetters());
    assertThat(topics.agentSpans().recordClass()).contains(AgentSpan.class);
    assertThat(topics.deadLetters().recordClass()).isEmpty();
    assertThat(topics.prices().configs()).isEqualTo(Map.of("cleanup.policy", "compact"));
    assertThat(topics.costRollups().configs())
        .isEqualTo(Map.of("cleanup.policy", "compact,delete", "retention.ms", "34560000000"));
  }

  @Test
  void shouldHaveOneOrderForAllPricesAndPolicies() {
    assertThat(Topics.defaults().prices().partitions()).isEqualTo(1);
    assertThat(Topics.defaults().policies().partitions()).isEqualTo(1);
  }

  @Test
  void shouldChangeOnlyWhatTheFileSays() throws IOException {
    Topics topics =
        Topics.load(
            file(
                """
                {"agent-spans": {"name": "usage", "partitions": 48, "retention": "PT36H"},
                 "cost-rollups": {"cleanup": "compact"}}
                """));

    assertThat(topics.agentSpans())
        .isEqualTo(
            new TopicSpec(
                "usage",
                "root run id",
                Optional.of(AgentSpan.class),
                48,
                CleanupPolicy.DELETE,
                Optional.of(Duration.ofHours(36))));
    assertThat(topics.costRollups().cleanup()).isEqualTo(CleanupPolicy.COMPACT);
    assertThat(topics.prices()).isEqualTo(Topics.defaults().prices());
  }

  @Test
  void shouldPutThePrefixBeforeEveryName() {
    assertThat(Topics.defaults().withPrefix("acme.").all())
        .extracting(TopicSpec::name)
        .allMatch(name -> name.startsWith("acme."))
        .contains("acme.agent-spans");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"agent-span\": {}} | agent-span: no such topic; expected one of agent-spans,",
        "{\"prices\": 3} | prices: expected an object of settings",
        "[] | expected an object of topic to settings",
        "{\"prices\": {\"record\": \"Alert\"}} | prices.record: cannot be set",
        "{\"prices\": {\"partitions\": 0}} | prices: prices: partitions is 0, expected 1 or more",
        "{\"prices\": {\"partitions\": \"six\"}} | prices.partitions: expected a whole number, found \"six\"",
        "{\"prices\": {\"cleanup\": \"burn\"}} | prices.cleanup: expected delete, compact or compact,delete, found 'burn'",
        "{\"prices\": {\"cleanup\": \"delete\"}} | prices: prices: retention goes with cleanup delete",
        "{\"prices\": {\"retention\": \"P7D\"}} | prices: prices: retention goes with cleanup delete",
        "{\"outcomes\": {\"retention\": \"7 days\"}} | outcomes.retention: expected an ISO 8601 duration",
        "{\"outcomes\": {\"retention\": \"PT0S\"}} | outcomes: outcomes: retention is PT0S, expected more than zero",
        "{\"outcomes\": {\"name\": \"a b\"}} | outcomes: 'a b' is no topic name",
        "{\"outcomes\": {\"name\": \"prices\"}} | outcomes.name: is also the name of prices",
        "{\"outcomes\": | line 1:",
      })
  void shouldNameFileAndPlaceWhenTheFileIsWrong(String json, String message) throws IOException {
    Path file = file(json);

    assertThatThrownBy(() -> Topics.load(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message);
  }

  private Path file(String json) throws IOException {
    return Files.writeString(folder.resolve("topics.json"), json);
  }
}
