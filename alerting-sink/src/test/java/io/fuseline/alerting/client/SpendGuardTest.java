package io.fuseline.alerting.client;

import static io.fuseline.alerting.Records.kill;
import static io.fuseline.alerting.Records.maxTokens;
import static io.fuseline.alerting.Records.pause;
import static io.fuseline.alerting.Records.restore;
import static io.fuseline.alerting.Records.throttle;
import static io.fuseline.schemas.TargetType.AGENT;
import static io.fuseline.schemas.TargetType.RUN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.alerting.client.AdmissionDenied.Why;
import io.fuseline.alerting.client.AdmissionServer.Answer;
import io.fuseline.alerting.client.AdmissionServer.Budget;
import io.fuseline.alerting.client.AdmissionSettings.Unanswered;
import io.fuseline.schemas.Caps;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.TargetType;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over real HTTP; commands are handed over as the feed would. */
@Timeout(60)
class SpendGuardTest {
  private static final BigDecimal PRICE = new BigDecimal("0.18");

  private final Budget budget = new Budget("10.00");
  private final AdmissionServer server = new AdmissionServer(budget);
  private KillSwitch killSwitch;

  @AfterEach
  void close() {
    if (killSwitch != null) {
      killSwitch.close();
    }
    server.close();
  }

  @Test
  void shouldAskOnceForManyCallsAndGiveBackWhatIsLeft() throws Exception {
    var guard = guard(settings -> settings.leaseCalls(5).token("s3cret").role("analyst"));
    for (int i = 0; i < 3; i++) {
      var call = guard.before(PRICE);
      assertThat(call.estimate()).isEqualTo(PRICE);
      assertThat(call.caps()).isEmpty();
      call.after(new BigDecimal("0.20"));
    }

    var question = only(server.questions());
    assertThat(question)
        .isEqualTo(
            json(
                """
                {"tenant": "acme", "root_run_id": "r1", "agent_id": "a1", "team": "support", "cost_center": "cc-1", "role": "analyst",
                 "estimate": "0.18", "holder": "pod-1/1", "lease": "0.90"}
                """));
    assertThat(server.all().get(0).authorization()).isEqualTo("Bearer s3cret");

    guard.close();
    var release = only(server.releases());
    assertThat(release.get("lease_id").asText()).isEqualTo("lease-1");
    assertThat(release.get("used").asText()).isEqualTo("0.60");
    assertThat(release.get("holder")).isNull();
    assertThat(budget.spent()).isEqualByComparingTo("0.60");
    assertThatThrownBy(() -> guard.before(PRICE)).hasMessageContaining("guard of run r1 is closed");
  }

  @Test
  void shouldCountTheEstimateWhenNobodySaysWhatACallHasCost() throws Exception {
    var guard = guard(settings -> settings);
    guard.before(PRICE);
    try (var call = guard.before(PRICE)) {
      call.after(new BigDecimal("0.01"));
    }
    guard.before(PRICE).close();
    guard.close();

    assertThat(budget.spent()).isEqualByComparingTo("0.37");
  }

  @Test
  void shouldAskBeforeEachCallWhenNoLeasesAreWanted() throws Exception {
    server.answer(new Budget("1.00"));
    var guard = guard(settings -> settings.leaseCalls(0));
    for (int i = 0; i < 5; i++) {
      guard.before(PRICE).after(PRICE);
    }

    assertThatThrownBy(() -> guard.before(PRICE)).isInstanceOf(AdmissionDenied.class);
    assertThat(server.questions())
        .hasSize(6)
        .noneMatch(question -> question.has("lease") || question.has("holder"));
  }

  @Test
  void shouldSayWhichBudgetStandsAgainstIt() {
    server.answer(new Budget("0.10"));
    var guard = guard(settings -> settings);

    var denied = catchThrowableOfType(AdmissionDenied.class, () -> guard.before(PRICE));

    assertThat(denied).hasMessageContaining("Run r1 has spent 0 of 0.10 USD.");
    assertThat(denied.why()).isEqualTo(Why.BUDGET);
    assertThat(denied.scopeType()).isEqualTo("RUN");
    assertThat(denied.scope()).isEqualTo("r1");
    assertThat(denied.policyId()).isEqualTo("cap");
    assertThat(denied.spend()).isEqualByComparingTo("0");
    assertThat(denied.limit()).isEqualByComparingTo("0.10");
    assertThat(denied.unit()).isEqualTo("USD");
    assertThat(denied.reset()).isEqualTo(Instant.parse("2026-11-26T00:00:00Z"));
    assertThat(denied.retryAfter()).isEqualTo(Duration.ofSeconds(7));
    assertThat(denied.commandId()).isNull();
  }

  @Test
  void shouldHoldLeasesByToolAndNoneForAnActionOfAValue() throws Exception {
    var guard = guard(settings -> settings);
    guard.before(PRICE, CallDetails.ofTool("search"));
    guard.before(PRICE, CallDetails.ofTool("search"));
    guard.before(PRICE, CallDetails.ofTool("pay"));
    var payment = CallDetails.ofTool("pay").worth(new BigDecimal("12000"));
    guard.before(PRICE, payment);
    guard.before(PRICE, payment);

    assertThat(server.questions())
        .extracting(
            question -> question.get("tool").asText(),
            question -> question.path("action_value").asText(),
            question -> question.has("lease"))
        .containsExactly(
            tuple("search", "", true),
            tuple("pay", "", true),
            tuple("pay", "12000", false),
            tuple("pay", "12000", false));
  }

  @Test
  void shouldHandOutTheTightestOfItsLeasesCapsAndThoseOfCommands() throws Exception {
    server.answer(
        asked ->
            Answer.ok(
                """
                {"decision": "THROTTLE", "caps": {"max_tokens": 500, "max_steps_remaining": null, "tool_denylist": ["x"]},
                 "lease": {"lease_id": "l", "amount": "9", "ttl_ms": 5000}}
                """));
    var guard = guard(settings -> settings);
    assertThat(guard.before(PRICE).caps().map(Caps::getMaxTokens)).hasValue(500L);

    killSwitch.receive(throttle(RUN, "r1", 1, maxTokens(100)));

    var caps = guard.before(PRICE).caps().orElseThrow();
    assertThat(caps.getMaxTokens()).isEqualTo(100);
    assertThat(caps.getToolDenylist()).containsExactly("x");
    assertThat(server.questions()).hasSize(1);
  }

  @Test
  void shouldStopARunWithMoneyInHandWhenAKillComes() throws Exception {
    var guard = guard(settings -> settings);
    guard.before(PRICE);

    killSwitch.receive(kill(AGENT, "a1", 1));

    assertThatThrownBy(() -> guard.before(PRICE)).isInstanceOf(RunStopped.class);
    assertThat(server.questions()).hasSize(1);
  }

  @Test
  void shouldNotMakeTheCallWhenAKillComesWhileItIsAskedFor() {
    server.answer(
        asked -> {
          if (!asked.isRelease()) {
            killSwitch.receive(kill(RUN, "r1", 1));
          }
          return budget.apply(asked);
        });
    var guard = guard(settings -> settings);

    assertThatThrownBy(() -> guard.before(PRICE)).isInstanceOf(RunStopped.class);
    guard.close();
    assertThat(budget.spent()).isZero();
  }

  @Test
  void shouldRestWhilePausedAndGoOnWhenRestored() throws Exception {
    var guard = guard(settings -> settings);
    var pause = pause(RUN, "r1", 1);
    killSwitch.receive(pause);
    var call = inBackground(() -> guard.before(PRICE));
    await().during(Duration.ofMillis(100)).until(() -> !call.isDone());

    killSwitch.receive(restore(RUN, "r1", 2, pause));

    assertThat(call.get().estimate()).isEqualTo(PRICE);
  }

  @Test
  void shouldWaitForAPersonThenGoOn() throws Exception {
    var questions = new AtomicInteger();
    server.answer(
        asked ->
            questions.incrementAndGet() < 3
                ? Answer.ok(
                    "{\"decision\": \"NEEDS_APPROVAL\", \"reason\": \"Dear.\", \"retry_after_ms\": 1}")
                : budget.apply(asked));

    guard(settings -> settings).before(PRICE, CallDetails.NONE.worth(new BigDecimal("12000")));

    assertThat(questions).hasValue(3);
  }

  @Test
  void shouldDenyWhenNoPersonApprovesInTime() {
    server.answer(
        asked ->
            Answer.ok(
                """
                {"decision": "NEEDS_APPROVAL", "reason": "Above 10,000.", "policy_id": "dear", "retry_after_ms": 20,
                 "binding": {"scope_type": "RUN", "scope": "r1", "policy_id": "other", "spend": "1", "limit": "2"}}
                """));
    var guard = guard(settings -> settings.approvalTimeout(Duration.ofMillis(150)));

    var denied = catchThrowableOfType(AdmissionDenied.class, () -> guard.before(PRICE));

    assertThat(denied).hasMessage("Nobody has approved within PT0.15S: Above 10,000.");
    assertThat(denied.why()).isEqualTo(Why.NOT_APPROVED);
    assertThat(denied.policyId()).isEqualTo("dear");
    assertThat(denied.scope()).isEqualTo("r1");
  }

  @Test
  void shouldSayThatTheRunIsStoppedWhenThePipelineKnowsItFirst() {
    server.answer(
        asked ->
            Answer.of(
                429,
                """
                {"type": "urn:fuseline:problem:stopped", "decision": "DENY", "detail": "It loops.", "command_id": "cmd-1"}
                """));
    var guard = guard(settings -> settings);

    var denied = catchThrowableOfType(AdmissionDenied.class, () -> guard.before(PRICE));

    assertThat(denied.why()).isEqualTo(Why.STOPPED);
    assertThat(denied.commandId()).isEqualTo("cmd-1");
    assertThat(denied.limit()).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {503, 429, 0})
  void shouldDenyOrAllowAsToldWhenNobodyAnswers(int status) throws Exception {
    server.answer(
        asked ->
            status == 0
                ? null
                : Answer.of(
                    status,
                    "{\"type\": \"urn:fuseline:problem:store-unavailable\", \"detail\": \"Moving.\"}"));
    var closed = guard(settings -> settings.requestTimeout(Duration.ofMillis(200)));
    var denied = catchThrowableOfType(AdmissionDenied.class, () -> closed.before(PRICE));
    assertThat(denied.why()).isEqualTo(Why.NO_ANSWER);
    killSwitch.close();

    var open =
        guard(
            settings ->
                settings.requestTimeout(Duration.ofMillis(200)).whenUnanswered(Unanswered.ALLOW));
    open.before(PRICE).after(PRICE);
  }

  @Test
  void shouldUseItsLeaseWhileNobodyAnswersAndAskAgainUntilSomebodyDoes() throws Exception {
    var guard = guard(settings -> settings.leaseCalls(3).patience(Duration.ofSeconds(30)));
    guard.before(PRICE);
    var refused = new AtomicInteger();
    server.answer(
        asked -> refused.incrementAndGet() > 2 ? budget.apply(asked) : Answer.of(503, "{}"));
    guard.before(PRICE);
    guard.before(PRICE);
    assertThat(refused).hasValue(0);

    guard.before(PRICE);

    assertThat(refused).hasValue(3);
    // What was told in vain was told again.
    assertThat(budget.spent()).isEqualByComparingTo("0.54");
  }

  @Test
  void shouldAskForSingleCallsWhenAPipelineThatIsBlindGivesNoLeases() throws Exception {
    var guard = guard(settings -> settings.leaseCalls(1));
    guard.before(PRICE);
    server.answer(
        asked ->
            asked.body().has("lease")
                ? Answer.of(503, "{\"type\": \"urn:fuseline:problem:control-blind\"}")
                : budget.apply(asked));

    guard.before(PRICE);

    assertThat(server.questions())
        .extracting(
            question -> question.path("lease_id").asText(), question -> question.has("lease"))
        .containsExactly(tuple("", true), tuple("lease-1", true), tuple("lease-1", false));
    assertThat(budget.spent()).isEqualByComparingTo("0.36");
  }

  @Test
  void shouldSayThatTheQuestionIsWrongRatherThanGuess() {
    server.answer(
        asked ->
            Answer.of(
                400, "{\"detail\": \"Field 'estimate' is dear.\", \"action\": \"Correct it.\"}"));
    var guard = guard(settings -> settings.whenUnanswered(Unanswered.ALLOW));

    assertThatThrownBy(() -> guard.before(PRICE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("answers 400: Field 'estimate' is dear. Correct it.");
    assertThatThrownBy(() -> guard.before(PRICE.negate()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("estimate is -0.18");
  }

  @Test
  void shouldGiveTheSameRunTheSameGuardAndNeedAdmission() {
    var guard = guard(settings -> settings);
    assertThat(killSwitch.guard("r1")).isSameAs(guard);
    assertThatThrownBy(() -> killSwitch.guard("r2")).hasMessageContaining("r2 is not watched");
    guard.close();
    assertThat(killSwitch.guard("r1")).isNotSameAs(guard);

    var without = KillSwitchSettings.builder("localhost:1", "http://localhost:1").build();
    try (var plain = new KillSwitch(without, acks(), Clock.systemUTC())) {
      assertThatThrownBy(() -> plain.guard("r1")).hasMessageContaining("have no admission");
    }
  }

  @Test
  void shouldGuardARunOverHttpAloneWhenThereIsNoKafka() throws Exception {
    var settings = AdmissionSettings.builder(server.url() + "/").leaseCalls(2).build();
    try (var guards = SpendGuards.open(settings, null)) {
      var guard = guards.guard("r1", "a1", Map.of(TargetType.TEAM, "support"));
      assertThat(guards.guard("r1", "a1", Map.of())).isSameAs(guard);
      guard.before(PRICE).after(PRICE);
    }

    assertThat(only(server.questions()).get("tenant").asText()).isEqualTo("default");
    assertThat(budget.spent()).isEqualByComparingTo("0.18");
  }

  @Test
  void shouldLetGoWhoWaitsForAnAnswerWhenItIsClosed() throws Exception {
    var asked = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    server.answer(
        question -> {
          asked.countDown();
          awaitQuietly(goOn);
          return budget.apply(question);
        });
    var guard = guard(settings -> settings.requestTimeout(Duration.ofSeconds(30)));
    var first = inBackground(() -> guard.before(PRICE));
    asked.await();
    var second = inBackground(() -> guard.before(PRICE));

    guard.close();

    assertThatThrownBy(second::get).hasRootCauseMessage("The guard of run r1 is closed");
    goOn.countDown();
    assertThat(first.get().estimate()).isEqualTo(PRICE);
  }

  /**
   * Leases run out while calls are under way, answers come late, some questions are lost, estimates
   * are often too high: what many threads spend through one guard stays within the budget.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void shouldNeverSpendMoreThanTheBudgetWhateverThreadsSpendBesideEachOther(long seed)
      throws Exception {
    var random = new Random(seed);
    var limited = new Budget("2.00", "0." + (10 + random.nextInt(50)), 1 + random.nextInt(40));
    var chance = new Random(seed);
    server.answer(
        asked -> {
          boolean lost;
          synchronized (chance) {
            lost = chance.nextInt(10) == 0;
          }
          return lost && !asked.isRelease() ? Answer.of(503, "{}") : limited.apply(asked);
        });
    var leaseCalls = random.nextInt(6);
    var guard = guard(settings -> settings.leaseCalls(leaseCalls).patience(Duration.ofSeconds(30)));
    var spent = new AtomicReference<>(BigDecimal.ZERO);
    var threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<Void>> ends = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        var own = new Random(seed * 100 + i);
        ends.add(threads.submit(() -> spendUntilDenied(guard, own, spent)));
      }
      for (var end : ends) {
        end.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(spent.get()).isLessThanOrEqualTo(new BigDecimal("2.00"));
    assertThat(spent.get())
        .as("of 2.00, the rest reserved and not used")
        .isGreaterThan(new BigDecimal("0.60"));
  }

  private static Void spendUntilDenied(
      SpendGuard guard, Random random, AtomicReference<BigDecimal> spent) throws Exception {
    while (true) {
      var estimate = BigDecimal.valueOf(1 + random.nextInt(9), 2);
      try (var call = guard.before(estimate)) {
        var actual = random.nextInt(3) == 0 ? new BigDecimal("0.005") : estimate;
        spent.accumulateAndGet(actual, BigDecimal::add);
        Thread.sleep(random.nextInt(5));
        call.after(actual);
      } catch (AdmissionDenied denied) {
        assertThat(denied.why()).isEqualTo(Why.BUDGET);
        return null;
      }
    }
  }

  /**
   * Of run r1, with no patience and time enough for an answer on a busy machine, unless told
   * otherwise.
   */
  private SpendGuard guard(UnaryOperator<AdmissionSettings.Builder> change) {
    var defaults =
        AdmissionSettings.builder(server.url())
            .patience(Duration.ZERO)
            .requestTimeout(Duration.ofSeconds(30));
    var admission = change.apply(defaults).build();
    var settings =
        KillSwitchSettings.builder("localhost:1", "http://localhost:1")
            .tenant("acme")
            .runtime("pod-1")
            .admission(admission)
            .build();
    killSwitch = new KillSwitch(settings, acks(), Clock.systemUTC());
    killSwitch.watchRun(
        "r1",
        "a1",
        Map.of(TargetType.TEAM, "support", TargetType.COST_CENTRE, "cc-1"),
        command -> Ack.stopped());
    return killSwitch.guard("r1");
  }

  private static AckChannel acks() {
    return new AckChannel() {
      @Override
      public void send(CommandAck ack) {}

      @Override
      public void close(Duration patience) {}
    };
  }

  private static <T> CompletableFuture<T> inBackground(Callable<T> work) {
    var result = new CompletableFuture<T>();
    var thread =
        new Thread(
            () -> {
              try {
                result.complete(work.call());
              } catch (Exception e) {
                result.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static <T> T only(List<T> list) {
    assertThat(list).hasSize(1);
    return list.get(0);
  }

  private static JsonNode json(String text) throws Exception {
    return new ObjectMapper().readTree(text);
  }
}
