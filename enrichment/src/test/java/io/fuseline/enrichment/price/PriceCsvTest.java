package io.fuseline.enrichment.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.schemas.PriceEntry;
import java.util.List;
import org.junit.jupiter.api.Test;

class PriceCsvTest {

  @Test
  void shouldReadTheSamePricesAsThePriceFileThatSaysTheSame() {
    List<PriceEntry> csv =
        parse(
            """
            Kind,provider,sku,aliases,unit,per,price,currency,basis,tier,region,tenant,band_unit,band_from,daily,capacity,valid_from,valid_to,known_since,source,source_date
            model,anthropic,claude-x,claude-x-1; claude-x-2,input_tokens,1000000,3,USD,,batch,eu,acme,,200001,08:30-18:00,,2026-02-01,2026-03-01,2026-02-02T10:00:00Z,"our ""new"" contract, signed",2026-01-31

            tool,crm,lookup,,calls,,0.002,,,,,,results,26,,,2026-02-01,,,,
            model,openai,gpt-x,,*,,0.9,,multiplier,,,acme,,,,,2026-02-01,,,,
            model,openai,gpt-x,,output_tokens,,60,,commitment,,,,,,,1000000,2026-02-01,,,,
            human,acme,reviewer,,human_seconds,3600,72,EUR,,,,,,,,,2026-02-01,,,,
            currency,*,CREDIT,,*,,0.01,,,,,,,,,,2026-02-01,,,,
            """);
    List<PriceEntry> yaml =
        PriceFile.parse(
            """
            currency: USD
            defaults: {valid_from: 2026-02-01}
            prices:
              - {provider: anthropic, model: claude-x, aliases: [claude-x-1, claude-x-2], tier: batch, region: eu,
                 tenant: acme, band: {above: 200000}, daily: "08:30-18:00", valid_to: 2026-03-01, known_since: 2026-02-02T10:00:00Z,
                 source: 'our "new" contract, signed', source_date: 2026-01-31, per: 1000000, prices: {input_tokens: 3}}
              - {provider: crm, tool: lookup, band: {unit: results, from: 26}, prices: {calls: 0.002}}
              - {provider: openai, model: gpt-x, tenant: acme, multiplier: 0.9}
              - {provider: openai, model: gpt-x, commitment: {unit: output_tokens, per_hour: 60, capacity: 1000000}}
              - {provider: acme, human: reviewer, currency: EUR, per: 3600, prices: {human_seconds: 72}}
              - {provider: "*", credit: CREDIT, worth: 0.01}
            """,
            "same");

    assertThat(csv).containsExactlyElementsOf(yaml);
  }

  @Test
  void shouldTakeTheDayOfTheImportWhereAPriceHasNone() {
    List<PriceEntry> prices = parse("unit,price,sku,provider\r\ninput_tokens,1e-6,m,openai\r\n");

    assertThat(prices)
        .singleElement()
        .extracting(PriceEntry::getValidFrom)
        .isEqualTo(Prices.NEW_YEAR);
  }

  @Test
  void shouldNameLineAndColumnOfEveryFault() {
    assertThatThrownBy(
            () ->
                parse(
                    """
                    provider,sku,unit,price,per,valid_from,daily,kind
                    openai,"a
                    b",input_tokens,much,,,,
                    openai,c,input_tokens,1,3,,,
                    openai,d,input_tokens,,,yesterday,noon,thing
                    openai,e,input_tokens,1
                    openai,f,input_tokens,-1,,,,
                    open/ai,g,input_tokens,1,,,,
                    openai,,input_tokens,1,,,,
                    openai,h,input_tokens,1,,,,
                    openai,h,input_tokens,2,,,,
                    """))
        .isInstanceOf(PriceFileException.class)
        .hasMessage(
            String.join(
                System.lineSeparator(),
                "p.csv:2: column 4 (price): expected a decimal number of 0 or more, such as 0.25, found 'much'",
                "p.csv:4: column 4 (price): expected at most 12 decimals for one unit, found 1 per 3",
                "p.csv:5: column 8 (kind): expected one of [OTHER, MODEL, TOOL, HUMAN, CURRENCY], found thing",
                "p.csv:5: column 7 (daily): expected two times of the day, UTC, as 08:30-18:00, found 'noon'",
                "p.csv:5: column 6 (valid_from): expected a day as 2025-01-31 or a time as 2025-01-31T12:00:00Z, found 'yesterday'",
                "p.csv:5: column 4 (price): expected a decimal number of 0 or more, such as 0.25, found nothing",
                "p.csv:6: line: expected 8 fields, as in the first line, found 4",
                "p.csv:7: column 4 (price): expected a decimal number of 0 or more, such as 0.25, found '-1'",
                "p.csv:8: column 1 (provider): expected a name without '/', found open/ai",
                "p.csv:9: column 2 (sku): expected a value, found nothing",
                "p.csv:11: column 3 (unit): expected one price per name, unit, valid_from and conditions, found a second one; the first stands in line 10"));
  }

  @Test
  void shouldRefuseAHeaderItDoesNotKnowAndQuotesThatDoNotClose() {
    assertThatThrownBy(() -> parse("provider,sku,unit,cost\nopenai,m,calls,1\n"))
        .hasMessageContaining(
            "p.csv:1: column 4 (cost): expected one of provider, sku, unit, price")
        .hasMessageContaining("p.csv:1: price: expected a column of that name, found none");
    assertThatThrownBy(() -> parse("provider,sku,unit,price\nopenai,\"m,calls,1\n"))
        .hasMessageContaining("p.csv:2: column 2: expected a closing quote");
    assertThatThrownBy(() -> parse("provider,sku,unit,price\nopenai,\"m\"x,calls,1\n"))
        .hasMessageContaining("p.csv:2: column 2: expected a comma or the end of the line");
    assertThatThrownBy(() -> parse("")).hasMessageContaining("p.csv:1: file: expected a line");
  }

  private static List<PriceEntry> parse(String text) {
    return PriceCsv.parse(text, "p.csv", Prices.NEW_YEAR);
  }
}
