package io.fuseline.deploy.replay;

import io.fuseline.enrichment.price.DefaultPrices;
import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.price.PriceFileException;
import io.fuseline.enrichment.price.PriceListFormat;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.stream.policy.DefaultPolicies;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicyFile;
import io.fuseline.stream.policy.PolicyFileException;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.Rule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/** Loads what a replay prices and judges by. */
final class Inputs {
  /** In place of a file: what comes with Fuseline. */
  static final String SHIPPED = "default";

  /** A LiteLLM list says nothing of since when: as far back as any span may be. */
  private static final LocalDate SINCE_EVER = LocalDate.of(2000, 1, 1);

  private Inputs() {}

  static PriceBook prices(String source) {
    List<PriceEntry> entries = priceEntries(source);
    if (entries.isEmpty()) {
      throw new ReplayInputException(source + ": no price found.");
    }
    PriceBook book = new PriceBook(PriceListFormat.currencyOf(entries));
    try {
      entries.forEach(book::put);
    } catch (IllegalArgumentException e) {
      throw new ReplayInputException(source + ": " + e.getMessage(), e);
    }
    return book;
  }

  private static List<PriceEntry> priceEntries(String source) {
    try {
      if (source.equals(SHIPPED)) {
        return DefaultPrices.load();
      }
      Path file = existing(source, "prices");
      return PriceListFormat.byEnding(file)
          .read(file, SINCE_EVER, SINCE_EVER.atStartOfDay(ZoneOffset.UTC).toInstant())
          .entries();
    } catch (PriceFileException e) {
      throw new ReplayInputException(e.getMessage(), e);
    } catch (IOException e) {
      throw new ReplayInputException(
          "Cannot read the price list " + source + ": " + e.getMessage(), e);
    }
  }

  /**
   * @param currency of the prices; a budget in another one could not be held against them
   */
  static PolicySet policies(String source, String currency) {
    List<ParsedPolicy> parsed = parsedPolicies(source);
    if (parsed.isEmpty()) {
      throw new ReplayInputException(
          source + ": no policy found; expected YAML documents in .yaml or .yml files.");
    }
    for (ParsedPolicy each : parsed) {
      if (each.policy().rule() instanceof Rule.Budget budget
          && !budget.currency().equals(currency)) {
        throw new ReplayInputException(
            "%s: policy %s: rule.currency: expected %s as in the prices, found %s"
                .formatted(each.file(), each.policy().id(), currency, budget.currency()));
      }
    }
    return PolicySet.of(parsed.stream().map(ParsedPolicy::policy).toList());
  }

  private static List<ParsedPolicy> parsedPolicies(String source) {
    try {
      return source.equals(SHIPPED)
          ? DefaultPolicies.load()
          : PolicyFile.read(existing(source, "policies"));
    } catch (PolicyFileException | UncheckedIOException e) {
      throw new ReplayInputException(e.getMessage(), e);
    }
  }

  private static Path existing(String source, String what) {
    Path path = Path.of(source);
    if (!Files.exists(path)) {
      throw new ReplayInputException(
          "No file %s with %s; '%s' takes the shipped ones.".formatted(source, what, SHIPPED));
    }
    return path;
  }
}
