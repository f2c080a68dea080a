package io.fuseline.enrichment.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.enrichment.price.ImportResult.Skipped;
import io.fuseline.schemas.PriceEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenaiPricesImporterTest {

  private static final LocalDate DAY = LocalDate.of(2026, 8, 21);

  @Test
  void shouldTakeTheNamesThatTheListItselfGivesToTheModel() throws IOException {
    ImportResult result =
        read(
            """
            [{"id": "aws", "models": [
              {"id": "us.maker.big-v1:0", "match": {"contains": "us.maker.big"}, "prices": {"input_mtok": 2}},
              {"id": "maker.big-v1:0", "match": {"or": [{"contains": "maker.big"}, {"starts_with": "big-"},
                 {"equals": "us.maker.big"}, {"regex": "^big\\\\d+$"}]}, "prices": {"input_mtok": 1}}]}]
            """);

    assertThat(result.entries()).extracting(PriceEntry::getProvider).containsOnly("aws.bedrock");
    assertThat(aliases(result, "us.maker.big-v1:0")).containsExactly("us.maker.big");
    assertThat(aliases(result, "maker.big-v1:0")).containsExactly("maker.big");
    assertThat(result.skipped())
        .containsExactly(
            new Skipped("maker.big-v1:0", "match.^big\\d+$", GenaiPricesImporter.PATTERN));
  }

  @Test
  void shouldEndASetWhereTheNextBeginsAndPutTheTimeOfDayFirst() throws IOException {
    ImportResult result =
        read(
            """
            [{"id": "deepseek", "models": [
              {"id": "dated", "match": {"equals": "dated"}, "prices": [
                {"prices": {"input_mtok": {"base": 1, "tiers": [{"start": 200000, "price": 2}]}}},
                {"constraint": {"start_date": "2026-03-13"}, "prices": {"input_mtok": 3}},
                {"constraint": {"start_date": "2026-09-01"}, "prices": {"input_mtok": 4}}]},
              {"id": "daily", "match": {"equals": "daily"}, "prices": [
                {"prices": {"input_mtok": 1}},
                {"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"}, "prices": {"input_mtok": 2}}]},
              {"id": "old", "match": {"equals": "old"}, "prices": [
                {"prices": {"input_mtok": 1}},
                {"constraint": {"start_date": "2025-03-13"}, "prices": {"input_mtok": 3}},
                {"constraint": {"moon": "full"}, "prices": {"input_mtok": 9}}]}]}]
            """);

    assertThat(result.entries())
        .extracting(
            entry ->
                "%s %s from %d, %s to %s, daily %s to %s"
                    .formatted(
                        entry.getSku(),
                        entry.getPrice().stripTrailingZeros().toPlainString(),
                        entry.getBandFrom(),
                        entry.getValidFrom(),
                        entry.getValidTo(),
                        entry.getDailyFromMinute(),
                        entry.getDailyToMinute()))
        .containsExactly(
            "dated 0.000001 from 0, 2026-01-01T00:00:00Z to 2026-03-13T00:00:00Z, daily null to null",
            "dated 0.000002 from 200001, 2026-01-01T00:00:00Z to 2026-03-13T00:00:00Z, daily null to null",
            "dated 0.000003 from 0, 2026-03-13T00:00:00Z to 2026-09-01T00:00:00Z, daily null to null",
            "dated 0.000004 from 0, 2026-09-01T00:00:00Z to null, daily null to null",
            "daily 0.000001 from 0, 2026-01-01T00:00:00Z to null, daily null to null",
            "daily 0.000002 from 0, 2026-01-01T00:00:00Z to null, daily 30 to 990",
            "old 0.000003 from 0, 2025-03-13T00:00:00Z to null, daily null to null");
    assertThat(result.skipped())
        .containsExactly(
            new Skipped("old", "prices[0].prices.input_mtok", GenaiPricesImporter.ENDED),
            new Skipped(
                "old", "prices[2].prices.input_mtok", GenaiPricesImporter.UNKNOWN_CONSTRAINT));
  }

  @Test
  void shouldTakeThousandsAndMillionsAndLeaveWhatItDoesNotKnow() throws IOException {
    ImportResult result =
        read(
            """
            [{"id": "google", "models": [{"id": "m", "match": {"equals": "m"}, "prices": {
               "requests_kcount": 12, "cache_write_1h_mtok": 0.1234567, "smell_mtok": 1, "input_mtok": "much"}},
              {"id": "nothing", "match": {"equals": "nothing"}, "prices": {}},
              {"id": "gift:free", "match": {"equals": "gift:free"}, "prices": {}}]}]
            """);

    assertThat(result.entries())
        .extracting(
            entry ->
                entry.getProvider()
                    + " "
                    + entry.getSku()
                    + " "
                    + entry.getUnit()
                    + " "
                    + entry.getPrice().stripTrailingZeros().toPlainString())
        .contains(
            "gcp.gemini m requests 0.012",
            "gcp.vertex_ai m requests 0.012",
            "gcp.gemini m cache_write_1h_tokens 123.4567",
            "gcp.gemini gift:free input_tokens 0",
            "gcp.gemini gift:free output_tokens 0",
            "* NANO_USD * 0.000000001");
    assertThat(result.skipped())
        .contains(
            new Skipped("m", "prices.smell_mtok", GenaiPricesImporter.UNKNOWN_KEY),
            new Skipped("m", "prices.input_mtok", GenaiPricesImporter.NO_NUMBER),
            new Skipped("nothing", "prices", GenaiPricesImporter.NO_PRICE));
  }

  @Test
  void shouldSayWhereAFileIsBroken(@TempDir Path folder) throws IOException {
    Path list = Files.writeString(folder.resolve("list.json"), "{}");

    assertThatThrownBy(() -> GenaiPricesImporter.read(list, DAY, Prices.NEW_YEAR))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("list.json: expected a JSON array of providers, found OBJECT");
  }

  private static Stream<String> aliases(ImportResult result, String sku) {
    return result.entries().stream()
        .filter(entry -> entry.getSku().equals(sku))
        .map(PriceEntry::getAliases)
        .flatMap(List::stream);
  }

  private static ImportResult read(String json) throws IOException {
    return GenaiPricesImporter.read(
        new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), DAY, Prices.NEW_YEAR);
  }
}
