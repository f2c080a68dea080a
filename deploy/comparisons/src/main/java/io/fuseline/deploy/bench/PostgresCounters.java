package io.fuseline.deploy.bench;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.serde.AvroDeserializer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * The pipeline's sums as gateways keep them: counters in PostgreSQL, raised by {@code INSERT … ON
 * CONFLICT DO UPDATE}. One transaction for each batch of spans, which also stores how far the topic
 * was read, so that each span counts once. Nothing is judged and no command is sent.
 *
 * <p>Either one statement per span, dimension and window ({@link Rung#PG}), sent in batches; or what
 * a batch adds to each counter summed up in memory before, and one statement for all ({@link
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
    }
    System.exit(0);
  }

  private void run(PostgresServer server) throws SQLException {
    AvroDeserializer<AgentSpan> deserializer = program.spanDeserializer();
    Properties settings = program.consumerSettings();
    try (Connection connection = server.connect();
        KafkaConsumer<byte[], AgentSpan> consumer =
            new KafkaConsumer<>(settings, program.keyDeserializer(), deserializer)) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(TABLES);
      }
      connection.setAutoCommit(false);
      List<TopicPartition> partitions = program.partitions();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long all = consumer.endOffsets(partitions).values().stream().mapToLong(Long::longValue).sum();
      long done = 0;
      boolean warm = false;
      while (done < all) {
        ConsumerRecords<byte[], AgentSpan> records = consumer.poll(POLL);
        if (!records.isEmpty()) {
          if (sums) {
            addSums(connection, records);
          } else {
            addEach(connection, records);
          }
          storeProgress(connection, records);
          connection.commit();
          done += records.count();
        }
        if (!warm && done >= program.warmUp()) {
          warm = true;
          program.tell(done, server.cpuNanos());
        }
      }
      program.tell(done, server.cpuNanos());
      check(connection, all);
    }
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
            connection.createArrayOf(column < 3 ? "text" : "bigint", columns.get(column).toArray()));
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

  /** A sum that is wrong would be no comparison. */
  private static void check(Connection connection, long spans) throws SQLException {
    String sum = "SELECT sum(spans) FROM spend WHERE dimension = 'tenant' AND size = '1d'";
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sum)) {
      result.next();
      if (result.getLong(1) != spans) {
        throw new BenchException(
            "PostgreSQL counted " + result.getLong(1) + " spans, expected " + spans);
      }
    }
  }
}
