package io.fuseline.deploy.bench;

import io.fuseline.schemas.AgentSpan;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * The pipeline's sums as gateways keep them: counters in PostgreSQL, raised by {@code INSERT … ON
 * CONFLICT DO UPDATE}. One transaction for each batch of spans, which also stores how far the topic
 * was read, so that each span counts once. Nothing is judged and no command is sent.
 *
 * <p>Either one statement per span, dimension and window ({@link Rung#PG}), sent in batches; or
 * what a batch adds to each counter summed up in memory before, and one statement for all ({@link
 * Rung#PGS}).
 */
public final class PostgresCounters {
  private static final String TABLES =
      """
      CREATE TABLE spend (
        dimension text, value text, size text, start bigint,
        cost_pico bigint NOT NULL, tokens bigint NOT NULL, spans bigint NOT NULL,
        llm_calls bigint NOT NULL, tool_calls bigint NOT NULL,
        PRIMARY KEY (dimension, value, size, start)) WITH (fillfactor = 50);
      CREATE TABLE progress (part int PRIMARY KEY, next bigint NOT NULL);
      """;

  private static final String ADD =
      """
       ON CONFLICT (dimension, value, size, start) DO UPDATE SET
        cost_pico = spend.cost_pico + excluded.cost_pico, tokens = spend.tokens + excluded.tokens,
        spans = spend.spans + excluded.spans, llm_calls = spend.llm_calls + excluded.llm_calls,
        tool_calls = spend.tool_calls + excluded.tool_calls""";

  private static final String ONE = "INSERT INTO spend VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)" + ADD;

  private static final String MANY =
      "INSERT INTO spend SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[],"
          + " ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])"
          + ADD;

  private static final String PROGRESS =
      "INSERT INTO progress VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET next = excluded.next";

  private static final Duration POLL = Duration.ofMillis(100);

  /** One upsert per sum may take a millisecond per span; the rate is that of what was done. */
  private static final Duration WARM_UP_AT_MOST = Duration.ofMinutes(1);

  private static final Duration MEASURED_AT_MOST = Duration.ofMinutes(2);

  private final OtherProgram program;
  private final boolean sums;
  private final Map<String, ModelPrices> prices = ModelPrices.defaults();

  private PostgresCounters(OtherProgram program) {
    this.program = program;
    this.sums = program.rung() == Rung.PGS;
  }

  public static void main(String[] args) throws Exception {
    OtherProgram program = OtherProgram.ofFile(Path.of(args[0]));
    try (PostgresServer server = PostgresServer.start(program.folder().resolve("postgres"))) {
      new PostgresCounters(program).run(server);
    } catch (SQLException e) {
      throw OtherProgram.failed(e);
    }
    System.exit(0);
  }

  private void run(PostgresServer server) throws SQLException {
    Map<TopicPartition, Long> ends = program.ends(program.spansTopic());
    Map<SpendKey, Spend> expected = program.sums(ends);
    long all = ends.values().stream().mapToLong(Long::longValue).sum();
    try (Connection connection = server.connect();
        KafkaConsumer<byte[], AgentSpan> consumer =
            new KafkaConsumer<>(
                program.consumerSettings(),
                program.keyDeserializer(),
                program.spanDeserializer())) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(TABLES);
      }
      connection.setAutoCommit(false);
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
      long done = work(consumer, connection, 0, program.warmUp(), WARM_UP_AT_MOST);
      program.tell(OtherProgram.reading(done, server.cpuNanos()));
      done = work(consumer, connection, done, all, MEASURED_AT_MOST);
      OtherReading end = OtherProgram.reading(done, server.cpuNanos());
      OtherProgram.check(
          done == all ? expected : program.sums(progress(connection)), counted(connection));
      program.tell(end);
    }
  }

  /**
   * Works until so many spans are done, or the time is over.
   *
   * @param done so far
   * @return how many are done then
   */
  private long work(
      KafkaConsumer<byte[], AgentSpan> consumer,
      Connection connection,
      long done,
      long until,
      Duration atMost)
      throws SQLException {
    long deadline = System.nanoTime() + atMost.toNanos();
    long now = done;
    while (now < until && System.nanoTime() < deadline) {
      ConsumerRecords<byte[], AgentSpan> records = consumer.poll(POLL);
      if (!records.isEmpty()) {
        if (sums) {
          addSums(connection, records);
        } else {
          addEach(connection, records);
        }
        storeProgress(connection, records);
        connection.commit();
        now += records.count();
      }
    }
    return now;
  }

  private void addEach(Connection connection, ConsumerRecords<byte[], AgentSpan> records)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(ONE)) {
      for (ConsumerRecord<byte[], AgentSpan> record : records) {
        AgentSpan span = record.value();
        Spend spend = ModelPrices.spend(span, prices.get(ModelPrices.key(span)));
        for (SpendKey key : OtherProgram.keys(span)) {
          insert.setString(1, key.dimension().label());
          insert.setString(2, key.value());
          insert.setString(3, key.window().label());
          insert.setLong(4, key.start());
          insert.setLong(5, spend.costPico());
          insert.setLong(6, spend.tokens());
          insert.setLong(7, spend.spans());
          insert.setLong(8, spend.llmCalls());
          insert.setLong(9, spend.toolCalls());
          insert.addBatch();
        }
      }
      insert.executeBatch();
    }
  }

  private void addSums(Connection connection, ConsumerRecords<byte[], AgentSpan> records)
      throws SQLException {
    Map<SpendKey, Spend> added = new LinkedHashMap<>();
    for (ConsumerRecord<byte[], AgentSpan> record : records) {
      AgentSpan span = record.value();
      Spend spend = ModelPrices.spend(span, prices.get(ModelPrices.key(span)));
      OtherProgram.keys(span).forEach(key -> added.merge(key, spend, Spend::plus));
    }
    List<List<Object>> columns = new ArrayList<>();
    for (int column = 0; column < 9; column++) {
      columns.add(new ArrayList<>(added.size()));
    }
    added.forEach(
        (key, spend) -> {
          columns.get(0).add(key.dimension().label());
          columns.get(1).add(key.value());
          columns.get(2).add(key.window().label());
          columns.get(3).add(key.start());
          columns.get(4).add(spend.costPico());
          columns.get(5).add(spend.tokens());
          columns.get(6).add(spend.spans());
          columns.get(7).add(spend.llmCalls());
          columns.get(8).add(spend.toolCalls());
        });
    try (PreparedStatement insert = connection.prepareStatement(MANY)) {
      for (int column = 0; column < 9; column++) {
        insert.setArray(
            column + 1,
            connection.createArrayOf(
                column < 3 ? "text" : "bigint", columns.get(column).toArray()));
      }
      insert.executeUpdate();
    }
  }

  private static void storeProgress(
      Connection connection, ConsumerRecords<byte[], AgentSpan> records) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(PROGRESS)) {
      for (TopicPartition partition : records.partitions()) {
        insert.setInt(1, partition.partition());
        insert.setLong(2, records.nextOffsets().get(partition).offset());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private Map<TopicPartition, Long> progress(Connection connection) throws SQLException {
    Map<TopicPartition, Long> next = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT part, next FROM progress")) {
      while (rows.next()) {
        next.put(new TopicPartition(program.spansTopic(), rows.getInt(1)), rows.getLong(2));
      }
    }
    return next;
  }

  private static Map<SpendKey, Spend> counted(Connection connection) throws SQLException {
    Map<SpendKey, Spend> sums = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM spend")) {
      while (rows.next()) {
        sums.put(
            OtherProgram.key(
                rows.getString(1), rows.getString(2), rows.getString(3), rows.getLong(4)),
            new Spend(
                rows.getLong(5),
                rows.getLong(6),
                rows.getLong(7),
                rows.getLong(8),
                rows.getLong(9)));
      }
    }
    return sums;
  }
}
