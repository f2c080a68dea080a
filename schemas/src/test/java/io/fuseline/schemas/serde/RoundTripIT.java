package io.fuseline.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.RecordTypes;
import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import org.apache.avro.specific.SpecificRecord;

class RoundTripIT {
  private static final Map<Class<?>, AvroSerde<SpecificRecord>> SERDES = new HashMap<>();

  @Property
  void shouldReadBackWhatWasWrittenWhateverTheRecord(@ForAll("records") SpecificRecord record) {
    AvroSerde<SpecificRecord> serde = serdeOf(record);
    String topic = "round-trip-" + record.getSchema().getName();

    byte[] bytes = serde.serializer().serialize(topic, record);

    assertThat(serde.deserializer().deserialize(topic, bytes)).isEqualTo(record);
    Statistics.collect(record.getSchema().getName());
    RecordTypes.ALL.forEach(
        type ->
            Statistics.coverage(
                coverage -> coverage.check(type.getSimpleName()).count(times -> times > 10)));
  }

  @Provide
  Arbitrary<SpecificRecord> records() {
    return RecordTypes.anyRecord();
  }

  @SuppressWarnings("unchecked")
  private static AvroSerde<SpecificRecord> serdeOf(SpecificRecord record) {
    return SERDES.computeIfAbsent(
        record.getClass(),
        type ->
            AvroSerde.ofValues(
                (Class<SpecificRecord>) type,
                Map.of(
                    RegistrySettings.SCHEMA_REGISTRY_URL,
                    LocalRegistryProcess.shared().url(),
                    RegistrySettings.AUTO_REGISTER_SCHEMAS,
                    true)));
  }
}
