package io.fuseline.schemas.serde;

import org.apache.avro.Conversion;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * What Avro must know of a generated class to read and write it: its schema, the conversions of its
 * decimals and times, and that the fast reader is to be used. A model of its own per class, so that
 * nothing global is switched. (A subclass of Avro's model would not do: the fast reader does not
 * serve it.)
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

  /** Positions of the fields that are lists of records. */
  static int[] listsOfRecords(Schema schema) {
    return schema.getFields().stream()
        .filter(field -> field.schema().getType() == Schema.Type.ARRAY)
        .filter(field -> field.schema().getElementType().getType() == Schema.Type.RECORD)
        .mapToInt(Schema.Field::pos)
        .toArray();
  }
}
