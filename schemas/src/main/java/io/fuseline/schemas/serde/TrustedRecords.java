package io.fuseline.schemas.serde;

import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Tells Avro that our generated classes may be made by name. Since 1.12.2 Avro refuses every
 * application's own classes unless told otherwise, even in their builders (see the discussion at <a
 * href="https://github.com/apache/avro/pull/3693">apache/avro#3693</a>).
 *
 * <p>Avro loads this as a service when its logical types are first needed, which is before any of
 * our records can be made; so whoever has this jar needs no system property. What was trusted
 * before stays trusted, and of our package only generated records and enums are. Not to be used
 * directly.
 */
public final class TrustedRecords implements LogicalTypes.LogicalTypeFactory {
  private static final String TYPE_NAME = "io.fuseline.trusted-records";

  static {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), TrustedRecords::isOurs));
  }

  /** Called by the service loader. */
  public TrustedRecords() {}

  @Override
  public LogicalType fromSchema(Schema schema) {
    throw new IllegalArgumentException("No schema has the logical type " + TYPE_NAME);
  }

  @Override
  public String getTypeName() {
    return TYPE_NAME;
  }

  private static boolean isOurs(Class<?> type) {
    return type.getPackageName().equals("io.fuseline.schemas")
        && (type.isEnum() || SpecificRecord.class.isAssignableFrom(type));
  }
}
