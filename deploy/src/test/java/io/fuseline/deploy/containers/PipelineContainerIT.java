package io.fuseline.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.AvroSerializer;
import io.fuseline.schemas.serde.RegistrySettings;
import io.fuseline.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.ImageFromDockerfile;

/**
 * The images as they are shipped, against each other: spans of a loop go in, the command that ends
 * it comes out.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class PipelineContainerIT {
  private static final Topics TOPICS = Topics.defaults();
  private static final String RUN = "run-1";

  /** Before each test, since what is skipped as a class is not in the report. */
  @BeforeEach
  void needDocker() {
    Assumptions.assumeTrue(
        DockerClientFactory.instance().isDockerAvailable(),
        "no Docker daemon answers; scripts/test --docker makes one ready");
  }

  @Test
  void shouldKillALoopingRunWhenThePipelineRunsInAContainer() throws Exception {
    ImageFromDockerfile image = image("pipeline");
    try (Network network = Network.newNetwork();
        BrokerContainer broker = new BrokerContainer(image("broker"), network);
        GenericContainer<?> registry = registry(network);
        GenericContainer<?> pipeline = pipeline(image, network)) {
      broker.start();
      registry.start();
      runToEnd(image, network, "topics", "create");
      runToEnd(image, network, "prices", "import", "--from", "default");
      runToEnd(image, network, "policy", "apply", "/policies/loop.yaml");
      pipeline.start();
      assertThat(pipeline.execInContainer("id", "-u").getStdout().trim()).isNotEqualTo("0");
      Map<String, Object> addresses =
          Map.of(
              "bootstrap.servers",
              broker.hostAddress(),
              RegistrySettings.SCHEMA_REGISTRY_URL,
              "http://%s:%d/apis/ccompat/v7"
                  .formatted(registry.getHost(), registry.getMappedPort(8081)));

      produceLoop(addresses, 8);

      Command command = firstCommand(addresses);
      assertThat(command.getAction()).isEqualTo(Action.KILL);
      assertThat(command.getTarget()).isEqualTo(RUN);
      assertThat(command.getPolicyId()).isEqualTo("loop");
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(() -> assertThat(pipeline.isHealthy()).isTrue());
    }
  }

  private static ImageFromDockerfile image(String target) {
    Path deploy = Path.of(System.getProperty("fuseline.home")).getParent().getParent();
    String base = System.getenv("FUSELINE_BASE_IMAGE");
    return new ImageFromDockerfile("fuseline-test-" + target, false)
        .withFileFromPath(".", deploy)
        .withDockerfilePath("docker/Dockerfile")
        .withTarget(target)
        .withBuildArgs(base == null ? Map.of() : Map.of("BASE_IMAGE", base));
  }

  private static GenericContainer<?> registry(Network network) {
    return new GenericContainer<>(image("registry"))
        .withNetwork(network)
        .withNetworkAliases("registry")
        .withExposedPorts(8081)
        .waitingFor(
            Wait.forHttp("/apis/ccompat/v7/subjects")
                .forPort(8081)
                .withStartupTimeout(Duration.ofMinutes(2)));
  }

  private static GenericContainer<?> pipeline(ImageFromDockerfile image, Network network) {
    return fuseline(image, network)
        .withExposedPorts(8420)
        .waitingFor(
            Wait.forHttp("/health/ready").forPort(8420).withStartupTimeout(Duration.ofMinutes(3)));
  }

  private static void runToEnd(ImageFromDockerfile image, Network network, String... command) {
    try (GenericContainer<?> container =
        fuseline(image, network)
            .withClasspathResourceMapping(
                "io/fuseline/deploy/containers/loop.yaml",
                "/policies/loop.yaml",
                org.testcontainers.containers.BindMode.READ_ONLY)
            .withCommand(command)
            .withStartupCheckStrategy(
                new OneShotStartupCheckStrategy().withTimeout(Duration.ofMinutes(2)))) {
      container.start();
    }
  }

  private static GenericContainer<?> fuseline(ImageFromDockerfile image, Network network) {
    return new GenericContainer<>(image)
        .withNetwork(network)
        .withEnv("FUSELINE_BOOTSTRAP_SERVERS", "broker:9092")
        .withEnv("FUSELINE_REGISTRY_URL", "http://registry:8081/apis/ccompat/v7");
  }

  private static void produceLoop(Map<String, Object> addresses, int calls) throws Exception {
    try (var serializer = new AvroSerializer<>(AgentSpan.class)) {
      serializer.configure(addresses, false);
      try (var producer = new KafkaProducer<>(addresses, new StringSerializer(), serializer)) {
        Instant now = Instant.now();
        for (int call = 0; call < calls; call++) {
          producer
              .send(new ProducerRecord<>(TOPICS.agentSpans().name(), RUN, sameCall(call, now)))
              .get(1, TimeUnit.MINUTES);
        }
      }
    }
  }

  private static AgentSpan sameCall(int number, Instant now) {
    return AgentSpan.newBuilder()
        .setSpanId("span-" + number)
        .setRunId(RUN)
        .setRootRunId(RUN)
        .setAgentId("agent-1")
        .setKind(SpanKind.TOOL)
        .setProvider("local")
        .setToolName("search")
        .setArgumentHash(1L)
        .setResultHash(1L)
        .setEndTime(now.plusMillis(number))
        .build();
  }

  private static Command firstCommand(Map<String, Object> addresses) {
    List<Command> found = new ArrayList<>();
    try (var deserializer = new AvroDeserializer<>(Command.class)) {
      deserializer.configure(addresses, false);
      try (var consumer = new KafkaConsumer<>(addresses, new StringDeserializer(), deserializer)) {
        List<TopicPartition> partitions =
            consumer.partitionsFor(TOPICS.agentCommands().name()).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Awaitility.await()
            .atMost(Duration.ofMinutes(2))
            .until(
                () -> {
                  consumer
                      .poll(Duration.ofMillis(200))
                      .forEach(record -> found.add(record.value()));
                  return !found.isEmpty();
                });
      }
    }
    return found.get(0);
  }
}
