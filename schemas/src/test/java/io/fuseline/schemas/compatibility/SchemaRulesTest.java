package io.fuseline.schemas.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.RecordTypes;
import io.fuseline.schemas.serde.SchemaRegistration;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class SchemaRulesTest {
  @ParameterizedTest
  @FieldSource("io.fuseline.schemas.RecordTypes#ALL")
  void shouldKeepTheRules(Class<? extends SpecificRecord> type) {
    assertThat(SchemaRules.violationsIn(SchemaRegistration.publishedSchema(type))).isEmpty();
  }

  @ParameterizedTest
  @FieldSource("io.fuseline.schemas.RecordTypes#ALL")
  void shouldHaveADefaultForEveryFieldAddedSinceARelease(Class<? extends SpecificRecord> type) {
    Schema current = SchemaRegistration.publishedSchema(type);

    assertThat(ReleasedSchemas.versions())
        .map(version -> ReleasedSchemas.of(version).get(current.getName()))
        .filteredOn(released -> released != null)
        .flatMap(released -> SchemaRules.addedWithoutDefault(current, released))
        .isEmpty();
  }

  @Test
  void shouldKnowEveryRecord() {
    assertThat(RecordTypes.ALL).hasSize(11);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'name': 'a', 'type': 'string'} | R.a: a field has a doc",
        "{'name': 'aB', 'type': 'string', 'doc': 'd'} | R.aB: a name is in snake case",
        "{'name': 'a', 'type': 'double', 'doc': 'd'} | R.a: DOUBLE is not used: no floats, no fixed",
        "{'name': 'a', 'type': 'bytes', 'doc': 'd'} | R.a: bytes are money, decimal(38,12)",
        "{'name': 'a', 'type': {'type': 'bytes', 'logicalType': 'decimal', 'precision': 38, 'scale': 2}, 'doc': 'd'} | R.a: bytes are money, decimal(38,12)",
        "{'name': 'a', 'type': {'type': 'long', 'logicalType': 'timestamp-millis'}, 'doc': 'd'} | R.a: a time is in timestamp-micros",
        "{'name': 'a', 'type': ['string', 'null'], 'doc': 'd'} | R.a: a union is null and one other, in this order",
        "{'name': 'a', 'type': {'type': 'enum', 'name': 'E', 'symbols': ['X'], 'doc': 'd'}, 'doc': 'd'} | R.a: an enum has a default symbol",
        "{'name': 'a', 'type': {'type': 'map', 'values': 'float'}, 'doc': 'd'} | R.a{}: FLOAT is not used: no floats, no fixed",
      })
  void shouldCatchABrokenRule(String field, String violation) {
    String json = "{'type': 'record', 'name': 'R', 'doc': 'd', 'fields': [%s]}".formatted(field);
    Schema schema = new SchemaParser().parse(json.replace('\'', '"')).mainSchema();

    assertThat(SchemaRules.violationsIn(schema)).containsExactly(violation);
  }
}
