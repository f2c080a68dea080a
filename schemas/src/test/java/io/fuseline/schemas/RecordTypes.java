package io.fuseline.schemas;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import net.jqwik.api.arbitraries.StringArbitrary;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/** The records that stand on topics, and arbitrary ones of each. */
public final class RecordTypes {
  /** Every record that is the value of a topic. */
  public static final List<Class<? extends SpecificRecord>> ALL =
      List.of(
          AgentSpan.class,
          PriceEntry.class,
          PolicyDocument.class,
          Outcome.class,
          Decision.class,
          CommandAck.class,
          Command.class,
          Alert.class,
          PricedSpan.class,
          CostRollup.class,
          CostCorrection.class);

  private RecordTypes() {}

  /** Records of every type, with every field drawn from the whole of its range. */
  public static Arbitrary<SpecificRecord> anyRecord() {
    // Edge cases stand in the values; their combinations over 40 fields would crowd out all else.
    return Arbitraries.of(ALL)
        .flatMap(type -> recordOf(SpecificData.get().getSchema(type)).withoutEdgeCases())
        .withoutEdgeCases();
  }

  private static Arbitrary<SpecificRecord> recordOf(Schema schema) {
    List<Arbitrary<Object>> fields =
        schema.getFields().stream().map(field -> valueOf(field.schema())).toList();
    return Combinators.combine(fields)
        .as(
            values -> {
              SpecificRecord record =
                  (SpecificRecord)
                      SpecificData.newInstance(SpecificData.get().getClass(schema), schema);
              for (int i = 0; i < values.size(); i++) {
                record.put(i, values.get(i));
              }
              return record;
            });
  }

  private static Arbitrary<Object> valueOf(Schema schema) {
    return switch (schema.getType()) {
      case UNION -> valueOf(schema.getTypes().get(1)).injectNull(0.3);
      case STRING -> texts().asGeneric();
      case LONG ->
          schema.getLogicalType() == null
              ? longs().asGeneric()
              : longs().map(micros -> Instant.EPOCH.plus(micros, ChronoUnit.MICROS)).asGeneric();
      case INT -> Arbitraries.integers().asGeneric();
      case BOOLEAN -> Arbitraries.of(true, false).asGeneric();
      case BYTES -> money((LogicalTypes.Decimal) schema.getLogicalType()).asGeneric();
      case ENUM ->
          Arbitraries.of(schema.getEnumSymbols())
              .map(symbol -> SpecificData.get().createEnum(symbol, schema));
      case ARRAY -> valueOf(schema.getElementType()).list().ofMaxSize(3).asGeneric();
      case MAP ->
          Arbitraries.maps(texts(), valueOf(schema.getValueType())).ofMaxSize(3).asGeneric();
      case RECORD -> recordOf(schema).asGeneric();
      default -> throw new IllegalArgumentException("Our schemas have no " + schema.getType());
    };
  }

  private static Arbitrary<Long> longs() {
    return Arbitraries.frequencyOf(
        Tuple.of(1, Arbitraries.of(Long.MIN_VALUE, -1L, 0L, 1L, Long.MAX_VALUE)),
        Tuple.of(3, Arbitraries.longs()));
  }

  private static Arbitrary<BigDecimal> money(LogicalTypes.Decimal type) {
    BigInteger largest = BigInteger.TEN.pow(type.getPrecision()).subtract(BigInteger.ONE);
    return Arbitraries.frequencyOf(
            Tuple.of(1, Arbitraries.of(largest, largest.negate(), BigInteger.ZERO)),
            Tuple.of(3, Arbitraries.bigIntegers().between(largest.negate(), largest)))
        .map(unscaled -> new BigDecimal(unscaled, type.getScale()));
  }

  /** Any text that is text: no half of a surrogate pair, which has no UTF-8 form. */
  private static StringArbitrary texts() {
    return Arbitraries.strings()
        .withCharRange('\0', '\uD7FF')
        .withCharRange('\uE000', '\uFFFF')
        .ofMaxLength(12);
  }
}
