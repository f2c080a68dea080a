package io.fuseline.deploy.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.deploy.setup.TopicSetup;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.AvroSerializer;
import io.fuseline.schemas.serde.RegistrySettings;
import io.fuseline.schemas.serde.SchemaRegistration;
import io.fuseline.schemas.topics.Topics;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStackIT {
  private static final Topics TOPICS = Topics.defaults();

  @TempDir Path data;

  private final List<String> steps = Collections.synchronizedList(new ArrayList<>());

  @Test
  void shouldHaveTopicsAndRecordsBackWhenTheBrokerWasKilledAndStartedAgain() throws Exception {
    try (LocalStack stack = LocalStack.start(data, steps::add)) {
      createTopics(stack);
      produce(stack, price("a"));
      String address = stack.bootstrapServers();
      long killed = stack.broker().pid();

      stack.broker().kill();
      assertThat(ProcessHandle.of(killed)).isEmpty();
      stack.broker().restart();

      assertThat(stack.bootstrapServers()).isEqualTo(address);
      produce(stack, price("b"));
      assertThat(consume(stack, 2)).containsExactly(price("a"), price("b"));
    }
    assertThat(steps)
        .anyMatch(line -> line.matches("broker: ready after [0-9.]+ s at 127.0.0.1:\\d+"));
    assertThat(steps)
        .anyMatch(
            line ->
                line.matches(
                    "registry: ready after [0-9.]+ s at http://127.0.0.1:\\d+/apis/ccompat/v7"));
  }

  @Test
  void shouldAbortWhatWasOpenWhenTheBrokerWasKilled() throws Exception {
    try (LocalStack stack = LocalStack.start(data, steps::add);
        AvroSerializer<PriceEntry> serializer = serializer(stack)) {
      createTopics(stack);
      Map<String, Object> settings =
          Map.of(
              "bootstrap.servers",
              stack.bootstrapServers(),
              "transactional.id",
              "left-open",
              "transaction.timeout.ms",
              1000);
      var leftOpen = new KafkaProducer<>(settings, new StringSerializer(), serializer);
      leftOpen.initTransactions();
      leftOpen.beginTransaction();
      leftOpen
          .send(new ProducerRecord<>(TOPICS.prices().name(), "a", price("a")))
          .get(30, TimeUnit.SECONDS);
      stack.broker().kill();
      leftOpen.close(Duration.ZERO);

      stack.broker().restart();
      produce(stack, price("b"));

      assertThat(consume(stack, 1)).containsExactly(price("b"));
    }
  }

  @Test
  void shouldReadOldRecordsWhenTheWholeStackIsStartedAgainOnTheSameData() throws Exception {
    try (LocalStack stack = LocalStack.start(data, steps::add)) {
      createTopics(stack);
      produce(stack, price("a"));
    }

    try (LocalStack again = LocalStack.start(data, steps::add)) {
      assertThat(consume(again, 1)).containsExactly(price("a"));
    }
  }

  @Test
  void shouldTakeOtherPortsWhenTheChosenOnesAreTaken() throws Exception {
    try (ServerSocket one = occupied();
        ServerSocket other = occupied();
        LocalStack stack =
            LocalStack.start(
                Distribution.find(),
                data,
                first(one.getLocalPort()),
                first(other.getLocalPort()),
                steps::add)) {
      assertThat(stack.bootstrapServers()).doesNotEndWith(":" + one.getLocalPort());
      assertThat(stack.registryUrl()).doesNotContain(":" + other.getLocalPort() + "/");
      createTopics(stack);
      produce(stack, price("a"));
      assertThat(consume(stack, 1)).hasSize(1);
    }
  }

  @Test
  void shouldRefuseTheFolderOfAnotherRunningStack() {
    try (LocalStack stack = LocalStack.start(data, steps::add)) {
      assertThatThrownBy(() -> LocalStack.start(data, steps::add))
          .isInstanceOf(StackException.class)
          .hasMessageContaining("is in use")
          .hasMessageContaining("use another data folder");
      assertThat(ProcessHandle.of(stack.broker().pid())).isPresent();
    }
  }

  @Test
  void shouldShowTheEndOfTheLogWhenTheBrokerDoesNotStart() throws IOException {
    Path log = Files.createDirectories(data.resolve("broker/log"));
    Files.writeString(log.resolve("meta.properties"), "version=1\nnode.id=77\ncluster.id=other\n");

    assertThatThrownBy(() -> LocalStack.start(data, steps::add))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("The broker ended while starting")
        .hasMessageContaining("Last lines of " + data.resolve("broker/broker.log"))
        .hasMessageContaining("77");
    assertThat(data.resolve("registry/registry.pid")).doesNotExist();
  }

  @Test
  void shouldEndItsServersWhenItsJvmEndsWithoutClosing() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dfuseline.home=" + System.getProperty("fuseline.home"),
                "-cp",
                System.getProperty("java.class.path"),
                UnclosedStack.class.getName(),
                data.toString())
            .redirectErrorStream(true)
            .start();

    String output =
        new String(jvm.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();

    List<Long> pids =
        output
            .lines()
            .filter(line -> line.startsWith("pid "))
            .map(line -> Long.valueOf(line.substring(4)))
            .toList();
    assertThat(pids).as(output).hasSize(2);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(pids).noneMatch(pid -> ProcessHandle.of(pid).isPresent()));
  }

  private static void createTopics(LocalStack stack) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      TopicSetup.create(admin, TOPICS.all(), OptionalInt.empty());
    }
    SchemaRegistration.registerAll(
        Map.of(RegistrySettings.SCHEMA_REGISTRY_URL, stack.registryUrl()), TOPICS.all());
  }

  private static void produce(LocalStack stack, PriceEntry price) throws Exception {
    try (AvroSerializer<PriceEntry> serializer = serializer(stack);
        var producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new StringSerializer(),
                serializer)) {
      producer
          .send(new ProducerRecord<>(TOPICS.prices().name(), price.getPriceId(), price))
          .get(30, TimeUnit.SECONDS);
    }
  }

  private static AvroSerializer<PriceEntry> serializer(LocalStack stack) {
    var serializer = new AvroSerializer<>(PriceEntry.class);
    serializer.configure(Map.of(RegistrySettings.SCHEMA_REGISTRY_URL, stack.registryUrl()), false);
    return serializer;
  }

  private static List<PriceEntry> consume(LocalStack stack, int count) {
    List<PriceEntry> found = new ArrayList<>();
    try (var deserializer = new AvroDeserializer<>(PriceEntry.class)) {
      deserializer.configure(
          Map.of(RegistrySettings.SCHEMA_REGISTRY_URL, stack.registryUrl()), false);
      Map<String, Object> settings =
          Map.of(
              "bootstrap.servers",
              stack.bootstrapServers(),
              "auto.offset.reset",
              "earliest",
              "isolation.level",
              "read_committed");
      try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), deserializer)) {
        consumer.assign(List.of(new TopicPartition(TOPICS.prices().name(), 0)));
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(
                () -> {
                  consumer
                      .poll(Duration.ofMillis(200))
                      .forEach(record -> found.add(record.value()));
                  return found.size() >= count;
                });
      }
    }
    return found;
  }

  private static PriceEntry price(String sku) {
    return PriceEntry.newBuilder()
        .setPriceId("MODEL/any/" + sku + "/input_tokens/standard/2026-01-01")
        .setKind(PriceKind.MODEL)
        .setProvider("any")
        .setSku(sku)
        .setUnit("input_tokens")
        .setPrice(new BigDecimal("0.000003000000"))
        .setValidFrom(Instant.parse("2026-01-01T00:00:00Z"))
        .build();
  }

  private static ServerSocket occupied() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  /** As if the port had been free when we looked. */
  private static Ports first(int port) {
    Iterator<Integer> once = Arrays.asList(port).iterator();
    return () -> once.hasNext() ? once.next() : Ports.free().next();
  }
}
