package io.fuseline.stream.command;

import static io.fuseline.stream.command.CommandDraft.kill;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Command;
import io.fuseline.schemas.TargetType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandStreamTest {
  private static final Concerned RUN_1 =
      new Concerned("acme", Map.of(TargetType.RUN, "run-1", TargetType.AGENT, "agent-1"));

  private final CommandStream stream = new CommandStream(100, 2);

  @Test
  void shouldGiveWhatConcernsTheSubscriberAndNothingElse() throws Exception {
    stream.offer(kill(1, TargetType.RUN, "run-1"));
    stream.offer(kill(2, TargetType.RUN, "run-2"));
    stream.offer(kill(3, TargetType.AGENT, "agent-1"));
    stream.offer(kill(4, TargetType.AGENT, "run-1"));
    stream.offer(kill(5, TargetType.TENANT, "acme"));
    stream.offer(kill(6, TargetType.TEAM, "support", "run-0", "run-1"));
    stream.offer(Command.newBuilder(kill(7, TargetType.RUN, "run-1")).setTenantId("other").build());

    assertThat(ids(stream.subscribe(RUN_1, null)))
        .containsExactly("cmd-1", "cmd-3", "cmd-5", "cmd-6");
  }

  @Test
  void shouldGiveEachCommandOnceWhenItComesAgainFromAnAbortedTransaction() throws Exception {
    CommandStream.Subscriber subscriber = stream.subscribe(RUN_1, null);
    stream.offer(kill(1, TargetType.RUN, "run-1"));
    stream.offer(Command.newBuilder(kill(1, TargetType.RUN, "run-1")).setEpoch(99).build());

    assertThat(ids(subscriber)).containsExactly("cmd-1");
  }

  @Test
  void shouldGoOnFromTheLastCommandKnownWhenOneComesAgain() throws Exception {
    for (int i = 1; i <= 4; i++) {
      stream.offer(kill(i, TargetType.RUN, "run-1"));
    }
    assertThat(ids(stream.subscribe(RUN_1, "cmd-2"))).containsExactly("cmd-3", "cmd-4");
    assertThat(ids(stream.subscribe(RUN_1, "forgotten"))).hasSize(4);
  }

  @Test
  void shouldNotLoseWhatAnotherInstanceReadInAnotherOrder() throws Exception {
    // Two partitions: this instance has read the later command first.
    Command early = kill(1, TargetType.AGENT, "agent-1");
    Command late =
        Command.newBuilder(kill(2, TargetType.RUN, "run-1"))
            .setIssuedAt(early.getIssuedAt().plusMillis(5))
            .build();
    stream.offer(late);
    stream.offer(early);

    assertThat(ids(stream.subscribe(RUN_1, "cmd-2"))).containsExactly("cmd-1");
  }

  @Test
  void shouldDropASubscriberThatDoesNotKeepUp() throws Exception {
    CommandStream.Subscriber slow = stream.subscribe(RUN_1, null);
    for (int i = 0; i < 300; i++) {
      stream.offer(kill(i, TargetType.RUN, "run-1"));
    }

    assertThat(slow.next(Duration.ofSeconds(1))).isNull();
    assertThat(slow.end()).isEqualTo(CommandStream.End.TOO_SLOW);
    assertThat(stream.subscribers()).isZero();
  }

  @Test
  void shouldTakeNoMoreSubscribersThanItCanServe() {
    CommandStream.Subscriber first = stream.subscribe(RUN_1, null);
    assertThat(stream.subscribe(RUN_1, null)).isNotNull();
    assertThat(stream.subscribe(RUN_1, null)).isNull();

    first.close();
    assertThat(stream.subscribe(RUN_1, null)).isNotNull();
  }

  private static List<String> ids(CommandStream.Subscriber subscriber) throws InterruptedException {
    try (subscriber) {
      List<String> ids = new ArrayList<>();
      for (Command command = subscriber.next(Duration.ofMillis(1));
          command != null;
          command = subscriber.next(Duration.ofMillis(1))) {
        ids.add(command.getCommandId());
      }
      return ids;
    }
  }
}
