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
            "p.yaml:5: prices.input_tokens: expected one price per name, unit, valid_from and conditions,"
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
  void shouldNameTheCurrencyOfPricesThatAreInAnother() {
    PriceEntry credits = Prices.model("p", "m", "credits", "1");
    credits.setCurrency("ACME.CREDIT");
    List<PriceEntry> prices =
        List.of(
            Prices.model("p", "m", "input_images", "1"),
            Prices.model("p", "m", "output_images", "1"),
            credits);

    String text = PriceFile.format(prices);

    assertThat(text).startsWith("currency: USD\n").containsOnlyOnce("    currency: ACME.CREDIT\n");
    assertThat(PriceFile.parse(text, "p.yaml")).containsExactlyInAnyOrderElementsOf(prices);
  }

  @Test
  void shouldReadEveryDimension() {
    List<PriceEntry> entries =
        PriceFile.parse(
            """
            currency: USD
            defaults: {provider: p, valid_from: 2026-01-01}
            prices:
              - {model: m, band: {above: 200000}, prices: {input_tokens: 1}}
              - {model: m, band: {from: 200000}, prices: {input_tokens: 2}}
              - {tool: search, band: {unit: results, from: 26}, prices: {results: 3}}
              - {model: m, daily: 22:30-06:00, prices: {input_tokens: 4}}
              - {model: m, daily: "08:00 - 24:00", tenant: acme, prices: {input_tokens: 5}}
              - {model: "*", tenant: acme, multiplier: 0.85}
              - {model: m, region: eu, multiplier: {input_tokens: 1.1, output_tokens: 1.2}}
              - {model: m, tier: fast, multiplier: 6}
              - {tool: crawler, declared_up_to: 0.50}
              - {model: gpt-4o, tenant: acme, deployments: ["arn:aws:x/y", chat-prod]}
              - {model: m, commitment: {unit: output_tokens, per_hour: 20, capacity: 3600000}}
              - {human: reviewer, per: 3600, prices: {human_seconds: 90}}
              - {credit: DBU, tenant: acme, worth: 0.07}
              - {model: d, currency: DBU, prices: {input_tokens: 6}}
            """,
            "prices.yaml");

    assertThat(entries)
        .extracting(
            entry ->
                entry.getPriceId()
                    + " = "
                    + entry.getPrice().stripTrailingZeros().toPlainString()
                    + " "
                    + entry.getCurrency())
        .containsExactly(
            "MODEL/p/m/input_tokens/standard/2026-01-01T00:00:00Z/from=200001 = 1 USD",
            "MODEL/p/m/input_tokens/standard/2026-01-01T00:00:00Z/from=200000 = 2 USD",
            "TOOL/p/search/results/standard/2026-01-01T00:00:00Z/from=26,of=results = 3 USD",
            "MODEL/p/m/input_tokens/standard/2026-01-01T00:00:00Z/daily=1350-360 = 4 USD",
            "MODEL/p/m/input_tokens/standard/2026-01-01T00:00:00Z/daily=480-1440,tenant=acme = 5 USD",
            "MODEL/p/*/*/standard/2026-01-01T00:00:00Z/MULTIPLIER,tenant=acme = 0.85 USD",
            "MODEL/p/m/input_tokens/standard@eu/2026-01-01T00:00:00Z/MULTIPLIER = 1.1 USD",
            "MODEL/p/m/output_tokens/standard@eu/2026-01-01T00:00:00Z/MULTIPLIER = 1.2 USD",
            "MODEL/p/m/*/fast/2026-01-01T00:00:00Z/MULTIPLIER = 6 USD",
            "TOOL/p/crawler/calls/standard/2026-01-01T00:00:00Z/DECLARED = 0.5 USD",
            "MODEL/p/gpt-4o/*/standard/2026-01-01T00:00:00Z/ALIAS,tenant=acme = 0 USD",
            "MODEL/p/m/output_tokens/provisioned/2026-01-01T00:00:00Z/COMMITMENT = 20 USD",
            "HUMAN/p/reviewer/human_seconds/standard/2026-01-01T00:00:00Z = 0.025 USD",
            "CURRENCY/p/DBU/*/standard/2026-01-01T00:00:00Z/tenant=acme = 0.07 USD",
            "MODEL/p/d/input_tokens/standard/2026-01-01T00:00:00Z = 6 DBU");
    assertThat(entries.get(10).getAliases()).containsExactly("arn:aws:x/y", "chat-prod");
    assertThat(entries.get(11).getCapacity()).isEqualTo(3_600_000);
    assertThat(PriceFile.parse(PriceFile.format(entries), "again.yaml"))
        .containsExactlyInAnyOrderElementsOf(entries);
  }

  @Test
  void shouldListTheFaultsOfEveryDimensionWithTheirLines() {
    String text =
        """
        currency: USD
        defaults: {provider: p, valid_from: 2026-01-01}
        prices:
          - {model: m, band: {above: 1, from: 2}, prices: {input_tokens: 1}}
          - {model: m, band: {from: many}, prices: {input_tokens: 1}}
          - {model: m, daily: 8-18, prices: {input_tokens: 1}}
          - {model: m, daily: 23:00-24:30, prices: {input_tokens: 1}}
          - {model: m, prices: {input_tokens: 1}, multiplier: 2}
          - {model: m}
          - {model: "*", prices: {input_tokens: 1}}
          - {model: m, declared_up_to: 1}
          - {model: m, deployments: []}
          - {model: m, commitment: {unit: output_tokens, per_hour: 1}}
          - {model: m, currency: "US$", prices: {input_tokens: 1}}
          - {credit: USD, worth: 1}
        """;

    PriceFileException thrown =
        catchThrowableOfType(PriceFileException.class, () -> PriceFile.parse(text, "bad.yaml"));

    assertThat(thrown.faults())
        .extracting(fault -> fault.line() + " " + fault.field())
        .containsExactlyInAnyOrder(
            "4 band",
            "5 band.from",
            "6 daily",
            "7 daily_to_minute",
            "8 prices",
            "9 prices",
            "10 sku",
            "11 basis",
            "12 aliases",
            "13 commitment.capacity",
            "14 currency",
            "1 currency");
    assertThat(thrown)
        .hasMessageContaining(
            "bad.yaml:4: band: expected either from (that much or more) or above (more than that), found both");
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
