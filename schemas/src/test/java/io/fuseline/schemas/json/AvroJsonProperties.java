package io.fuseline.schemas.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.RecordTypes;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import org.apache.avro.specific.SpecificRecord;

class AvroJsonProperties {
  @Property
  void shouldReadBackWhatWasWrittenWhateverTheRecord(@ForAll("records") SpecificRecord record) {
    Statistics.collect(record.getSchema().getName());
    RecordTypes.ALL.forEach(
        type ->
            Statistics.coverage(
                coverage -> coverage.check(type.getSimpleName()).count(times -> times > 10)));

    assertThat(AvroJson.fromJson(AvroJson.toJson(record), record.getClass())).isEqualTo(record);
    assertThat(AvroJson.fromJsonText(AvroJson.toJsonText(record), record.getClass()))
        .isEqualTo(record);
  }

  @Provide
  Arbitrary<SpecificRecord> records() {
    return RecordTypes.anyRecord();
  }
}
