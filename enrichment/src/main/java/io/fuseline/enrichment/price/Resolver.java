package io.fuseline.enrichment.price;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Finds the sku a name on a span stands for. Strict rules first; where a rule would have to guess
 * between several prices, nothing is found.
 */
final class Resolver {

  private static final String EVERY_TOOL = "*";

  /** Path segments in front of a model name that say nothing about its price. */
  private static final List<String> NEUTRAL_PREFIXES = List.of("models/", "publishers/");

  private static final Pattern SNAPSHOT =
      Pattern.compile("(?:[-@]20\\d{6}|[-@]20\\d{2}-\\d{2}-\\d{2}|[-@]latest)$");

  private final Catalogue models;
  private final Catalogue tools;

  Resolver(Catalogue models, Catalogue tools) {
    this.models = models;
    this.tools = tools;
  }

  /**
   * The sku of a model name.
   *
   * @param provider as the span names it; null or empty if it names none
   */
  Found model(String provider, String name) {
    String own = ProviderNames.canonical(provider);
    Found found = own.isEmpty() ? withoutProvider(name) : withProvider(own, name, ProviderRule.OWN);
    if (found.sku() != null) {
      return found;
    }
    Found any = withProvider(ProviderNames.ANY, name, ProviderRule.ANY);
    return any.sku() == null ? found : any;
  }

  /**
   * The skus a tool call may be priced by: its own row, then rows for every provider or every tool.
   */
  List<Found> tool(String provider, String name) {
    String own = ProviderNames.canonical(provider);
    List<Found> found = new ArrayList<>();
    if (!own.isEmpty()) {
      addTool(found, own, name, ProviderRule.OWN);
    }
    addTool(found, ProviderNames.ANY, name, ProviderRule.ANY);
    if (!own.isEmpty()) {
      addEveryTool(found, own, ProviderRule.OWN);
    }
    addEveryTool(found, ProviderNames.ANY, ProviderRule.ANY);
    return List.copyOf(found);
  }

  private void addTool(List<Found> found, String provider, String name, ProviderRule rule) {
    Sku exact = tools.named(provider, name);
    if (exact != null) {
      found.add(new Found(exact, MatchRule.EXACT, rule));
      return;
    }
    Sku alias = tools.aliased(provider, name);
    if (alias != null) {
      found.add(new Found(alias, MatchRule.ALIAS, rule));
    }
  }

  private void addEveryTool(List<Found> found, String provider, ProviderRule rule) {
    Sku every = tools.named(provider, EVERY_TOOL);
    if (every != null) {
      found.add(new Found(every, MatchRule.EVERY_TOOL, rule));
    }
  }

  private Found withProvider(String provider, String name, ProviderRule rule) {
    for (Candidate candidate : candidates(provider, name)) {
      Sku exact = models.named(provider, candidate.name);
      if (exact != null) {
        return new Found(exact, candidate.rule(MatchRule.EXACT), rule);
      }
      Sku alias = models.aliased(provider, candidate.name);
      if (alias != null) {
        return new Found(alias, candidate.rule(MatchRule.ALIAS), rule);
      }
    }
    return Found.NOTHING;
  }

  private Found withoutProvider(String name) {
    Found named = sole(name, new Candidate(name, null));
    if (named != Found.NOTHING) {
      return named;
    }
    int slash = name.indexOf('/');
    if (slash > 0) {
      Found fromName =
          withProvider(
              ProviderNames.canonical(name.substring(0, slash)),
              name.substring(slash + 1),
              ProviderRule.FROM_NAME);
      if (fromName != Found.NOTHING) {
        return new Found(fromName.sku(), MatchRule.PREFIX_STRIPPED, ProviderRule.FROM_NAME);
      }
    }
    for (Candidate candidate : candidates("", name)) {
      Found found = sole(name, candidate);
      if (found != Found.NOTHING) {
        return found;
      }
    }
    return Found.NOTHING;
  }

  /**
   * The one provider that has the name, else the model's maker; a row of any provider is left to
   * the caller.
   */
  private Found sole(String name, Candidate candidate) {
    Found exact = sole(models.named(candidate.name), name, candidate.rule(MatchRule.EXACT));
    return exact != Found.NOTHING
        ? exact
        : sole(models.aliased(candidate.name), name, candidate.rule(MatchRule.ALIAS));
  }

  private static Found sole(Sku[] skus, String name, MatchRule rule) {
    String maker = ProviderNames.maker(name.substring(name.lastIndexOf('/') + 1));
    Sku only = null;
    Sku made = null;
    int others = 0;
    int makers = 0;
    for (Sku sku : skus) {
      if (sku.provider.equals(ProviderNames.ANY)) {
        continue;
      }
      only = sku;
      others++;
      if (sku.provider.equals(maker)) {
        made = sku;
        makers++;
      }
    }
    if (others == 0) {
      return Found.NOTHING;
    }
    if (others == 1) {
      return new Found(only, rule, ProviderRule.SOLE);
    }
    return makers == 1 ? new Found(made, rule, ProviderRule.MAKER) : Found.AMBIGUOUS;
  }

  /** Names to try, strictest first: as written, without prefix, without date, without both. */
  private static List<Candidate> candidates(String provider, String name) {
    List<Candidate> candidates = new ArrayList<>(4);
    candidates.add(new Candidate(name, null));
    String bare = withoutPrefix(provider, name);
    if (!bare.equals(name)) {
      candidates.add(new Candidate(bare, MatchRule.PREFIX_STRIPPED));
    }
    String base = SNAPSHOT.matcher(name).replaceFirst("");
    if (!base.equals(name) && !base.isEmpty()) {
      candidates.add(new Candidate(base, MatchRule.DATED_SNAPSHOT));
      String bareBase = withoutPrefix(provider, base);
      if (!bareBase.equals(base)) {
        candidates.add(new Candidate(bareBase, MatchRule.DATED_SNAPSHOT));
      }
    }
    return candidates;
  }

  /**
   * Takes off prefixes that do not change the price: neutral ones, the provider's own name, and the
   * name of the maker. A prefix that names another provider stays, for that provider's price may
   * differ.
   */
  private static String withoutPrefix(String provider, String name) {
    String bare = name;
    for (String neutral : NEUTRAL_PREFIXES) {
      if (bare.startsWith(neutral)) {
        bare = bare.substring(neutral.length());
      }
    }
    int slash = bare.indexOf('/');
    if (slash > 0) {
      String prefix = ProviderNames.canonical(bare.substring(0, slash));
      String rest = bare.substring(slash + 1);
      if (prefix.equals(provider) || prefix.equals(ProviderNames.maker(rest))) {
        bare = rest;
      }
    }
    return bare;
  }

  /**
   * A name to try.
   *
   * @param changed how it was made from the name on the span; null if it is that name
   */
  private record Candidate(String name, MatchRule changed) {
    MatchRule rule(MatchRule found) {
      return changed == null ? found : changed;
    }
  }
}
