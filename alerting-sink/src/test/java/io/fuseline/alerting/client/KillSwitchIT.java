package io.fuseline.alerting.client;

import static io.fuseline.alerting.Records.kill;
import static io.fuseline.alerting.Records.pause;
import static io.fuseline.alerting.Records.restore;
import static io.fuseline.schemas.TargetType.AGENT;
import static io.fuseline.schemas.TargetType.RUN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fuseline.alerting.TestServers;
import io.fuseline.alerting.TestTopics;
import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.topics.Topics;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against a real broker and a real registry. */
class KillSwitchIT {
  private final TestTopics kafka = new TestTopics();
  private final List<KillSwitch> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(KillSwitch::close);
    kafka.close();
  }

  @Test
  void shouldKillARunOnceAndAcknowledgeUnderItsKeyWhenTheCommandIsWrittenTwice() {
    var killSwitch = open();
    var calls = new CopyOnWriteArrayList<Command>();
    killSwitch.watchRun(
        "run-1",
        "researcher",
        command -> {
          calls.add(command);
          return Ack.stopped(new BigDecimal("12.75"), "USD");
        });
    var kill = kill(RUN, "run-1", 1);

    kafka.write(kill);
    awaitAcks(1);
    kafka.write(kill);

    var acks = awaitAcks(2);
    assertThat(calls).containsExactly(kill);
    assertThat(acks).allMatch(ack -> ack.key().equals("run-1"));
    assertThat(acks)
        .extracting(ConsumerRecord::value)
        .allSatisfy(
            ack -> {
              assertThat(ack.getCommandId()).isEqualTo(kill.getCommandId());
              assertThat(ack.getResult()).isEqualTo(AckResult.STOPPED);
              assertThat(ack.getSpendAtStop()).isEqualByComparingTo("12.75");
            });
  }

  @Test
  void shouldStopTwoRunsOfAnAgentAndOneThatStartsLater() {
    var killSwitch = open();
    killSwitch.watchRun("run-1", "researcher", command -> Ack.stopped());
    killSwitch.watchRun("run-2", "researcher", command -> Ack.stopped());
    killSwitch.watchRun("other", "writer", command -> Ack.stopped());

    kafka.write(kill(AGENT, "researcher", 1));
    awaitAcks(2);
    killSwitch.watchRun("run-3", "researcher", command -> Ack.stopped());

    assertThat(awaitAcks(3))
        .allMatch(ack -> ack.key().equals("researcher"))
        .flatExtracting(ack -> ack.value().getRootRunIds())
        .containsExactlyInAnyOrder("run-1", "run-2", "run-3");
    assertThatThrownBy(() -> killSwitch.checkpoint("run-3")).isInstanceOf(RunStopped.class);
    assertThat(killSwitch.isStopped("other")).isFalse();
  }

  @Test
  void shouldIgnoreAStaleEpoch() {
    var killSwitch = open();
    killSwitch.watchRun("run-1", "researcher", command -> Ack.stopped());
    kafka.write(restore(RUN, "run-1", 5, null));
    awaitAcks(1);

    kafka.write(kill(RUN, "run-1", 4));

    await().until(() -> killSwitch.counts().stale() == 1);
    assertThat(killSwitch.isStopped("run-1")).isFalse();
    assertThat(acks()).hasSize(1);
  }

  @Test
  void shouldStillKnowTheAgentIsKilledWhenStartedAgainWithinTheLookBack() {
    try (var first = open()) {
      first.watchRun("run-1", "researcher", command -> Ack.stopped());
      kafka.write(kill(AGENT, "researcher", 1));
      kafka.write(pause(AGENT, "writer", 1));
      kafka.write(kill(AGENT, "critic", 1));
      kafka.write(restore(AGENT, "critic", 2, null));
      awaitAcks(1);
    }

    var second = open();
    second.watchRun("run-2", "researcher", command -> Ack.stopped());
    second.watchRun("run-3", "critic", command -> Ack.stopped());

    assertThat(second.isStopped("run-2")).isTrue();
    assertThat(second.isStopped("run-3")).isFalse();
    assertThat(awaitAcks(2).get(1).value().getRootRunIds()).containsExactly("run-2");
  }

  @Test
  void shouldNotReadWhatIsOlderThanTheLookBack() {
    kafka.write(kill(AGENT, "researcher", 1));
    var written = System.nanoTime();
    await().until(() -> System.nanoTime() - written > Duration.ofMillis(300).toNanos());

    var killSwitch = open(settings(kafka.topics()).lookBack(Duration.ofMillis(100)));

    killSwitch.watchRun("run-1", "researcher", command -> Ack.stopped());
    assertThat(killSwitch.isStopped("run-1")).isFalse();
  }

  @Test
  void shouldObeyBeforeTheTransactionOfTheCommandCommits() throws Exception {
    var killSwitch = open();
    killSwitch.watchRun("run-1", "researcher", command -> Ack.stopped());

    try (var transaction = kafka.writeUncommitted(kill(RUN, "run-1", 1))) {
      await().until(() -> killSwitch.isStopped("run-1"));
    }
  }

  @Test
  void shouldGoOnWhenARecordIsNoCommand() {
    var killSwitch = open();
    killSwitch.watchRun("run-1", "researcher", command -> Ack.stopped());

    kafka.writeBytes(
        kafka.topics().agentCommands().name(),
        "run-1",
        "no Avro at all".getBytes(StandardCharsets.UTF_8));
    kafka.writeBytes(kafka.topics().agentCommands().name(), "run-1", null);
    kafka.write(kill(RUN, "run-1", 1));

    assertThat(awaitAcks(1).get(0).value().getResult()).isEqualTo(AckResult.STOPPED);
  }

  @Test
  void shouldMissNothingWhenTheRegistryWasAway() {
    try (var registry = new FaultyRegistry(TestServers.get().registryUrl())) {
      var killSwitch =
          open(
              KillSwitchSettings.builder(TestServers.get().bootstrapServers(), registry.url())
                  .topics(kafka.topics())
                  .tenant("acme"));
      // Enough for several partitions.
      var runs = IntStream.range(0, 20).mapToObj(i -> "run-" + i).toList();
      runs.forEach(run -> killSwitch.watchRun(run, "researcher", command -> Ack.stopped()));
      registry.fail();
      runs.forEach(run -> kafka.write(kill(RUN, run, 1)));
      await().until(() -> registry.failures() > 0);
      assertThat(runs).noneMatch(killSwitch::isStopped);

      registry.recover();

      await().until(() -> runs.stream().allMatch(killSwitch::isStopped));
    }
  }

  @Test
  void shouldSayWhyWhenItCannotStart() {
    var missing = Topics.defaults().withPrefix("missing.");

    assertThatThrownBy(() -> open(settings(missing).startTimeout(Duration.ofSeconds(2))))
        .isInstanceOf(KafkaException.class)
        .hasMessageContaining("missing.agent-commands")
        .hasMessageContaining("PT2S")
        .hasMessageContaining("does not exist; create it with: fuseline topics create");
  }

  private KillSwitch open() {
    return open(settings(kafka.topics()));
  }

  private KillSwitch open(KillSwitchSettings.Builder settings) {
    var killSwitch = KillSwitch.open(settings.build());
    opened.add(killSwitch);
    return killSwitch;
  }

  private static KillSwitchSettings.Builder settings(Topics topics) {
    var servers = TestServers.get();
    return KillSwitchSettings.builder(servers.bootstrapServers(), servers.registryUrl())
        .topics(topics)
        .tenant("acme");
  }

  private List<ConsumerRecord<String, CommandAck>> acks() {
    return kafka.read(kafka.topics().commandAcks(), CommandAck.class);
  }

  private List<ConsumerRecord<String, CommandAck>> awaitAcks(int count) {
    await().until(() -> acks().size() >= count);
    assertThat(acks()).hasSize(count);
    return acks();
  }
}
