package io.fuseline.schemas.serde;

import java.util.ArrayList;
import java.util.Collection;
import org.apache.avro.Conversion;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * What Avro must know of a generated class to read and write it well: the conversions of its decimals and
 * times, that the fast reader is to be used, and that lists are plain lists. One model per class, so that
 * nothing global is switched. Safe for use by many threads.
 */
final class RecordModel extends SpecificData {
  private static final ClassValue<RecordModel> MODELS =
      new ClassValue<>() {
        @Override
        protected RecordModel computeValue(Class<?> type) {
          return new RecordModel(type);
        }
      };

  private RecordModel(Class<?> type) {
    super(type.getClassLoader());
    for (Conversion<?> conversion : SpecificData.getForClass(type).getConversions()) {
      addLogicalTypeConversion(conversion);
    }
    setFastReaderEnabled(true);
  }

  static RecordModel of(Class<? extends SpecificRecord> type) {
    return MODELS.get(type);
  }

  static Schema schemaOf(Class<? extends SpecificRecord> type) {
    return of(type).getSchema(type);
  }

  /** Avro's own array knows no conversions: comparing two that hold decimals throws. */
  @Override
  public Object newArray(Object old, int size, Schema schema) {
    if (old instanceof Collection<?> reused) {
      reused.clear();
      return reused;
    }
    return new ArrayList<>(size);
  }
}
