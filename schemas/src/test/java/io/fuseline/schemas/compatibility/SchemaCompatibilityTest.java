package io.fuseline.schemas.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.RecordTypes;
import io.fuseline.schemas.serde.SchemaRegistration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class SchemaCompatibilityTest {
  /** What is written to topics. */
  private static final Map<String, Schema> TOPIC_SCHEMAS =
      RecordTypes.ALL.stream()
          .map(SchemaRegistration::publishedSchema)
          .collect(Collectors.toMap(Schema::getName, Function.identity()));

  /** What is written to state stores as Avro: nothing so far, state has codecs of its own. */
  private static final Map<String, Schema> STATE_SCHEMAS = Map.of();

  @TestFactory
  Stream<DynamicTest> shouldReadWhatEveryReleaseWrote() {
    return ReleasedSchemas.versions().stream()
        .flatMap(
            version ->
                ReleasedSchemas.of(version).values().stream()
                    .map(
                        released ->
                            DynamicTest.dynamicTest(
                                released.getName() + " of " + version,
                                () -> assertThat(brokenPromises(released)).isEmpty())));
  }

  private static List<String> brokenPromises(Schema released) {
    String name = released.getName();
    if (STATE_SCHEMAS.containsKey(name)) {
      return Compatibility.FULL_TRANSITIVE.brokenBy(STATE_SCHEMAS.get(name), released);
    }
    assertThat(TOPIC_SCHEMAS).as("a released record stays for ever").containsKey(name);
    return Compatibility.BACKWARD_TRANSITIVE.brokenBy(TOPIC_SCHEMAS.get(name), released);
  }

  @Test
  void shouldHaveGoldenCopiesOfEveryRecord() {
    String newest = ReleasedSchemas.versions().get(ReleasedSchemas.versions().size() - 1);

    assertThat(ReleasedSchemas.versions()).isNotEmpty();
    assertThat(ReleasedSchemas.of(newest)).isNotEmpty();
  }

  @Test
  void shouldCatchAnAddedFieldWithoutDefault() {
    Schema current = record("{'name': 'a', 'type': 'string'}, {'name': 'b', 'type': 'string'}");
    Schema released = record("{'name': 'a', 'type': 'string'}");

    assertThat(Compatibility.BACKWARD_TRANSITIVE.brokenBy(current, released))
        .singleElement()
        .asString()
        .contains("READER_FIELD_MISSING_DEFAULT_VALUE", "b");
  }

  @Test
  void shouldCatchARemovedDefaultWhenAnOlderReleaseLacksTheField() {
    Schema oldest = record("{'name': 'a', 'type': 'string'}");
    Schema newer =
        record("{'name': 'a', 'type': 'string'}, {'name': 'b', 'type': 'string', 'default': ''}");
    Schema current = record("{'name': 'a', 'type': 'string'}, {'name': 'b', 'type': 'string'}");

    assertThat(Compatibility.BACKWARD_TRANSITIVE.brokenBy(current, newer)).isEmpty();
    assertThat(Compatibility.BACKWARD_TRANSITIVE.brokenBy(current, oldest)).isNotEmpty();
  }

  @Test
  void shouldCatchAnotherTypeAndALostEnumSymbolWithoutDefault() {
    assertThat(
            Compatibility.BACKWARD_TRANSITIVE.brokenBy(
                record("{'name': 'a', 'type': 'long'}"), record("{'name': 'a', 'type': 'string'}")))
        .isNotEmpty();
    assertThat(
            Compatibility.BACKWARD_TRANSITIVE.brokenBy(
                record("{'name': 'a', 'type': {'type': 'enum', 'name': 'E', 'symbols': ['X']}}"),
                record(
                    "{'name': 'a', 'type': {'type': 'enum', 'name': 'E', 'symbols': ['X', 'Y']}}")))
        .isNotEmpty();
  }

  @Test
  void shouldCatchARemovedRequiredFieldOnlyWhereOldCodeReadsNewState() {
    Schema current = record("{'name': 'a', 'type': 'string'}");
    Schema released = record("{'name': 'a', 'type': 'string'}, {'name': 'b', 'type': 'string'}");

    assertThat(Compatibility.BACKWARD_TRANSITIVE.brokenBy(current, released)).isEmpty();
    assertThat(Compatibility.FULL_TRANSITIVE.brokenBy(current, released)).isNotEmpty();
  }

  private static Schema record(String fields) {
    String json = "{'type': 'record', 'name': 'R', 'fields': [%s]}".formatted(fields);
    return new SchemaParser().parse(json.replace('\'', '"')).mainSchema();
  }
}
