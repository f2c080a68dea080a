package io.fuseline.schemas.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.schemas.topics.TopicSpec;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.apache.avro.generic.GenericData;
import org.apache.avro.specific.SpecificRecord;

/** Puts the schemas of our topics into the registry, before anything is written. */
public final class SchemaRegistration {
  /**
   * Compatibility of every topic's subject: a new schema can read all that any earlier one wrote,
   * since a topic may be read again from its beginning.
   */
  public static final String TOPIC_COMPATIBILITY = "BACKWARD_TRANSITIVE";

  private static final ObjectMapper JSON = new ObjectMapper();

  private SchemaRegistration() {}

  /**
   * Registers the schema of every topic that has one under {@code <topic>-value}, and holds the
   * subject to {@link #TOPIC_COMPATIBILITY}. Running it again changes nothing.
   *
   * @param config settings named in {@link RegistrySettings}; others are ignored
   * @return subject to schema id, in the order of the topics
   * @throws org.apache.kafka.common.config.ConfigException when a setting is missing or malformed
   * @throws SchemaNotRegisteredException when the registry refuses a schema as incompatible
   * @throws RegistryUnavailableException when the registry does not answer
   */
  public static Map<String, Integer> registerAll(
      Map<String, ?> config, Collection<TopicSpec> topics) {
    SchemaRegistry registry = SchemaRegistry.shared(RegistrySettings.from(config));
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (TopicSpec topic : topics) {
      topic
          .recordClass()
          .ifPresent(
              type -> {
                String subject = subject(topic.name(), false);
                ids.put(subject, register(registry, subject, publishedSchema(type)));
              });
    }
    return ids;
  }

  /**
   * The schema of a record as it stands in the registry: that of the generated class without what
   * only concerns Java.
   */
  public static Schema publishedSchema(Class<? extends SpecificRecord> type) {
    try {
      JsonNode schema = JSON.readTree(RecordModel.schemaOf(type).toString());
      return new SchemaParser().parse(withoutJavaHints(schema).toString()).mainSchema();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Avro printed a schema that is not JSON", e);
    }
  }

  static String subject(String topic, boolean key) {
    return topic + (key ? "-key" : "-value");
  }

  /** The compiler marks each string with the Java class to use; others need not see that. */
  private static JsonNode withoutJavaHints(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(GenericData.STRING_PROP);
      if (object.size() == 1 && object.path("type").isTextual()) {
        return object.get("type");
      }
      object.properties().forEach(entry -> entry.setValue(withoutJavaHints(entry.getValue())));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, withoutJavaHints(array.get(i)));
      }
    }
    return node;
  }

  private static int register(SchemaRegistry registry, String subject, Schema schema) {
    // Some registries want the subject first, then its level; a subject that is there is held to
    // the
    // level before it gets a new version.
    boolean held = registry.requireCompatibility(subject, TOPIC_COMPATIBILITY);
    int id = registry.register(subject, schema);
    if (!held) {
      registry.requireCompatibility(subject, TOPIC_COMPATIBILITY);
    }
    return id;
  }
}
