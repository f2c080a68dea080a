package io.fuseline.schemas.compatibility;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/** How our schemas are written. */
final class SchemaRules {
  private static final int MONEY_PRECISION = 38;
  private static final int MONEY_SCALE = 12;

  private final List<String> violations = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();

  private SchemaRules() {}

  /** Where the schema breaks a rule, and which; empty when nowhere. */
  static List<String> violationsIn(Schema schema) {
    SchemaRules rules = new SchemaRules();
    rules.check(schema, schema.getName());
    return rules.violations;
  }

  /** Fields that came after the released version and have no default. */
  static List<String> addedWithoutDefault(Schema current, Schema released) {
    return current.getFields().stream()
        .filter(field -> released.getField(field.name()) == null && !field.hasDefaultValue())
        .map(field -> current.getName() + "." + field.name() + ": an added field has a default")
        .toList();
  }

  private void check(Schema schema, String place) {
    switch (schema.getType()) {
      case RECORD -> checkRecord(schema, place);
      case ENUM -> checkEnum(schema, place);
      case ARRAY -> check(schema.getElementType(), place + "[]");
      case MAP -> check(schema.getValueType(), place + "{}");
      case UNION -> checkUnion(schema, place);
      case BYTES -> checkMoney(schema.getLogicalType(), place);
      case LONG -> checkTime(schema.getLogicalType(), place);
      case STRING, INT, BOOLEAN ->
          require(schema.getLogicalType() == null, place, "has a logical type we do not use");
      default -> require(false, place, schema.getType() + " is not used: no floats, no fixed");
    }
  }

  private void checkRecord(Schema schema, String place) {
    if (!seen.add(schema.getFullName())) {
      return;
    }
    require(isText(schema.getDoc()), place, "a record has a doc");
    for (Schema.Field field : schema.getFields()) {
      String here = place + "." + field.name();
      require(isText(field.doc()), here, "a field has a doc");
      require(field.name().matches("[a-z][a-z0-9]*(_[a-z0-9]+)*"), here, "a name is in snake case");
      check(field.schema(), here);
    }
  }

  private void checkEnum(Schema schema, String place) {
    require(isText(schema.getDoc()), place, "an enum has a doc");
    require(schema.getEnumDefault() != null, place, "an enum has a default symbol");
  }

  private void checkUnion(Schema schema, String place) {
    List<Schema> branches = schema.getTypes();
    boolean optional =
        branches.size() == 2
            && branches.get(0).getType() == Schema.Type.NULL
            && branches.get(1).getType() != Schema.Type.NULL;
    require(optional, place, "a union is null and one other, in this order");
    branches.stream()
        .filter(branch -> branch.getType() != Schema.Type.NULL)
        .forEach(branch -> check(branch, place));
  }

  private void checkMoney(LogicalType type, String place) {
    require(
        type instanceof LogicalTypes.Decimal money
            && money.getPrecision() == MONEY_PRECISION
            && money.getScale() == MONEY_SCALE,
        place,
        "bytes are money, decimal(38,12)");
  }

  private void checkTime(LogicalType type, String place) {
    require(
        type == null || type instanceof LogicalTypes.TimestampMicros,
        place,
        "a time is in timestamp-micros");
  }

  private void require(boolean kept, String place, String rule) {
    if (!kept) {
      violations.add(place + ": " + rule);
    }
  }

  private static boolean isText(String doc) {
    return doc != null && !doc.isBlank();
  }
}
