package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Alert;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Severity;
import io.fuseline.stream.policy.DefaultPolicies;
import io.fuseline.stream.policy.ParsedPolicy;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What an agent spends, with the shipped policies. */
class SpendVelocityTest {
  private static final long SECOND = Times.MICROS_PER_SECOND;
  private static final long MINUTE = 60 * SECOND;

  /** Pico-units per weighted token: 5 USD per million input tokens. */
  private static final long PRICE = 250_000;

  private final ScopeUnderTest agent = ScopeUnderTest.agent(shipped());
  private long now = SpanDraft.TEN_O_CLOCK;

  @Test
  void shouldNotPageForManyTokensThatAreMostlyRead() {
    for (int call = 0; call < 8 * 180; call++) {
      // 15,000 tokens each 20 seconds: 14,000 from the cache, 600 in, 400 out; 3 cents
      call(14_000 * 2 + 600 * 20 + 400 * 100, PRICE, 20 * SECOND);
    }

    assertThat(agent.alerts).isEmpty();
  }

  @Test
  void shouldTellWithinFiveMinutesOfARunawayAt360UsdADay() {
    for (int call = 0; call < 3 * 180; call++) {
      call(14_000 * 2 + 600 * 20 + 400 * 100, PRICE, 20 * SECOND);
    }
    assertThat(agent.alerts).isEmpty();

    assertThat(minutesUntilTold("spend-burst")).isBetween(2.0, 5.0);
    Alert alert = agent.alerts.get(0);
    assertThat(alert.getEvidence().getDetails())
        .containsEntry("baseline_known", "true")
        .containsEntry("confidence", "99%");
    assertThat(alert.getSeverity()).isEqualTo(Severity.WARNING);
    assertThat(agent.commands).isEmpty();
  }

  @Test
  void shouldTellWithinFiveMinutesAlsoOfAnAgentThatIsNotKnownYet() {
    assertThat(minutesUntilTold("spend-burst")).isBetween(2.0, 5.0);
    assertThat(agent.alerts.get(0).getEvidence().getDetails())
        .containsEntry("baseline_known", "false");
  }

  @Test
  void shouldNotPageForAnAgentThatIsNotKnownYet() {
    for (int call = 0; call < 20; call++) {
      call(400_000_000, PRICE, 10 * SECOND); // 100 USD
    }

    assertThat(opened()).contains("spend-burst");
    assertThat(agent.alerts)
        .filteredOn(alert -> alert.getPolicyId().equals("spend-burst"))
        .extracting(Alert::getSeverity)
        .containsExactly(Severity.WARNING);
  }

  private double minutesUntilTold(String policy) {
    long onset = now;
    while (agent.alerts.isEmpty() && now < onset + 60 * MINUTE) {
      long pico = SpanDraft.pico("360") / 86_400 * 10;
      agent.see(ScopeUnderTest.modelCall(pico, now, use("model-a", "1", pico / PRICE)));
      now += 10 * SECOND;
    }
    assertThat(agent.alerts.get(0).getPolicyId()).isEqualTo(policy);
    return (now - onset) / (double) MINUTE;
  }

  @Test
  void shouldOpenNoEpisodeInSevenDaysOfOfficeHours() {
    for (int seed = 1; seed <= 5; seed++) {
      ScopeUnderTest one = ScopeUnderTest.agent(shipped());
      officeHours(one, seed, 7);
      assertThat(one.alerts).as("seed " + seed).isEmpty();
    }
  }

  /** Busy from eight to eighteen with a lunch break, quiet at night, idle on weekends. */
  private static void officeHours(ScopeUnderTest agent, int seed, int days) {
    Random random = new Random(seed);
    long start = Instant.parse("2026-05-04T00:00:00Z").getEpochSecond();
    for (long minute = 0; minute < days * 1_440L; minute++) {
      ZonedDateTime time = Instant.ofEpochSecond(start + minute * 60).atZone(ZoneOffset.UTC);
      boolean weekend = time.getDayOfWeek().compareTo(DayOfWeek.FRIDAY) > 0;
      int hour = time.getHour();
      int callsInTen =
          weekend || hour < 8 || hour >= 18
              ? 0
              : hour == 12 ? 10 : hour == 10 || hour == 15 ? 35 : 25;
      for (int tenth = 0; tenth < callsInTen; tenth++) {
        if (random.nextInt(10) == 0) {
          long tokens = (long) (60_000 * Math.exp(random.nextGaussian() * 0.8));
          agent.see(
              ScopeUnderTest.modelCall(
                  tokens * PRICE,
                  (start + minute * 60 + random.nextInt(60)) * SECOND,
                  use("model-a", "1", tokens)));
        }
      }
    }
  }

  @Test
  void shouldTellOfALoopThatGrowsByOnePercentAMinuteAsDriftBeforeItIsABurst() {
    Random random = new Random(3);
    for (int minute = 0; minute < 240; minute++) {
      call((long) (400_000 * (0.9 + 0.2 * random.nextDouble())), PRICE, MINUTE);
    }
    assertThat(agent.alerts).isEmpty();
    long onset = now;
    double load = 400_000;
    while (now < onset + 300 * MINUTE) {
      load *= 1.01;
      call((long) (load * (0.9 + 0.2 * random.nextDouble())), PRICE, MINUTE);
    }

    assertThat(opened()).containsSubsequence("spend-drift", "spend-burst");
    assertThat(opened().get(0)).isEqualTo("spend-drift");
    long told = agent.alerts.get(0).getEventTime().getEpochSecond() * SECOND - onset;
    assertThat(told / MINUTE).isLessThan(90);
  }

  @Test
  void shouldNamePriceAsTheCauseWhenTheSameTokensCostTwiceAsMuch() {
    work(300, "1", 100, PRICE);
    work(300, "1", 100, 2 * PRICE);

    assertThat(opened()).containsExactly("cost-shift");
    assertThat(agent.alerts.get(0).getEvidence().getDetails()).containsEntry("cause", "PRICE");
    assertThat(agent.commands).isEmpty();
  }

  @Test
  void shouldNameBehaviourAsTheCauseWhenANewVersionTakesTwiceTheTokens() {
    work(300, "1", 100, PRICE);
    work(300, "2", 200, PRICE);

    assertThat(opened()).containsExactly("cost-shift");
    assertThat(agent.alerts.get(0).getEvidence().getDetails())
        .containsEntry("cause", "BEHAVIOUR")
        .containsEntry("agent_version", "2");
    assertThat(agent.commands).isEmpty();
  }

  @Test
  void shouldCloseABurstByTheClockWhenTheAgentFallsSilent() {
    minutesUntilTold("spend-burst");

    agent.clock(now + 20 * MINUTE);

    assertThat(agent.alertStates()).containsExactly("OPEN ALERT", "CLOSED ALERT");
  }

  /** Calls of half to one and a half times the usual tokens, three a minute. */
  private void work(int calls, String version, int percent, long price) {
    Random random = new Random(calls * 31L + percent);
    for (int call = 0; call < calls; call++) {
      long tokens = 100_000L * percent / 100 * (50 + random.nextInt(100)) / 100;
      agent.see(ScopeUnderTest.modelCall(tokens * price, now, use("model-a", version, tokens)));
      now += 20 * SECOND;
    }
  }

  private void call(long tokens, long price, long every) {
    agent.see(ScopeUnderTest.modelCall(tokens * price, now, use("model-a", "1", tokens)));
    now += every;
  }

  private static ModelUse use(String model, String version, long tokens) {
    return new ModelUse(
        Hashes.mix(Hashes.text(model), Hashes.text(version)), model, version, tokens);
  }

  private List<String> opened() {
    return agent.alerts.stream()
        .filter(alert -> alert.getState() == EpisodeState.OPEN)
        .map(Alert::getPolicyId)
        .toList();
  }

  private static String shipped() {
    return DefaultPolicies.load().stream()
        .map(ParsedPolicy::source)
        .collect(Collectors.joining("---\n"));
  }
}
