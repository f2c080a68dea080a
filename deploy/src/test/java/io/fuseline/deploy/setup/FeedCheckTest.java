package io.fuseline.deploy.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.price.PriceIds;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeedCheckTest {
  private static final Instant JANUARY = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant JUNE = Instant.parse("2026-06-01T00:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "1, 5, true",
    "1, 5.000001, false",
    "5, 1, true",
    "5.000001, 1, false",
    "1, 0, false",
    "0, 1, false",
    "0, 0, true"
  })
  void shouldHoldBackAListWhosePriceJumpsByMoreThanFiveTimes(
      String before, String after, boolean passes) {
    FeedCheck check = check(List.of(price("m", before, JANUARY)), List.of(price("m", after, JUNE)));

    assertThat(check.passes()).isEqualTo(passes);
    assertThat(check.jumps()).hasSize(passes ? 0 : 1);
  }

  @Test
  void shouldNotTakeAPriceInAnotherPartOfTheCurrencyForAJump() {
    PriceEntry nano = price("m", "1000.5", JUNE);
    nano.setCurrency("NANO_USD");
    PriceEntry rate = price("NANO_USD", "0.000000001", JANUARY);
    rate.setKind(PriceKind.CURRENCY);
    rate.setUnit("*");

    FeedCheck check = check(List.of(price("m", "0.000001", JANUARY)), List.of(nano, rate));

    assertThat(check.passes()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"100, 1, true", "100, 2, false", "99, 1, false", "1, 1, false", "1, 0, true"})
  void shouldHoldBackAListThatLostMoreThanOneNameInAHundred(int names, int lost, boolean passes) {
    FeedCheck check = check(names(0, names), names(lost, names + 1));

    assertThat(check.passes()).isEqualTo(passes);
    assertThat(check.vanished()).hasSize(lost);
    assertThat(check.before()).isEqualTo(names);
  }

  @Test
  void shouldNotMissWhatCameFromAnotherListOrHasEnded() {
    PriceEntry ours = price("ours", "1", JANUARY);
    ours.setSource("our contract");
    PriceEntry ended = price("ended", "1", JANUARY);
    ended.setValidTo(JUNE);

    FeedCheck check = check(List.of(ours, ended), List.of(price("m", "1", JUNE)));

    assertThat(check.passes()).isTrue();
    assertThat(check.before()).isZero();
  }

  private static List<PriceEntry> names(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> price("m" + i, "1", JANUARY)).toList();
  }

  private static FeedCheck check(List<PriceEntry> current, List<PriceEntry> proposed) {
    return FeedCheck.of(current, proposed, PriceChanges.between(current, proposed, JUNE), JUNE);
  }

  private static PriceEntry price(String sku, String amount, Instant from) {
    return PriceEntry.newBuilder()
        .setPriceId(PriceIds.of(PriceKind.MODEL, "any", sku, "input_tokens", null, null, from))
        .setKind(PriceKind.MODEL)
        .setProvider("any")
        .setSku(sku)
        .setUnit("input_tokens")
        .setPrice(new BigDecimal(amount).setScale(12))
        .setValidFrom(from)
        .setSource("A list, " + from.toString().substring(0, 10))
        .setSourceDate(from.toString().substring(0, 10))
        .build();
  }
}
