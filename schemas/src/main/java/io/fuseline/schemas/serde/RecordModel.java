package io.fuseline.schemas.serde;

import org.apache.avro.Conversion;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * What Avro must know of a generated class: its schema, the conversions of its decimals and times, and
 * that the fast reader is to be used. A model of its own per class, so that nothing global is
 * switched.
 */
final class RecordModel {
  private RecordModel() {}

  static SpecificData of(Class<? extends SpecificRecord> type) {
    SpecificData model = new SpecificData(type.getClassLoader());
    for (Conversion<?> conversion : SpecificData.getForClass(type).getConversions()) {
      model.addLogicalTypeConversion(conversion);
    }
    model.setFastReaderEnabled(true);
    return model;
  }

  static Schema schemaOf(Class<? extends SpecificRecord> type) {
    return SpecificData.get().getSchema(type);
  }
}
