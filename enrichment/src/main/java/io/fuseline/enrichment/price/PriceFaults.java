package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What is wrong with a price entry, whichever way it came in. */
public final class PriceFaults {

  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");
  private static final BigDecimal MAX_PRICE = Pico.toDecimal(PriceBook.MAX_PRICE_PICO);
  private static final int MAX_NAME = 512;
  private static final Set<String> CURRENCIES =
      Currency.getAvailableCurrencies().stream()
          .map(Currency::getCurrencyCode)
          .collect(Collectors.toUnmodifiableSet());

  private PriceFaults() {}

  /**
   * All faults of the entry, with its price id as the place; empty if it can be put into a book.
   */
  public static List<Fault> of(PriceEntry entry) {
    Collector faults = new Collector(entry.getPriceId() == null ? "" : entry.getPriceId());
    faults.name("price_id", entry.getPriceId(), true);
    if (entry.getKind() != PriceKind.MODEL && entry.getKind() != PriceKind.TOOL) {
      faults.add("kind", "MODEL or TOOL", String.valueOf(entry.getKind()));
    }
    faults.name("provider", entry.getProvider(), false);
    faults.name("sku", entry.getSku(), true);
    faults.name("unit", entry.getUnit(), false);
    faults.name("service_tier", entry.getServiceTier(), false);
    if (entry.getRegion() != null && !entry.getRegion().isEmpty()) {
      faults.name("region", entry.getRegion(), false);
    }
    if (entry.getAliases() == null) {
      faults.add("aliases", "a list of names", "nothing");
    } else {
      entry.getAliases().forEach(alias -> faults.name("aliases", alias, true));
    }
    price(faults, entry.getPrice());
    currency(faults, entry.getCurrency());
    validity(faults, entry.getValidFrom(), entry.getValidTo());
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

  private static void currency(Collector faults, String currency) {
    if (currency == null || !CURRENCIES.contains(currency)) {
      faults.add("currency", "an ISO 4217 code such as USD", String.valueOf(currency));
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
