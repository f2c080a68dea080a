package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.llmSpan;
import static io.fuseline.stream.judge.SpanDraft.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.EpisodeState;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

@PropertyDefaults(tries = 300, edgeCases = EdgeCasesMode.NONE)
class RunJudgeProperties {

  private static final String ALL_RULES =
      """
      id: loop
      match: {agent: "c*"}
      rule: {type: exact-cycle}
      ladder: [{at: 2, action: alert}, {at: 4, action: kill}]
      ---
      id: explosion
      rule: {type: tool-call-explosion, window: 2m, floor_calls: 6}
      ladder:
        - {at: 2x, action: throttle, caps: {cooldown_ms: 5}}
        - {at: 3x, action: pause}
      ---
      id: cap
      rule: {type: budget, per: run, limit: "10"}
      ladder:
        - {at: 50%, action: alert}
        - {at: 80%, action: throttle, caps: {cooldown_ms: 5}}
        - {at: 90%, within: 1m, action: require-approval}
        - {at: 100%, action: pause}
      """;

  /** One writing of one of few spans, so that writings of the same span meet. */
  record Writing(int span, int phase, int agent, int tool, int signature, long cents, int seconds) {
    SpanDraft draft(int at) {
      SpanDraft draft = tool == 0 ? llmSpan().model("model-" + phase) : toolCall("tool-" + tool);
      draft.id("span-" + span).agent(agent == 0 ? "coder" : "tester").signature(signature);
      draft.costs(cents + "e-2").tokens(cents).step("step-" + phase).second(at + seconds);
      if (agent == 1) {
        draft.run("child", "run-1");
      }
      return switch (phase) {
        case 0 -> draft.start();
        case 1 -> draft.snapshot();
        default -> draft;
      };
    }
  }

  @Property
  void shouldJudgeTheSameWhenTheStateIsStoredBetweenAnyTwoSpans(
      @ForAll("writings") List<Writing> writings) {
    RunUnderTest kept = new RunUnderTest(ALL_RULES);
    RunUnderTest stored = new RunUnderTest(ALL_RULES).storedBetweenSpans();
    for (int i = 0; i < writings.size(); i++) {
      kept.see(writings.get(i).draft(10 * i));
      stored.see(writings.get(i).draft(10 * i));
    }

    assertThat(stored.commands).isEqualTo(kept.commands);
    assertThat(stored.alerts).isEqualTo(kept.alerts);
    assertThat(stored.scopes).isEqualTo(kept.scopes);
    assertThat(stored.state.toBytes()).isEqualTo(kept.state.toBytes());
  }

  @Property
  void shouldBookTheNewestWritingOfEachSpanExactlyOnce(@ForAll("writings") List<Writing> writings) {
    RunUnderTest run = new RunUnderTest(ALL_RULES);
    Map<Integer, Writing> newest = new HashMap<>();
    Set<Integer> ended = new HashSet<>();
    for (int i = 0; i < writings.size(); i++) {
      Writing writing = writings.get(i);
      run.see(writing.draft(10 * i));
      if (writing.phase() != 0 && !ended.contains(writing.span())) {
        newest.put(writing.span(), writing);
        if (writing.phase() == 2) {
          ended.add(writing.span());
        }
      }
    }

    long cents = newest.values().stream().mapToLong(Writing::cents).sum();
    Amount oracle = Amount.ofPico(SpanDraft.pico(cents + "e-2"));
    assertThat(run.state.cost).isEqualTo(oracle);
    assertThat(run.state.spans).isEqualTo(newest.size());
    assertThat(sum(run.state.nodes.values().stream().map(node -> node.cost).toList()))
        .isEqualTo(oracle);
    assertThat(sum(run.state.steps.values())).isEqualTo(oracle);
    Amount agents = new Amount();
    run.scopes.forEach(
        (key, cost) -> {
          if (key.dimension().name().equals("AGENT")) {
            agents.add(cost);
          }
        });
    assertThat(agents).isEqualTo(oracle);
  }

  @Property
  void shouldSendEachCommandOnceInRisingEpochsAndNothingAfterAKill(
      @ForAll("writings") List<Writing> writings) {
    RunUnderTest run = new RunUnderTest(ALL_RULES);
    for (int i = 0; i < writings.size(); i++) {
      run.see(writings.get(i).draft(10 * i));
    }
    run.goSilent();

    assertThat(run.commands).extracting(Command::getCommandId).doesNotHaveDuplicates();
    for (int i = 0; i < run.commands.size(); i++) {
      Command command = run.commands.get(i);
      assertThat(i == 0 || command.getEpoch() > run.commands.get(i - 1).getEpoch()).isTrue();
      assertThat(command.getAction() == Action.KILL).isEqualTo(i == killAt(run.commands));
    }
    if (killAt(run.commands) >= 0) {
      assertThat(killAt(run.commands)).isEqualTo(run.commands.size() - 1);
    }
  }

  @Property
  void shouldChangeNothingWhenWritingsComeTwice(
      @ForAll("writings") List<Writing> writings, @ForAll Random random) {
    RunUnderTest once = new RunUnderTest(ALL_RULES);
    RunUnderTest again = new RunUnderTest(ALL_RULES);
    Map<Integer, SpanDraft> ended = new HashMap<>();
    for (int i = 0; i < writings.size(); i++) {
      once.see(writings.get(i).draft(10 * i));
      again.see(writings.get(i).draft(10 * i));
      if (writings.get(i).phase() == 2) {
        ended.putIfAbsent(writings.get(i).span(), writings.get(i).draft(10 * i));
      }
      if (random.nextBoolean()) {
        again.see(writings.get(i).draft(10 * i)); // a producer that tried again
      }
      for (SpanDraft end : ended.values()) {
        if (random.nextInt(10) == 0) {
          again.see(end); // a replay of old spans
        }
      }
    }

    assertThat(again.commands).isEqualTo(once.commands);
    assertThat(again.alerts).isEqualTo(once.alerts);
    assertThat(again.scopes).isEqualTo(once.scopes);
    assertThat(again.state.toBytes()).isEqualTo(once.state.toBytes());
  }

  @Property
  void shouldNeverUnsayAnAlertWhenSpansAreJudgedAgainAfterACrash(
      @ForAll("writings") List<Writing> writings, @ForAll Random random) {
    RunUnderTest run = new RunUnderTest(ALL_RULES);
    int committed = 0;
    int crashes = 0;
    for (int i = 0; i < writings.size(); i++) {
      run.see(writings.get(i).draft(10 * i));
      if (random.nextInt(4) == 0) {
        run.commit();
        committed = i + 1;
      } else if (crashes < 5 && random.nextInt(4) == 0) {
        run.crash();
        crashes++;
        i = committed - 1;
      }
    }

    Map<String, Alert> told = new LinkedHashMap<>();
    for (Alert alert : run.alerts) {
      Alert facts = Alert.newBuilder(alert).setIssuedAt(Instant.EPOCH).build();
      Alert before = told.put(alert.getAlertId(), facts);
      assertThat(before).isIn(null, facts);
    }
    Map<String, String> episodes = new HashMap<>();
    for (Alert alert : told.values()) {
      String before = episodes.put(alert.getEpisodeId(), alert.getState().name());
      assertThat(before == null).isEqualTo(alert.getState() == EpisodeState.OPEN);
      assertThat(before).isNotEqualTo("CLOSED");
    }
    Map<String, Command> sent = new HashMap<>();
    for (Command command : run.commands) {
      Command facts =
          Command.newBuilder(command)
              .setEpoch(0)
              .setIssuedAt(Instant.EPOCH)
              .setDeadline(Instant.EPOCH)
              .build();
      assertThat(sent.put(command.getCommandId(), facts)).isIn(null, facts);
    }
  }

  @Property
  void shouldNeverReachTheFirstRungUnderTheFloor(
      @ForAll @IntRange(min = 2, max = 300) int floor,
      @ForAll @IntRange(min = 1001, max = 50_000) int factorMilli) {
    RunUnderTest run =
        new RunUnderTest(
            """
            id: explosion
            mode: warn
            rule: {type: tool-call-explosion, window: 1m, floor_calls: %d}
            ladder: [{at: %d.%03dx, action: kill}]
            """
                .formatted(floor, factorMilli / 1000, factorMilli % 1000));

    run.see(floor - 1, toolCall("search"));
    assertThat(run.alerts).isEmpty();
    run.see(toolCall("search"));

    assertThat(run.alerts).hasSize(1);
  }

  private static int killAt(List<Command> commands) {
    return commands.stream().map(Command::getAction).toList().indexOf(Action.KILL);
  }

  private static Amount sum(Iterable<Amount> amounts) {
    Amount sum = new Amount();
    amounts.forEach(sum::add);
    return sum;
  }

  @Provide
  Arbitrary<List<Writing>> writings() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 25),
            Arbitraries.frequency(Tuple.of(1, 0), Tuple.of(2, 1), Tuple.of(5, 2)),
            Arbitraries.integers().between(0, 1),
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(0, 1),
            Arbitraries.longs().between(0, 120),
            Arbitraries.integers().between(-90, 90))
        .as(Writing::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(60);
  }
}
