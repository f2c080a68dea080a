package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.price.PriceIds;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CorrectionReason;
import io.fuseline.schemas.CostCorrection;
import io.fuseline.schemas.Outcome;
import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Whatever the order of spans, outcomes, late, corrected and withdrawn prices, looks at what is
 * kept, and restarts: original bookings and corrections together are what the final prices make of
 * the spans.
 */
@PropertyDefaults(tries = 200, edgeCases = EdgeCasesMode.NONE)
class RepricingProperties {
  private static final Instant START = Instant.parse("2026-05-01T08:00:00Z");
  private static final Instant MAY = Instant.parse("2026-05-01T00:00:00Z");
  private static final Duration NEVER_CLOSED = Duration.ofDays(3650);
  private static final Duration THREE_DAYS = Duration.ofDays(3);

  private static final List<PriceEntry> SLOTS = slots();

  /** One thing that happens. */
  interface Event {
    void to(PricedBooks books);
  }

  record Put(int slot, long micro) implements Event {
    @Override
    public void to(PricedBooks books) {
      books.put(
          PriceEntry.newBuilder(SLOTS.get(slot)).setPrice(BigDecimal.valueOf(micro, 6)).build());
    }
  }

  record Remove(int slot) implements Event {
    @Override
    public void to(PricedBooks books) {
      books.remove(SLOTS.get(slot).getPriceId());
    }
  }

  record Write(int span, SpanPhase phase, int seed) implements Event {
    @Override
    public void to(PricedBooks books) {
      books.write(work(span, phase, new Random(seed)));
    }
  }

  record Achieve(int number) implements Event {
    @Override
    public void to(PricedBooks books) {
      books.achieve(outcome(number));
    }
  }

  record Look(int spans) implements Event {
    @Override
    public void to(PricedBooks books) {
      books.look(spans);
    }
  }

  record Store() implements Event {
    @Override
    public void to(PricedBooks books) {
      books.store();
    }
  }

  record Wait(int hours) implements Event {
    @Override
    public void to(PricedBooks books) {
      books.nowMicros += Duration.ofHours(hours).toMillis() * 1000;
    }
  }

  @Property
  void shouldStandInAllBooksAsIfPricedByTheFinalPrices(@ForAll("histories") List<Event> history) {
    PricedBooks books = playedAndLookedAt(history, NEVER_CLOSED);
    PricedBooks fresh = pricedAfresh(history, NEVER_CLOSED);

    books.assertSound();
    books.assertStandsAs(fresh);
    books.assertWindowsStandAs(fresh);
  }

  @Property
  void shouldStandInTotalAsIfPricedByTheFinalPricesWhenMonthsAreClosed(
      @ForAll("histories") List<Event> history) {
    PricedBooks books = playedAndLookedAt(history, THREE_DAYS);
    PricedBooks fresh = pricedAfresh(history, THREE_DAYS);

    books.assertSound();
    books.assertStandsAs(fresh);
  }

  @Property
  void shouldSayOnTheTopicsAllThatItTakesToKnowTheFinalCost(
      @ForAll("histories") List<Event> history) {
    PricedBooks books = playedAndLookedAt(history, THREE_DAYS);
    PricedBooks fresh = pricedAfresh(history, THREE_DAYS);

    assertThat(books.corrections)
        .extracting(CostCorrection::getCorrectionId)
        .doesNotHaveDuplicates();
    Map<String, List<CostCorrection>> bySpan =
        books.corrections.stream()
            .collect(
                Collectors.groupingBy(one -> SpanKeys.ofSpan(one.getRootRunId(), one.getSpanId())));
    books.written.forEach(
        (key, facts) -> {
          List<CostCorrection> own = bySpan.getOrDefault(key, List.of());
          var expected = fresh.written.get(key).pricing();
          assertThat(pico(facts.pricing().contractedPico(), own, CostCorrection::getCost))
              .isEqualByComparingTo(money(expected.contractedPico()));
          assertThat(pico(facts.pricing().listPico(), own, CostCorrection::getListCost))
              .isEqualByComparingTo(money(expected.listPico()));
          assertThat(pico(facts.pricing().boundPico(), own, CostCorrection::getUnpricedBound))
              .isEqualByComparingTo(money(expected.boundPico()));
          for (int i = 0; i < own.size(); i++) {
            assertThat(own.get(i).getRevision()).isEqualTo(i + 1);
            assertThat(own.get(i).getCostAfter())
                .isEqualByComparingTo(own.get(i).getCostBefore().add(own.get(i).getCost()));
            assertThat(saysNothing(own.get(i), own.subList(0, i))).as("empty correction").isFalse();
          }
        });
  }

  @Property
  void shouldNotRewriteAClosedMonth(@ForAll("histories") List<Event> history) {
    PricedBooks books = new PricedBooks(THREE_DAYS, Times.micros(START));
    long closesAt = Times.micros(MAY.plus(THREE_DAYS));
    for (Event event : history) {
      Map<CellKey, Cell> before = april(books);
      int known = books.corrections.size();
      event.to(books);
      if (event instanceof Look && books.nowMicros >= closesAt) {
        assertThat(april(books)).usingRecursiveComparison().isEqualTo(before);
      }
      if (event instanceof Look) {
        for (CostCorrection made : books.corrections.subList(known, books.corrections.size())) {
          boolean closed = made.getEventTime().isBefore(MAY) && books.nowMicros >= closesAt;
          assertThat(made.getBookedTime())
              .isEqualTo(closed ? Times.instant(books.nowMicros) : made.getEventTime());
        }
      }
    }
  }

  @Property
  void shouldCorrectNothingTwice(@ForAll("histories") List<Event> history) {
    PricedBooks books = playedAndLookedAt(history, THREE_DAYS);
    int corrections = books.corrections.size();

    books.store();
    books.lookAtAll();

    assertThat(books.corrections).hasSize(corrections);
  }

  private static PricedBooks playedAndLookedAt(List<Event> history, Duration closeAfter) {
    PricedBooks books = new PricedBooks(closeAfter, Times.micros(START));
    history.forEach(event -> event.to(books));
    books.lookAtAll();
    return books;
  }

  /** The final prices are known from the beginning, and nothing is stored or looked at again. */
  private static PricedBooks pricedAfresh(List<Event> history, Duration closeAfter) {
    PricedBooks books = new PricedBooks(closeAfter, Times.micros(START));
    history.stream()
        .filter(event -> event instanceof Put || event instanceof Remove)
        .forEach(event -> event.to(books));
    history.stream().filter(event -> event instanceof Achieve).forEach(event -> event.to(books));
    history.stream()
        .filter(event -> event instanceof Write || event instanceof Wait)
        .forEach(event -> event.to(books));
    return books;
  }

  private static Map<CellKey, Cell> april(PricedBooks books) {
    Map<CellKey, Cell> april = new HashMap<>();
    books.cells.forEach(
        (key, cell) -> {
          if (key.startMicros() < Times.micros(MAY)) {
            april.put(key, cell.amounts());
          }
        });
    return april;
  }

  private interface Money {
    BigDecimal of(CostCorrection correction);
  }

  private static BigDecimal pico(long original, List<CostCorrection> corrections, Money part) {
    return corrections.stream().map(part::of).reduce(money(original), BigDecimal::add);
  }

  private static BigDecimal money(long pico) {
    return BigDecimal.valueOf(pico, Amount.SCALE);
  }

  /**
   * A price may arrive for usage that costs nothing and was bounded by nothing: that is told,
   * though no amount changes, and so is its undoing when the span is written again.
   */
  private static boolean saysNothing(CostCorrection correction, List<CostCorrection> before) {
    return isWithoutAmount(correction)
        && correction.getReason() == CorrectionReason.OTHER
        && before.stream()
            .noneMatch(one -> isWithoutAmount(one) && one.getReason() != CorrectionReason.OTHER);
  }

  private static boolean isWithoutAmount(CostCorrection correction) {
    return correction.getCost().signum() == 0
        && correction.getListCost().signum() == 0
        && correction.getUnpricedBound().signum() == 0;
  }

  /**
   * A span of three trees, in April or May. A later writing of it may tell of another model, tier
   * or time.
   */
  private static AgentSpan work(int number, SpanPhase phase, Random random) {
    AgentSpan.Builder span =
        AgentSpan.newBuilder()
            .setSpanId("span-" + number)
            .setRootRunId("root-" + number % 3)
            .setRunId(number % 2 == 0 ? "root-" + number % 3 : "child-" + number % 3)
            .setAgentId("agent-" + number % 2)
            .setTenantId(number % 3 == 0 ? "acme" : "other")
            .setStep(number % 4 == 0 ? "plan" : null)
            .setTeam(number % 4 == 1 ? "blue" : null)
            .setPhase(phase)
            .setServiceTier(random.nextInt(3) == 0 ? "batch" : null)
            .setProvider("anthropic")
            .setEndTime(START.minus(Duration.ofMinutes(random.nextInt(3 * 24 * 60))));
    switch (number % 5) {
      case 0 ->
          span.setKind(SpanKind.TOOL)
              .setToolName("search")
              .setUsage(
                  random.nextBoolean() ? Map.of() : Map.of("pages", (long) random.nextInt(9)));
      case 1 ->
          span.setKind(SpanKind.HUMAN)
              .setAgentRole("reviewer")
              .setStartTime(span.getEndTime().minusSeconds(random.nextInt(600)));
      case 2 -> span.setKind(SpanKind.AGENT).setResponseModel("m1");
      default ->
          span.setKind(SpanKind.LLM)
              .setResponseModel(List.of("m1", "m2", "alias").get(random.nextInt(3)))
              .setUsage(
                  Map.of(
                      "input_tokens", (long) random.nextInt(2_000),
                      "output_tokens", (long) random.nextInt(500)));
    }
    return span.build();
  }

  /** Outcomes of the three trees, of two types; some are told more than once. */
  private static Outcome outcome(int number) {
    return Outcome.newBuilder()
        .setOutcomeId("outcome-" + number)
        .setRootRunId("root-" + number % 3)
        .setTenantId(number % 3 == 0 ? "acme" : "other")
        .setType(number % 2 == 0 ? "ticket_resolved" : "lead_won")
        .setSuccess(number % 4 != 3)
        .setCount(1 + number % 2)
        .setValue(number % 5 == 0 ? new BigDecimal("7.500000000000") : null)
        .setOccurredAt(START.minus(Duration.ofHours(7L * number)))
        .build();
  }

  /** Prices that come, change and go: of several times, tiers, tenants and bases. */
  private static List<PriceEntry> slots() {
    return List.of(
            model("m1", "input_tokens").build(),
            model("m1", "output_tokens").build(),
            model("m1", "input_tokens").setServiceTier("batch").build(),
            model("m1", "input_tokens").setValidFrom(Instant.parse("2026-04-30T12:00:00Z")).build(),
            model("m1", "input_tokens").setTenantId("acme").build(),
            model("m1", "input_tokens").setBandFrom(1_000).build(),
            model("m1", "*").setBasis(PriceBasis.MULTIPLIER).setTenantId("other").build(),
            model("m2", "input_tokens").setAliases(List.of("alias")).build(),
            model("m2", "output_tokens").build(),
            price(PriceKind.TOOL, "search", "calls").build(),
            price(PriceKind.TOOL, "search", "pages").build(),
            price(PriceKind.TOOL, "*", "calls").build(),
            price(PriceKind.HUMAN, "reviewer", "human_seconds").build())
        .stream()
        .map(one -> PriceEntry.newBuilder(one).setPriceId(PriceIds.of(one)).build())
        .toList();
  }

  private static PriceEntry.Builder model(String name, String unit) {
    return price(PriceKind.MODEL, name, unit);
  }

  private static PriceEntry.Builder price(PriceKind kind, String sku, String unit) {
    return PriceEntry.newBuilder()
        .setPriceId("")
        .setKind(kind)
        .setProvider("anthropic")
        .setSku(sku)
        .setUnit(unit)
        .setPrice(BigDecimal.ZERO)
        .setCurrency("USD")
        .setServiceTier("standard")
        .setBasis(PriceBasis.PER_UNIT)
        .setValidFrom(Instant.parse("2026-01-01T00:00:00Z"))
        .setSource("test");
  }

  @Provide
  Arbitrary<List<Event>> histories() {
    Arbitrary<Integer> slot = Arbitraries.integers().between(0, SLOTS.size() - 1);
    Arbitrary<Event> put =
        Combinators.combine(slot, Arbitraries.longs().between(0, 20)).as(Put::new);
    Arbitrary<Event> remove = slot.map(Remove::new);
    Arbitrary<Event> write =
        Combinators.combine(
                Arbitraries.integers().between(0, 14),
                Arbitraries.of(
                    SpanPhase.START, SpanPhase.SNAPSHOT, SpanPhase.SNAPSHOT, SpanPhase.END),
                Arbitraries.integers())
            .as(Write::new);
    Arbitrary<Event> look = Arbitraries.integers().between(1, 6).map(Look::new);
    Arbitrary<Event> wait = Arbitraries.of(1, 13, 40).map(Wait::new);
    return Arbitraries.frequencyOf(
            Tuple.of(8, write),
            Tuple.of(6, put),
            Tuple.of(2, remove),
            Tuple.of(5, look),
            Tuple.of(3, Arbitraries.integers().between(0, 9).map(Achieve::new)),
            Tuple.of(1, wait),
            Tuple.of(1, Arbitraries.create(Store::new)))
        .list()
        .ofMinSize(5)
        .ofMaxSize(80);
  }
}
