package io.fuseline.enrichment.price;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the data of genai-prices ({@code data.json} of pydantic/genai-prices, MIT). Numbers are
 * taken from the JSON text, exactly ({@link Gathered} has the rules).
 *
 * <ul>
 *   <li>Prices are for a million tokens ({@code _mtok}) or a thousand ({@code _kcount}).
 *   <li>A model's id is its sku. Its match rule becomes aliases: each name that a clause asks for
 *       and that the list itself, first match wins, gives to this model. The book does not guess
 *       beyond that: a longer name that begins alike is found only where the rules of {@code
 *       model-names.json} lead there. Regular expressions become no alias and are listed.
 *   <li>{@code tiers} are bands of the whole request by all its input tokens; {@link BandEdges}
 *       says on which side the edge itself falls.
 *   <li>Of several sets of prices the last whose condition holds is meant: a {@code start_date}
 *       ends the set before it, a time of the day goes before the rest of the day.
 *   <li>A model without any price is free if its name ends in {@code :free}, else left out.
 * </ul>
 */
public final class GenaiPricesImporter {

  static final String NO_PRICE = "the list has the model, but no price of it";
  static final String NO_NUMBER = "not a number";
  static final String UNKNOWN_KEY = "the key is not known to this importer";
  static final String UNKNOWN_CONSTRAINT = "holds under a condition not known to this importer";
  static final String ENDED = "ended before the day from which the list's prices are to hold";
  static final String PATTERN = "a pattern of names, which no alias can say";

  private static final String SOURCE = "genai-prices";
  private static final String FREE = ":free";
  private static final int MILLION = 6;
  private static final int THOUSAND = 3;

  private static final Map<String, String> UNITS =
      Map.ofEntries(
          Map.entry("input_mtok", "input_tokens"),
          Map.entry("output_mtok", "output_tokens"),
          Map.entry("output_reasoning_mtok", "reasoning_tokens"),
          Map.entry("cache_read_mtok", "cache_read_tokens"),
          Map.entry("cache_write_mtok", "cache_write_5m_tokens"),
          Map.entry("cache_write_1h_mtok", "cache_write_1h_tokens"),
          Map.entry("input_audio_mtok", "audio_input_tokens"),
          Map.entry("cache_audio_read_mtok", "audio_cache_read_tokens"),
          Map.entry("output_audio_mtok", "audio_output_tokens"),
          Map.entry("input_image_mtok", "image_input_tokens"),
          Map.entry("cache_image_read_mtok", "image_cache_read_tokens"),
          Map.entry("output_image_mtok", "image_output_tokens"),
          Map.entry("input_video_mtok", "video_input_tokens"),
          Map.entry("output_video_mtok", "video_output_tokens"),
          Map.entry("output_citation_mtok", "citation_tokens"),
          Map.entry("requests_kcount", "requests"),
          Map.entry("web_searches_kcount", "web_searches"));

  private final Gathered gathered;
  private final Instant validFrom;

  private GenaiPricesImporter(LocalDate sourceDate, Instant validFrom) {
    this.gathered = new Gathered(SOURCE, sourceDate);
    this.validFrom = validFrom;
  }

  /**
   * The prices of a file, plain or gzip.
   *
   * @param sourceDate day the list is of
   * @param validFrom from when prices without a date of their own are taken to hold
   * @throws IOException if it cannot be read, or is no JSON array; the message says where
   */
  public static ImportResult read(Path file, LocalDate sourceDate, Instant validFrom)
      throws IOException {
    return new GenaiPricesImporter(sourceDate, validFrom)
        .readAll(PriceListJson.read(file, JsonNodeType.ARRAY, "providers"));
  }

  /**
   * The prices of a stream, plain or gzip; the caller closes it.
   *
   * @see #read(Path, LocalDate, Instant)
   */
  public static ImportResult read(InputStream in, LocalDate sourceDate, Instant validFrom)
      throws IOException {
    return new GenaiPricesImporter(sourceDate, validFrom)
        .readAll(PriceListJson.read(in, JsonNodeType.ARRAY, "providers"));
  }

  private ImportResult readAll(JsonNode list) {
    JsonNode known = Tables.load("genai-prices-providers.json");
    for (JsonNode provider : list) {
      String id = provider.path("id").asText();
      List<String> names = new ArrayList<>();
      known.path(id).forEach(name -> names.add(name.asText()));
      if (names.isEmpty()) {
        names.add(ProviderNames.canonical(id));
      }
      readProvider(names, provider.path("models"));
    }
    return gathered.result();
  }

  private void readProvider(List<String> providers, JsonNode models) {
    List<GenaiMatch> matches = new ArrayList<>();
    models.forEach(model -> matches.add(new GenaiMatch(model.path("match"))));
    int position = 0;
    for (JsonNode model : models) {
      String id = model.path("id").asText();
      Set<String> aliases = aliases(id, position, matches);
      for (String pattern : matches.get(position).patterns()) {
        gathered.skip(id, "match." + pattern, PATTERN);
      }
      for (String provider : providers) {
        readModel(new Named(provider, id, List.copyOf(aliases)), model.path("prices"));
      }
      position++;
    }
  }

  /** Names that the list gives to the model at the position, and to none before it. */
  private static Set<String> aliases(String id, int position, List<GenaiMatch> matches) {
    Set<String> candidates = new LinkedHashSet<>();
    for (String name : matches.get(position).names()) {
      candidates.add(name);
      String full = withEndOf(id, name);
      if (full != null) {
        candidates.add(full);
      }
    }
    candidates.removeIf(name -> name.equals(id) || owner(name, matches) != position);
    return candidates;
  }

  /**
   * The name with what follows it in the id: {@code us.amazon.nova-lite} is called {@code
   * us.amazon.nova-lite-v1:0} where the id is {@code amazon.nova-lite-v1:0}. Null if nothing does.
   */
  private static String withEndOf(String id, String name) {
    for (int cut = name.indexOf('.') + 1; cut > 0; cut = name.indexOf('.', cut) + 1) {
      String common = name.substring(cut);
      int at = id.indexOf(common);
      if (at >= 0) {
        String end = id.substring(at + common.length());
        return end.isEmpty() ? null : name + end;
      }
    }
    return null;
  }

  private static int owner(String name, List<GenaiMatch> matches) {
    for (int i = 0; i < matches.size(); i++) {
      if (matches.get(i).matches(name)) {
        return i;
      }
    }
    return -1;
  }

  private void readModel(Named model, JsonNode prices) {
    if (prices.isEmpty()) {
      readUnpriced(model);
    } else if (prices.isObject()) {
      readSet(model, "prices", prices, Term.always(validFrom));
    } else {
      readSets(model, prices);
    }
  }

  private void readUnpriced(Named model) {
    if (!model.id.endsWith(FREE)) {
      gathered.skip(model.id, "prices", NO_PRICE);
      return;
    }
    for (String unit : List.of("input_tokens", "output_tokens")) {
      gathered.imply(
          entry(model, unit, Term.always(validFrom)), BigDecimal.ZERO.setScale(Pico.SCALE));
    }
  }

  private void readSets(Named model, JsonNode sets) {
    List<Instant> starts = new ArrayList<>();
    for (JsonNode set : sets) {
      Term term = term(set.path("constraint"));
      if (term != null && term.dailyFrom == null && set.has("constraint")) {
        starts.add(term.from);
      }
    }
    starts.sort(Comparator.naturalOrder());
    for (int i = 0; i < sets.size(); i++) {
      JsonNode set = sets.get(i);
      String key = "prices[" + i + "].prices";
      Term term = term(set.path("constraint"));
      if (term == null) {
        set.path("prices")
            .fieldNames()
            .forEachRemaining(
                name -> gathered.skip(model.id, key + "." + name, UNKNOWN_CONSTRAINT));
        continue;
      }
      boolean dated = set.has("constraint");
      Instant end =
          term.dailyFrom != null
              ? null
              : starts.stream()
                  .filter(start -> !dated || start.isAfter(term.from))
                  .findFirst()
                  .orElse(null);
      readSet(model, key, set.path("prices"), term.until(end));
    }
  }

  /** When a set of prices holds; null if its condition is not known. */
  private Term term(JsonNode constraint) {
    if (constraint.isMissingNode() || constraint.isNull()) {
      return Term.always(validFrom);
    }
    try {
      if (constraint.size() == 1 && constraint.has("start_date")) {
        LocalDate day = LocalDate.parse(constraint.get("start_date").asText());
        return Term.always(day.atStartOfDay(ZoneOffset.UTC).toInstant());
      }
      if (constraint.size() == 2 && constraint.has("start_time") && constraint.has("end_time")) {
        return Term.daily(
            validFrom, minute(constraint.get("start_time")), minute(constraint.get("end_time")));
      }
    } catch (DateTimeParseException foreign) {
      // Falls through: a date or time in another form is a condition we do not know.
    }
    return null;
  }

  private static int minute(JsonNode time) {
    OffsetTime utc = OffsetTime.parse(time.asText()).withOffsetSameInstant(ZoneOffset.UTC);
    return utc.getHour() * 60 + utc.getMinute();
  }

  private void readSet(Named model, String key, JsonNode prices, Term term) {
    for (Map.Entry<String, JsonNode> price : prices.properties()) {
      String cell = key + "." + price.getKey();
      String unit = UNITS.get(price.getKey());
      JsonNode value = price.getValue();
      if (unit == null) {
        gathered.skip(model.id, cell, UNKNOWN_KEY);
      } else if (term.to != null && !term.to.isAfter(term.from)) {
        gathered.skip(model.id, cell, ENDED);
      } else {
        int per = price.getKey().endsWith("_kcount") ? THOUSAND : MILLION;
        if (value.isObject()) {
          take(model, cell + ".base", unit, term, 0, per, value.path("base"));
          for (int i = 0; i < value.path("tiers").size(); i++) {
            JsonNode tier = value.path("tiers").get(i);
            long from = BandEdges.from(model.provider, tier.path("start").asLong());
            take(model, cell + ".tiers[" + i + "]", unit, term, from, per, tier.path("price"));
          }
        } else {
          take(model, cell, unit, term, 0, per, value);
        }
      }
    }
  }

  private void take(
      Named model, String cell, String unit, Term term, long bandFrom, int per, JsonNode value) {
    if (!value.isNumber()) {
      gathered.skip(model.id, cell, NO_NUMBER);
      return;
    }
    PriceEntry entry = entry(model, unit, term);
    entry.setBandFrom(bandFrom);
    gathered.take(model.id, cell, entry, value.decimalValue().movePointLeft(per));
  }

  private PriceEntry entry(Named model, String unit, Term term) {
    PriceEntry entry = gathered.draft(PriceKind.MODEL, model.provider, model.id, model.aliases);
    entry.setUnit(unit);
    entry.setValidFrom(term.from);
    entry.setValidTo(term.to);
    entry.setDailyFromMinute(term.dailyFrom);
    entry.setDailyToMinute(term.dailyTo);
    return entry;
  }

  /** A model at one provider. */
  private record Named(String provider, String id, List<String> aliases) {}

  /**
   * When a set of prices holds.
   *
   * @param to null while open
   * @param dailyFrom first minute of the day; null for all day
   */
  private record Term(Instant from, Instant to, Integer dailyFrom, Integer dailyTo) {

    static Term always(Instant from) {
      return new Term(from, null, null, null);
    }

    static Term daily(Instant from, int first, int end) {
      return new Term(from, null, first, end);
    }

    Term until(Instant end) {
      return new Term(from, end, dailyFrom, dailyTo);
    }
  }
}
