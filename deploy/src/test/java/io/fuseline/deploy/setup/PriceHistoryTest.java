package io.fuseline.deploy.setup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.fuseline.enrichment.price.ImportResult;
import io.fuseline.enrichment.price.LiteLlmPriceImporter;
import io.fuseline.enrichment.price.Pico;
import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.price.Pricing;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Eighteen months of changes of a real price list, imported day by day as a list that is read again
 * would be, and then asked for the price as of other days.
 */
class PriceHistoryTest {
  private static final Path CHANGES =
      Path.of("../../shared/data/prices/litellm_price_changes_2025-02_2026-07.csv.gz");
  private static final LocalDate BEFORE = LocalDate.of(2025, 2, 1);
  private static final String PROVIDER = "somewhere";

  /** Cells that one unit without other conditions is priced by. */
  private static final Map<String, String> UNITS =
      Map.of(
          "input_cost_per_token", "input_tokens",
          "output_cost_per_token", "output_tokens",
          "cache_creation_input_token_cost", "cache_write_5m_tokens",
          "cache_creation_input_token_cost_above_1hr", "cache_write_1h_tokens");

  private final ObjectMapper json = new ObjectMapper();

  /** One change of one cell; empty texts where there was nothing before, or is nothing after. */
  private record Change(LocalDate day, String model, String key, String before, String after) {}

  @Test
  void shouldKnowTheListAsOfEveryDayThoughItWasReadDayByDay() throws IOException {
    List<Change> changes = changes();
    PriceBook book = new PriceBook("USD");
    Map<String, PriceEntry> known = new HashMap<>();
    Map<String, Map<String, String>> list = firstState(changes);
    read(list, BEFORE, known, book);
    Map<LocalDate, List<Change>> byDay = new TreeMap<>();
    changes.forEach(
        change -> byDay.computeIfAbsent(change.day, day -> new ArrayList<>()).add(change));
    byDay.forEach(
        (day, those) -> {
          those.forEach(change -> apply(change, list));
          read(list, day, known, book);
        });

    int compared = 0;
    int absent = 0;
    for (LocalDate day = BEFORE; day.isBefore(LocalDate.of(2026, 9, 1)); day = day.plusDays(9)) {
      Map<String, Map<String, String>> then = firstState(changes);
      for (Change change : changes) {
        if (!change.day.isAfter(day)) {
          apply(change, then);
        }
      }
      for (Map.Entry<String, Map<String, String>> model : then.entrySet()) {
        if (model.getValue().values().stream().allMatch(PriceHistoryTest::isZero)) {
          continue;
        }
        for (Map.Entry<String, String> unit : UNITS.entrySet()) {
          String stated = model.getValue().get(unit.getKey());
          Pricing pricing = book.price(span(model.getKey(), unit.getValue()), micros(day));
          String what = day + " " + model.getKey() + " " + unit.getKey();
          if (stated == null && !model.getKey().equals(pricing.sku())) {
            // Priced, if at all, as the model that the name is a snapshot of.
            continue;
          }
          if (stated == null) {
            assertThat(pricing.status()).as(what).isNotEqualTo(CostStatus.PRICED);
            absent++;
          } else {
            assertThat(pricing.status()).as(what).isEqualTo(CostStatus.PRICED);
            assertThat(Pico.toDecimal(pricing.listPico()))
                .as(what)
                .isEqualByComparingTo(
                    new BigDecimal(stated).setScale(Pico.SCALE, RoundingMode.HALF_EVEN));
            compared++;
          }
        }
      }
    }

    System.out.printf(
        "Price history: %d changes on %d days, %d entries kept; %d prices as of 65 days compared, %d without one%n",
        changes.size(), byDay.size(), known.size(), compared, absent);
    assertThat(compared).isGreaterThan(10_000);
    assertThat(known.values()).allSatisfy(price -> assertThat(price.getKnownSince()).isNotNull());
  }

  /** What an import with --prune on that day does. */
  private void read(
      Map<String, Map<String, String>> list,
      LocalDate day,
      Map<String, PriceEntry> known,
      PriceBook book) {
    Instant start = day.atStartOfDay(ZoneOffset.UTC).toInstant();
    ImportResult result;
    try {
      result =
          LiteLlmPriceImporter.read(
              new ByteArrayInputStream(text(list).getBytes(StandardCharsets.UTF_8)), day, start);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    PriceChanges changes = PriceChanges.between(known.values(), result.entries(), start);
    Map<String, PriceEntry> records = changes.records(start, true, start);
    records.values().forEach(book::put);
    known.putAll(records);
  }

  private String text(Map<String, Map<String, String>> list) {
    ObjectNode models = json.createObjectNode();
    list.forEach(
        (model, cells) -> {
          ObjectNode fields = models.putObject(model).put("litellm_provider", PROVIDER);
          cells.forEach((key, value) -> fields.putRawValue(key, new RawValue(value)));
        });
    return models.toString();
  }

  /** The cells as they were before anything changed, as far as the changes tell. */
  private static Map<String, Map<String, String>> firstState(List<Change> changes) {
    Map<String, Map<String, String>> state = new LinkedHashMap<>();
    Map<String, Boolean> seen = new HashMap<>();
    for (Change change : changes) {
      Map<String, String> cells =
          state.computeIfAbsent(change.model, model -> new LinkedHashMap<>());
      boolean first = seen.putIfAbsent(change.model + "\n" + change.key, true) == null;
      if (first && !change.before.isEmpty()) {
        cells.put(change.key, change.before);
      }
    }
    return state;
  }

  private static void apply(Change change, Map<String, Map<String, String>> state) {
    Map<String, String> cells = state.get(change.model);
    if (change.after.isEmpty()) {
      cells.remove(change.key);
    } else {
      cells.put(change.key, change.after);
    }
  }

  private static boolean isZero(String value) {
    return !value.startsWith("{") && new BigDecimal(value).signum() == 0;
  }

  private static AgentSpan span(String model, String unit) {
    AgentSpan span = new AgentSpan();
    span.setSpanId("s");
    span.setKind(SpanKind.LLM);
    span.setPhase(SpanPhase.END);
    span.setProvider(PROVIDER);
    span.setResponseModel(model);
    span.setUsage(Map.of(unit, 1L));
    return span;
  }

  /** Noon of the day. */
  private static long micros(LocalDate day) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, day.atTime(12, 0).toInstant(ZoneOffset.UTC));
  }

  private static List<Change> changes() throws IOException {
    if (!Files.exists(CHANGES)) {
      System.out.println("SKIPPED: real data is not here: " + CHANGES.toAbsolutePath().normalize());
    }
    Assumptions.assumeTrue(Files.exists(CHANGES), () -> "real data is not here: " + CHANGES);
    List<Change> changes = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(CHANGES)), StandardCharsets.UTF_8))) {
      reader.readLine();
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        List<String> cells = split(line);
        // The list's template is no model.
        if (!cells.get(1).equals("sample_spec")) {
          changes.add(
              new Change(
                  LocalDate.parse(cells.get(0)),
                  cells.get(1),
                  cells.get(2),
                  cells.get(3),
                  cells.get(4)));
        }
      }
    }
    return changes;
  }

  /** Fields of a line; those with commas stand in quotes, with quotes doubled. */
  private static List<String> split(String line) {
    List<String> cells = new ArrayList<>();
    boolean quoted = false;
    int start = 0;
    for (int at = 0; at <= line.length(); at++) {
      boolean end = at == line.length() || line.charAt(at) == ',' && !quoted;
      if (end) {
        String cell = line.substring(start, at);
        cells.add(
            cell.startsWith("\"")
                ? cell.substring(1, cell.length() - 1).replace("\"\"", "\"")
                : cell);
        start = at + 1;
      } else if (line.charAt(at) == '"') {
        quoted = !quoted;
      }
    }
    return cells;
  }
}
