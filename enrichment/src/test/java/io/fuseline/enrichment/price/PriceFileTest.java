package io.fuseline.enrichment.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PriceFileTest {

  @Test
  void shouldReadPricesPerMillionAndPerCall() {
    List<PriceEntry> entries =
        PriceFile.parse(
            """
            currency: USD
            defaults:
              source: price page
              source_date: 2026-08-06
              valid_from: 2026-01-01
            prices:
              - provider: anthropic
                model: claude-haiku-4-5
                aliases: [claude-haiku-4-5-20251001]
                per: 1000000
                prices: {input_tokens: "1", cache_read_tokens: 0.10, output_tokens: 5e0}
              - provider: anthropic
                tool: web_search
                tier: priority
                region: eu
                valid_from: 2026-02-01T12:00:00+01:00
                valid_to: 2027-01-01
                prices:
                  calls: 0.01
            """,
            "prices.yaml");

    assertThat(entries)
        .extracting(PriceEntry::getUnit)
        .containsExactly("input_tokens", "cache_read_tokens", "output_tokens", "calls");
    assertThat(entries)
        .extracting(PriceEntry::getPrice)
        .containsExactly(
            new BigDecimal("0.000001000000"),
            new BigDecimal("0.000000100000"),
            new BigDecimal("0.000005000000"),
            new BigDecimal("0.010000000000"));
    PriceEntry input = entries.get(0);
    assertThat(input.getPriceId())
        .isEqualTo("MODEL/anthropic/claude-haiku-4-5/input_tokens/standard/2026-01-01T00:00:00Z");
    assertThat(input.getAliases()).containsExactly("claude-haiku-4-5-20251001");
    assertThat(input.getSource()).isEqualTo("price page");
    assertThat(input.getSourceDate()).isEqualTo("2026-08-06");
    PriceEntry call = entries.get(3);
    assertThat(call.getKind()).isEqualTo(PriceKind.TOOL);
    assertThat(call.getServiceTier()).isEqualTo("priority");
    assertThat(call.getRegion()).isEqualTo("eu");
    assertThat(call.getValidFrom()).isEqualTo(Instant.parse("2026-02-01T11:00:00Z"));
    assertThat(call.getValidTo()).isEqualTo(Instant.parse("2027-01-01T00:00:00Z"));
  }

  @Test
  void shouldTakeAPriceFromItsTextAndNotFromABinaryNumber() {
    List<PriceEntry> entries =
        PriceFile.parse(oneModel("{input_tokens: 0.123456789012}", "1"), "p.yaml");

    assertThat(entries.get(0).getPrice()).isEqualTo(new BigDecimal("0.123456789012"));
  }

  @Test
  void shouldListEveryFaultWithItsLineAndTakeNothing() {
    String text =
        """
        currency: "$"
        defaults: {valid_from: yesterday}
        prices:
          - provider: a/b
            model: m
            prices: {input_tokens: -1, output_tokens: cheap}
          - model: m
            tool: t
            colour: red
            per: 0
            valid_from: 2026-01-01
            prices: {}
          - provider: p
            model: m
            valid_from: 2026-02-01
            valid_to: 2026-01-01
            per: 3
            prices: {input_tokens: 1, output_tokens: 3}
          - just text
        """;

    PriceFileException thrown =
        catchThrowableOfType(PriceFileException.class, () -> PriceFile.parse(text, "bad.yaml"));

    assertThat(thrown.faults())
        .extracting(fault -> fault.line() + " " + fault.field())
        .containsExactlyInAnyOrder(
            "1 currency",
            "2 valid_from",
            "6 prices.input_tokens",
            "6 prices.output_tokens",
            "7 provider",
            "7 model",
            "9 colour",
            "10 per",
            "12 prices",
            "16 valid_to",
            "18 prices.input_tokens",
            "19 prices");
    assertThat(thrown)
        .hasMessageContaining(
            "bad.yaml:6: prices.output_tokens: expected a decimal number of 0 or more, such as 0.25, found 'cheap'");
  }

  @Test
  void shouldRefuseTheSamePriceTwiceAndNameTheFirst() {
    String text =
        """
        currency: USD
        prices:
          - {provider: p, model: m, valid_from: 2026-01-01, prices: {input_tokens: 1}}
          - {provider: p, model: m, valid_from: 2026-02-01, prices: {input_tokens: 1}}
          - {provider: p, model: m, valid_from: 2026-01-01, tier: default, prices: {input_tokens: 2}}
        """;

    assertThatThrownBy(() -> PriceFile.parse(text, "p.yaml"))
        .isInstanceOf(PriceFileException.class)
        .hasMessage(
            "p.yaml:5: prices.input_tokens: expected one price per name, unit, tier, region and valid_from,"
                + " found a second one; the first stands in line 3");
  }

  @Test
  void shouldSayWhereTheYamlIsBroken() {
    PriceFileException thrown =
        catchThrowableOfType(
            PriceFileException.class,
            () -> PriceFile.parse("currency: USD\nprices: [\n  {a: b\n", "broken.yaml"));

    assertThat(thrown.faults()).hasSize(1);
    assertThat(thrown.faults().get(0).line()).isGreaterThanOrEqualTo(3);
    assertThat(thrown).hasMessageContaining("broken.yaml:").hasMessageContaining("expected YAML");
  }

  @Test
  void shouldRefuseAnEmptyFileAndAFieldGivenTwice() {
    assertThatThrownBy(() -> PriceFile.parse("", "empty.yaml"))
        .hasMessage("empty.yaml:1: file: expected currency and prices, found nothing");
    assertThatThrownBy(() -> PriceFile.parse("currency: USD\ncurrency: EUR\nprices: []", "p.yaml"))
        .hasMessage("p.yaml:2: currency: expected the field once, found a second one");
  }

  @Test
  void shouldWriteWhatItReadsInFewLines(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("prices.yaml");
    List<PriceEntry> entries =
        PriceFile.parse(
            oneModel("{input_tokens: \"0.25\", output_tokens: \"10\"}", "1000000"), "p");

    PriceFile.write(file, entries);

    assertThat(Files.readString(file))
        .isEqualTo(
            """
            currency: USD
            prices:
              - provider: openai
                model: "yes"
                aliases: ["1e5", "a \\"b\\" \\\\ c: #d"]
                valid_from: 2026-01-01
                source: "page: one"
                per: 1000000
                prices: {input_tokens: "0.25", output_tokens: "10"}
            """);
    assertThat(PriceFile.read(file)).isEqualTo(entries);
  }

  @Test
  void shouldNotWriteTwoCurrenciesIntoOneFile() {
    PriceEntry euro = Prices.model("p", "m", "input_tokens", "1");
    euro.setCurrency("EUR");

    assertThatThrownBy(
            () -> PriceFile.format(List.of(euro, Prices.model("p", "m", "output_tokens", "1"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found [EUR, USD]");
  }

  private static String oneModel(String prices, String per) {
    return """
        currency: USD
        prices:
          - provider: openai
            model: "yes"
            aliases: ["1e5", "a \\"b\\" \\\\ c: #d"]
            valid_from: 2026-01-01
            source: "page: one"
            per: %s
            prices: %s
        """
        .formatted(per, prices);
  }
}
