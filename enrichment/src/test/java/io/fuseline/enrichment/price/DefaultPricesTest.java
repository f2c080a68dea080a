package io.fuseline.enrichment.price;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.SharedData;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefaultPricesTest {

  private final PriceBook book = book();

  @Test
  void shouldCarrySourceAndDateOnEveryPrice() {
    assertThat(DefaultPrices.load())
        .hasSizeGreaterThan(400)
        .allSatisfy(
            entry -> {
              assertThat(entry.getSource()).isNotBlank();
              assertThat(entry.getSourceDate()).isNotBlank();
            });
    assertThat(DefaultPrices.load().stream().map(PriceEntry::getSku).distinct().count())
        .isGreaterThan(60);
  }

  @Test
  void shouldComeBackFromItsOwnFormat() {
    List<PriceEntry> prices = DefaultPrices.load();

    assertThat(PriceFile.parse(PriceFile.format(prices), "again"))
        .containsExactlyInAnyOrderElementsOf(prices);
  }

  @ParameterizedTest
  @CsvSource({
    "anthropic, claude-opus-4-5-20251101, 5, 25, 6.25, 10, 0.5",
    "anthropic, claude-opus-4-6, 5, 25, 6.25, 10, 0.5",
    "anthropic, claude-sonnet-4-5-20250929, 3, 15, 3.75, 6, 0.3",
    "anthropic, claude-haiku-4-5-20251001, 1, 5, 1.25, 2, 0.1",
    ", claude-haiku-4-5-20251001, 1, 5, 1.25, 2, 0.1"
  })
  void shouldPriceAMillionTokens(
      String provider,
      String model,
      String input,
      String output,
      String write5m,
      String write1h,
      String read) {
    Map<String, String> prices =
        Map.of(
            "input_tokens", input,
            "output_tokens", output,
            "cache_write_5m_tokens", write5m,
            "cache_write_1h_tokens", write1h,
            "cache_read_tokens", read);
    prices.forEach(
        (unit, price) ->
            assertThat(
                    Prices.cost(
                        book.price(
                            Prices.llm(provider, model, Map.of(unit, 100_000L)), Prices.NOON)))
                .isEqualByComparingTo(new BigDecimal(price).movePointLeft(1)));
  }

  @Test
  void shouldAgreeWithTheListItNamesAsItsSource() throws IOException {
    Path file = SharedData.file("prices/litellm_prices_2026-08-06.json.gz");
    PriceBook source = new PriceBook("USD");
    List<PriceEntry> listed =
        LiteLlmPriceImporter.read(file, LocalDate.of(2026, 8, 6), Prices.NEW_YEAR).entries();
    listed.forEach(source::put);
    Set<String> bands = new HashSet<>();

    for (PriceEntry entry : DefaultPrices.load()) {
      if (entry.getKind() != PriceKind.MODEL) {
        continue;
      }
      List<String> names = new ArrayList<>(entry.getAliases());
      names.add(entry.getSku());
      if (entry.getBandFrom() > 0) {
        assertThat(listed).as(entry.getPriceId()).anyMatch(row -> isSameBand(row, entry, names));
        bands.add(entry.getProvider() + " " + entry.getSku());
        continue;
      }
      assertThat(names)
          .as(entry.getPriceId())
          .anySatisfy(
              name -> {
                AgentSpan span = Prices.llm(entry.getProvider(), name, Map.of(entry.getUnit(), 1L));
                span.setServiceTier(entry.getServiceTier());
                Pricing pricing = source.price(span, Prices.NOON);
                assertThat(pricing.status()).isEqualTo(CostStatus.PRICED);
                assertThat(pricing.notes()).isEmpty();
                assertThat(Prices.cost(pricing)).isEqualByComparingTo(entry.getPrice());
              });
    }
    assertThat(bands).hasSizeGreaterThan(15);
  }

  private static boolean isSameBand(PriceEntry row, PriceEntry entry, List<String> names) {
    String name = row.getSku().substring(row.getSku().lastIndexOf('/') + 1);
    return names.contains(name)
        && row.getProvider().equals(entry.getProvider())
        && row.getUnit().equals(entry.getUnit())
        && row.getServiceTier().equals(entry.getServiceTier())
        && row.getBandFrom() == entry.getBandFrom()
        && row.getPrice().compareTo(entry.getPrice()) == 0;
  }

  @Test
  void shouldTakeLocalToolsForFreeAndOthersForUnpriced() {
    assertThat(status("local", "Bash")).isEqualTo(CostStatus.PRICED);
    assertThat(status("local", "our_own_tool")).isEqualTo(CostStatus.PRICED);
    assertThat(status("anthropic", "web_search")).isEqualTo(CostStatus.PRICED);
    assertThat(status(null, "Bash")).isEqualTo(CostStatus.UNPRICED);
    assertThat(status("crm", "lookup")).isEqualTo(CostStatus.UNPRICED);
  }

  @Test
  void shouldPriceRealSessionsToTheLastDigit() throws IOException {
    Path file = SharedData.file("claude_code_sessions/llm_calls.csv.gz");
    List<String> units =
        List.of(
            "input_tokens",
            "cache_write_5m_tokens",
            "cache_write_1h_tokens",
            "cache_read_tokens",
            "output_tokens");
    Map<String, List<String>> perMillion =
        Map.of(
            "claude-opus-4", List.of("5", "6.25", "10", "0.5", "25"),
            "claude-sonnet-4", List.of("3", "3.75", "6", "0.3", "15"),
            "claude-haiku-4", List.of("1", "1.25", "2", "0.1", "5"));
    BigDecimal expected = BigDecimal.ZERO;
    long total = 0;
    int calls = 0;
    int unknown = 0;
    for (Map<String, String> row : rows(file)) {
      Map<String, Long> usage = new HashMap<>();
      for (String unit : units) {
        String column = unit.equals("input_tokens") ? "input_tokens_uncached" : unit;
        usage.put(unit, Long.valueOf(row.get(column)));
      }
      AgentSpan span = Prices.llm(row.get("provider"), row.get("model"), usage);
      span.setServiceTier(row.get("service_tier"));

      Pricing pricing =
          book.price(span, Math.multiplyExact(Long.parseLong(row.get("t_end_ms")), 1000));

      calls++;
      List<String> prices =
          perMillion.entrySet().stream()
              .filter(model -> row.get("model").startsWith(model.getKey()))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse(null);
      if (prices == null) {
        assertThat(row.get("model")).isEqualTo("<synthetic>");
        assertThat(pricing.status()).isEqualTo(CostStatus.UNPRICED);
        assertThat(pricing.listPico()).isZero();
        unknown++;
        continue;
      }
      assertThat(pricing.status()).isEqualTo(CostStatus.PRICED);
      total = Math.addExact(total, pricing.listPico());
      for (int i = 0; i < units.size(); i++) {
        expected =
            expected.add(
                new BigDecimal(prices.get(i))
                    .movePointLeft(6)
                    .multiply(BigDecimal.valueOf(usage.get(units.get(i)))));
      }
    }
    assertThat(Pico.toDecimal(total)).isEqualByComparingTo(expected);
    System.out.printf(
        "Real sessions: %d calls, %d of an unknown model, cost %s USD%n",
        calls, unknown, expected.stripTrailingZeros().toPlainString());
  }

  private CostStatus status(String provider, String tool) {
    return book.price(Prices.toolCall(provider, tool, Map.of()), Prices.NOON).status();
  }

  private static PriceBook book() {
    PriceBook book = new PriceBook("USD");
    DefaultPrices.load().forEach(book::put);
    return book;
  }

  private static List<Map<String, String>> rows(Path file) throws IOException {
    List<Map<String, String>> rows = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      List<String> header = Arrays.asList(reader.readLine().split(",", -1));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        List<String> cells = Arrays.asList(line.split(",", -1));
        Map<String, String> row = new HashMap<>();
        for (int i = 0; i < header.size(); i++) {
          row.put(header.get(i), cells.get(i));
        }
        rows.add(row);
      }
    }
    return rows;
  }
}
