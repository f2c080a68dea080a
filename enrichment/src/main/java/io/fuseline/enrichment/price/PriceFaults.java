package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What is wrong with a price entry, whichever way it came in. */
public final class PriceFaults {

  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");
  private static final BigDecimal MAX_PRICE = Pico.toDecimal(PriceBook.MAX_PRICE_PICO);
  private static final int MAX_NAME = 512;
  private static final int MINUTES_OF_DAY = 24 * 60;
  private static final String EVERY = "*";
  private static final Pattern CURRENCY = Pattern.compile("[A-Z][A-Z0-9_.-]{1,31}");

  private PriceFaults() {}

  /**
   * All faults of the entry, with its price id as the place; empty if it can be put into a book.
   */
  public static List<Fault> of(PriceEntry entry) {
    Collector faults = new Collector(entry.getPriceId() == null ? "" : entry.getPriceId());
    faults.name("price_id", entry.getPriceId(), true);
    if (entry.getKind() == null || entry.getKind() == PriceKind.OTHER) {
      faults.add("kind", "MODEL, TOOL, HUMAN or CURRENCY", String.valueOf(entry.getKind()));
    }
    faults.name("provider", entry.getProvider(), false);
    faults.name("sku", entry.getSku(), true);
    faults.name("unit", entry.getUnit(), false);
    faults.name("service_tier", entry.getServiceTier(), false);
    if (entry.getRegion() != null && !entry.getRegion().isEmpty()) {
      faults.name("region", entry.getRegion(), false);
    }
    if (entry.getTenantId() != null) {
      faults.name("tenant_id", entry.getTenantId(), true);
    }
    if (entry.getAliases() == null) {
      faults.add("aliases", "a list of names", "nothing");
    } else {
      entry.getAliases().forEach(alias -> faults.name("aliases", alias, true));
    }
    price(faults, entry.getPrice());
    currency(faults, entry);
    validity(faults, entry.getValidFrom(), entry.getValidTo());
    band(faults, entry);
    timeOfDay(faults, entry.getDailyFromMinute(), entry.getDailyToMinute());
    basis(faults, entry);
    return List.copyOf(faults.found);
  }

  private static void price(Collector faults, BigDecimal price) {
    if (price == null) {
      faults.add("price", "a decimal of 0 or more", "nothing");
    } else if (price.signum() < 0) {
      faults.add("price", "0 or more", price.toPlainString());
    } else if (price.compareTo(MAX_PRICE) > 0) {
      faults.add(
          "price", "at most " + MAX_PRICE.stripTrailingZeros().toPlainString(), price.toString());
    } else if (price.stripTrailingZeros().scale() > Pico.SCALE) {
      faults.add("price", "at most " + Pico.SCALE + " decimals", price.toPlainString());
    }
  }

  private static void currency(Collector faults, PriceEntry entry) {
    String currency = entry.getCurrency();
    if (currency == null || !CURRENCY.matcher(currency).matches()) {
      faults.add(
          "currency",
          "an ISO 4217 code such as USD, or the name of a virtual currency such as DBU",
          String.valueOf(currency));
    } else if (entry.getKind() == PriceKind.CURRENCY && currency.equals(entry.getSku())) {
      faults.add("currency", "another currency than its own", currency);
    }
  }

  private static void band(Collector faults, PriceEntry entry) {
    String unit = entry.getBandUnit();
    if (unit == null) {
      faults.add("band_unit", "a usage unit, or empty for all input tokens", "nothing");
    } else if (!unit.isEmpty()) {
      faults.name("band_unit", unit, false);
      if (entry.getBandFrom() == 0) {
        faults.add("band_from", "1 or more where band_unit is given", "0");
      }
    }
    if (entry.getBandFrom() < 0) {
      faults.add("band_from", "0 or more", Long.toString(entry.getBandFrom()));
    }
  }

  private static void timeOfDay(Collector faults, Integer from, Integer to) {
    if (from == null && to == null) {
      return;
    }
    minute(faults, "daily_from_minute", from, MINUTES_OF_DAY - 1);
    minute(faults, "daily_to_minute", to, MINUTES_OF_DAY);
    if (from != null && from.equals(to)) {
      faults.add("daily_to_minute", "another minute than daily_from_minute", to.toString());
    }
  }

  private static void minute(Collector faults, String field, Integer minute, int last) {
    if (minute == null) {
      faults.add(field, "a minute of the day, as the window's other end is given", "nothing");
    } else if (minute < 0 || minute > last) {
      faults.add(field, "a minute of the day, 0 to " + last, minute.toString());
    }
  }

  private static void basis(Collector faults, PriceEntry entry) {
    PriceBasis basis = entry.getBasis() == null ? PriceBasis.OTHER : entry.getBasis();
    PriceKind kind = entry.getKind();
    if (basis == PriceBasis.OTHER) {
      faults.add(
          "basis",
          "PER_UNIT, MULTIPLIER, DECLARED, ALIAS or COMMITMENT",
          String.valueOf(entry.getBasis()));
    }
    if (kind == PriceKind.CURRENCY && basis != PriceBasis.PER_UNIT) {
      faults.add("basis", "PER_UNIT for a CURRENCY", basis.name());
    }
    if (kind == PriceKind.MODEL && EVERY.equals(entry.getSku()) && basis != PriceBasis.MULTIPLIER) {
      faults.add("sku", "the name of one model ('*' only for multipliers and tools)", EVERY);
    }
    if (Units.EVERY_TOKEN.equals(entry.getUnit()) && basis != PriceBasis.MULTIPLIER) {
      faults.add("unit", "one unit ('*_tokens' only for multipliers)", Units.EVERY_TOKEN);
    }
    if (EVERY.equals(entry.getUnit())
        && basis != PriceBasis.MULTIPLIER
        && basis != PriceBasis.ALIAS
        && kind != PriceKind.CURRENCY) {
      faults.add("unit", "one unit ('*' only for multipliers and aliases)", EVERY);
    }
    if (basis == PriceBasis.DECLARED) {
      if (kind != PriceKind.TOOL || !Units.CALLS.equals(entry.getUnit())) {
        faults.add("basis", "DECLARED only for calls of a TOOL", kind + " " + entry.getUnit());
      }
      if (entry.getTenantId() != null) {
        faults.add("tenant_id", "nothing, for a declared cost is no contract", entry.getTenantId());
      }
    }
    if (basis == PriceBasis.ALIAS && (entry.getAliases() == null || entry.getAliases().isEmpty())) {
      faults.add("aliases", "the names that stand for the sku", "none");
    }
    boolean committed = basis == PriceBasis.COMMITMENT;
    if (committed && (entry.getCapacity() == null || entry.getCapacity() < 1)) {
      faults.add("capacity", "units per hour, 1 or more", String.valueOf(entry.getCapacity()));
    } else if (!committed && entry.getCapacity() != null) {
      faults.add("capacity", "nothing, but for a COMMITMENT", entry.getCapacity().toString());
    }
  }

  private static void validity(Collector faults, Instant from, Instant to) {
    if (from == null) {
      faults.add("valid_from", "an instant", "nothing");
      return;
    }
    if (from.isBefore(EARLIEST) || !from.isBefore(LATEST)) {
      faults.add("valid_from", "an instant of the years 2000 to 2199", from.toString());
    }
    if (to != null && !to.isAfter(from)) {
      faults.add("valid_to", "an instant after valid_from " + from, to.toString());
    } else if (to != null && to.isAfter(LATEST)) {
      faults.add("valid_to", "an instant of the years 2000 to 2199", to.toString());
    }
  }

  private static final class Collector {
    private final String where;
    private final List<Fault> found = new ArrayList<>();

    Collector(String where) {
      this.where = where;
    }

    void add(String field, String expected, String actual) {
      found.add(new Fault(where, 0, field, expected, actual));
    }

    void name(String field, String name, boolean slashAllowed) {
      if (name == null || name.isBlank()) {
        add(field, "a name", "nothing");
      } else if (name.length() > MAX_NAME) {
        add(field, "at most " + MAX_NAME + " characters", name.length() + " characters");
      } else if (!slashAllowed && name.indexOf('/') >= 0) {
        add(field, "a name without '/'", name);
      } else if (name.chars().anyMatch(Character::isISOControl)) {
        add(field, "a name without control characters", String.format(Locale.ROOT, "'%s'", name));
      }
    }
  }
}
