package io.fuseline.deploy.bench;

/** A rung of the ladder: one more piece of the work than the rung below. */
public enum Rung {
  /** A consumer that takes the bytes and drops them. */
  L0("L0", "raw consumer, bytes", Kind.LOOP),
  /** The same, with each record decoded. */
  L1("L1", "+ Avro decode", Kind.LOOP),
  /** Kafka Streams that drops the bytes, exactly once. */
  L2("L2", "Streams, nothing done", Kind.STREAMS),
  /** Kafka Streams that decodes each record and writes it again, exactly once. */
  L3("L3", "Streams, decode and write", Kind.STREAMS),
  /** The whole pipeline, exactly once, without {@code priced-spans}. */
  L4("L4", "full topology", Kind.PIPELINE),
  /** The whole pipeline, exactly once, with one record per span to {@code priced-spans}. */
  L4P("L4p", "full topology + priced-spans", Kind.PIPELINE),
  /** {@link DslTopology}, exactly once: the sums alone, as the manual has them. */
  DSL("DSL", "sums alone, by the book", Kind.STREAMS),
  /** The sums in PostgreSQL, one statement for each. */
  PG("PG", "sums alone, PostgreSQL, each upserted", Kind.OTHER),
  /** The sums in PostgreSQL, those of a batch added up in memory before. */
  PGS("PGs", "sums alone, PostgreSQL, batches summed", Kind.OTHER),
  /** The sums and one detector as a Flink job, exactly once. */
  FLINK("Flink", "sums and one detector, Flink", Kind.OTHER);

  enum Kind {
    LOOP,
    STREAMS,
    PIPELINE,
    /** A program that is not built with the rest. */
    OTHER
  }

  private final String label;
  private final String what;
  private final Kind kind;

  Rung(String label, String what, Kind kind) {
    this.label = label;
    this.what = what;
    this.kind = kind;
  }

  /** Short name for tables. */
  public String label() {
    return label;
  }

  String what() {
    return what;
  }

  Kind kind() {
    return kind;
  }

  /** True when the rung needs what is not built with the rest. */
  public boolean isOther() {
    return kind == Kind.OTHER;
  }

  /** True when the rung keeps state in Kafka Streams. */
  boolean isStateful() {
    return kind == Kind.PIPELINE || this == DSL;
  }
}
