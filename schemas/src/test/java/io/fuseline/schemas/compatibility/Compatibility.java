package io.fuseline.schemas.compatibility;

import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;

/** What a schema promises to its earlier releases; the names are Confluent's. */
enum Compatibility {
  /** The current schema reads what every release wrote. For topics. */
  BACKWARD_TRANSITIVE(
      (current, released) -> mismatches("cannot read what was written by", current, released)),
  /**
   * And every release reads what the current schema writes. For state, which survives a roll-back.
   */
  FULL_TRANSITIVE(
      (current, released) ->
          Stream.concat(
                  mismatches("cannot read what was written by", current, released).stream(),
                  mismatches("would be read wrongly by", released, current).stream())
              .toList());

  private final BiFunction<Schema, Schema, List<String>> rule;

  Compatibility(BiFunction<Schema, Schema, List<String>> rule) {
    this.rule = rule;
  }

  /** What the current schema breaks, in words; empty when nothing. */
  List<String> brokenBy(Schema current, Schema released) {
    return rule.apply(current, released);
  }

  private static List<String> mismatches(String how, Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
        .getResult()
        .getIncompatibilities()
        .stream()
        .map(mismatch -> describe(how, mismatch))
        .toList();
  }

  private static String describe(String how, Incompatibility mismatch) {
    return how
        + " the other version: "
        + mismatch.getType()
        + " at "
        + mismatch.getLocation()
        + ": "
        + mismatch.getMessage();
  }
}
