package io.fuseline.deploy.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.price.PriceIds;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PriceChangesTest {
  private static final String JANUARY = "2026-01-01T00:00:00Z";
  private static final String JUNE = "2026-06-01T00:00:00Z";
  private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");

  @Test
  void shouldAddWhatHasNoPriceYet() {
    PriceChanges changes =
        between(
            List.of(price("a", "1", JANUARY)),
            List.of(price("a", "1", JANUARY), price("b", "2", JUNE)));

    assertThat(changes.added()).containsExactly(price("b", "2", JUNE));
    assertThat(changes.unchanged()).isEqualTo(1);
  }

  @Test
  void shouldLeaveAPriceAloneWhenTheListOfAnotherDayHasItAgain() {
    PriceChanges changes =
        between(List.of(price("a", "1", JANUARY)), List.of(price("a", "1.00", JUNE)));

    assertThat(changes.isEmpty()).isTrue();
    assertThat(changes.records(NOW, true, NOW)).isEmpty();
  }

  @Test
  void shouldWriteAChangedPriceBesideTheOldOne() {
    PriceEntry before = price("a", "1", JANUARY);
    PriceEntry after = price("a", "2", JUNE);

    PriceChanges changes = between(List.of(before), List.of(after));

    assertThat(changes.changed()).containsExactly(new PriceChanges.Change(before, after));
    assertThat(changes.records(NOW, false, NOW)).containsOnlyKeys(after.getPriceId());
  }

  @Test
  void shouldCompareWithThePriceInForceAtThatTime() {
    PriceEntry january = price("a", "1", JANUARY);
    PriceEntry june = price("a", "2", JUNE);

    PriceChanges back =
        between(List.of(january, june), List.of(price("a", "1", "2026-07-01T00:00:00Z")));

    assertThat(back.changed()).extracting(PriceChanges.Change::before).containsExactly(june);
  }

  @Test
  void shouldEndWhatTheSameListNoLongerHas() {
    PriceEntry gone = price("gone", "1", JANUARY);

    PriceChanges changes =
        between(List.of(gone, price("a", "1", JANUARY)), List.of(price("a", "1", JUNE)));

    assertThat(changes.removed()).containsExactly(gone);
    assertThat(changes.records(NOW, false, NOW)).isEmpty();
    assertThat(changes.records(NOW, true, NOW).get(gone.getPriceId()).getValidTo()).isEqualTo(NOW);
  }

  @Test
  void shouldNotRemoveWhatCameFromAnotherList() {
    PriceEntry other = price("other", "1", JANUARY);
    other.setSource("our contract");

    PriceChanges changes = between(List.of(other), List.of(price("a", "1", JUNE)));

    assertThat(changes.removed()).isEmpty();
  }

  @Test
  void shouldRecordWhenANewPriceBecameKnown() {
    PriceChanges changes = between(List.of(), List.of(price("a", "1", JANUARY)));

    assertThat(changes.records(NOW, false, NOW).values())
        .extracting(PriceEntry::getKnownSince)
        .containsExactly(NOW);
  }

  private static PriceChanges between(List<PriceEntry> current, List<PriceEntry> proposed) {
    return PriceChanges.between(current, proposed, NOW);
  }

  private static PriceEntry price(String sku, String amount, String from) {
    Instant validFrom = Instant.parse(from);
    return PriceEntry.newBuilder()
        .setPriceId(PriceIds.of(PriceKind.MODEL, "any", sku, "input_tokens", null, null, validFrom))
        .setKind(PriceKind.MODEL)
        .setProvider("any")
        .setSku(sku)
        .setUnit("input_tokens")
        .setPrice(new BigDecimal(amount).setScale(12))
        .setValidFrom(validFrom)
        .setSource("A list, " + from.substring(0, 10))
        .setSourceDate(from.substring(0, 10))
        .build();
  }
}
