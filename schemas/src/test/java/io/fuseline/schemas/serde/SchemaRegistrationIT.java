package io.fuseline.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.topics.TopicSpec;
import io.fuseline.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.junit.jupiter.api.Test;

class SchemaRegistrationIT {
  private static final String URL = LocalRegistryProcess.shared().url();
  private static final Map<String, ?> CONFIG = Map.of(RegistrySettings.SCHEMA_REGISTRY_URL, URL);

  private final SchemaRegistryClient registry = new CachedSchemaRegistryClient(URL, 100);

  @Test
  void shouldRegisterEveryTopicsSchemaOnceAndHoldItToItsCompatibility() throws Exception {
    Topics topics = Topics.defaults().withPrefix("all.");

    Map<String, Integer> ids = SchemaRegistration.registerAll(CONFIG, topics.all());

    assertThat(ids)
        .hasSize(11)
        .containsKey("all.agent-spans-value")
        .doesNotContainKey("all.dead-letters-value");
    assertThat(SchemaRegistration.registerAll(CONFIG, topics.all())).isEqualTo(ids);
    for (String subject : ids.keySet()) {
      assertThat(registry.getAllVersions(subject)).hasSize(1);
      assertThat(registry.getCompatibility(subject)).isEqualTo("BACKWARD_TRANSITIVE");
    }
  }

  @Test
  void shouldLetAnyoneWriteWhatWasRegistered() {
    Topics topics = Topics.defaults().withPrefix("written.");
    Map<String, Integer> ids = SchemaRegistration.registerAll(CONFIG, topics.all());
    String topic = topics.agentSpans().name();
    AgentSpan span = AgentSpan.newBuilder().setSpanId("s").setKind(SpanKind.TOOL).build();

    byte[] bytes = AvroSerde.ofValues(AgentSpan.class, CONFIG).serializer().serialize(topic, span);

    assertThat(ByteBuffer.wrap(bytes, 1, 4).getInt()).isEqualTo(ids.get(topic + "-value"));
  }

  @Test
  void shouldRefuseASchemaThatCannotReadWhatWasWritten() {
    Topics topics = Topics.defaults().withPrefix("guarded.");
    SchemaRegistration.registerAll(CONFIG, topics.all());
    Schema incompatible =
        new SchemaParser()
            .parse(
                SchemaRegistration.publishedSchema(AgentSpan.class)
                    .toString()
                    .replaceFirst("\"name\":\"span_id\"", "\"name\":\"span_key\""))
            .mainSchema();

    assertThatThrownBy(
            () -> registry.register("guarded.agent-spans-value", new AvroSchema(incompatible)))
        .isInstanceOfSatisfying(
            RestClientException.class, refusal -> assertThat(refusal.getStatus()).isEqualTo(409));
  }

  @Test
  void shouldSayWhatToDoWhenTheRegistryHoldsSomethingIncompatible() throws Exception {
    TopicSpec topic = Topics.defaults().withPrefix("taken.").agentSpans();
    registry.register(
        "taken.agent-spans-value",
        new AvroSchema(
            new SchemaParser()
                .parse(
                    """
                    {"type": "record", "name": "AgentSpan", "namespace": "io.fuseline.schemas",
                     "fields": [{"name": "kind", "type": "long"}]}
                    """)
                .mainSchema()));

    assertThatThrownBy(() -> SchemaRegistration.registerAll(CONFIG, List.of(topic)))
        .isInstanceOf(SchemaNotRegisteredException.class)
        .hasMessageContaining("refuses io.fuseline.schemas.AgentSpan")
        .hasMessageContaining("taken.agent-spans-value")
        .hasMessageContaining("default");
  }
}
