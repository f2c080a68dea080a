package io.fuseline.enrichment.price;

import io.fuseline.enrichment.price.ModelNames.Candidate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the sku a name on a span stands for. Strict rules first; where a rule would have to guess
 * between several prices, nothing is found.
 */
final class Resolver {

  private static final String EVERY_SKU = "*";

  private final Catalogue models;

  Resolver(Catalogue models) {
    this.models = models;
  }

  /**
   * The sku of a model name.
   *
   * @param provider as the span names it; null or empty if it names none
   */
  Found model(String provider, String name) {
    String own = ProviderNames.canonical(provider);
    Match match = own.isEmpty() ? withoutProvider(name) : withProvider(own, name, ProviderRule.OWN);
    if (match.sku == null) {
      Match any = withProvider(ProviderNames.ANY, name, ProviderRule.ANY);
      match = any.sku == null ? match : any;
    }
    if (match.sku == null) {
      return match.rule == MatchRule.AMBIGUOUS ? Found.AMBIGUOUS : Found.NOTHING;
    }
    Set<Sku> related = related(match, name);
    Sku[] contracts = related.stream().filter(Sku::hasContracts).toArray(Sku[]::new);
    addEverySku(related, models, own, match.sku.provider);
    return new Found(
        match.sku,
        match.rule,
        match.providerRule,
        match.candidate.region(),
        contracts,
        Factors.groups(related));
  }

  /**
   * The skus a tool call, or a person's time, may be priced by: its own row, then rows for every
   * provider or every name.
   */
  static List<Found> named(Catalogue tools, String provider, String name) {
    String own = ProviderNames.canonical(provider);
    List<Found> found = new ArrayList<>();
    if (!own.isEmpty()) {
      addNamed(found, tools, own, own, name, ProviderRule.OWN);
    }
    addNamed(found, tools, own, ProviderNames.ANY, name, ProviderRule.ANY);
    if (!own.isEmpty()) {
      addEvery(found, tools, own, own, ProviderRule.OWN);
    }
    addEvery(found, tools, own, ProviderNames.ANY, ProviderRule.ANY);
    return List.copyOf(found);
  }

  private static void addNamed(
      List<Found> found,
      Catalogue tools,
      String own,
      String provider,
      String name,
      ProviderRule rule) {
    Sku exact = tools.named(provider, name);
    Sku sku = exact != null ? exact : tools.aliased(provider, name);
    if (sku != null) {
      found.add(tool(sku, tools, own, exact != null ? MatchRule.EXACT : MatchRule.ALIAS, rule));
    }
  }

  private static void addEvery(
      List<Found> found, Catalogue tools, String own, String provider, ProviderRule rule) {
    Sku every = tools.named(provider, EVERY_SKU);
    if (every != null) {
      found.add(tool(every, tools, own, MatchRule.EVERY_TOOL, rule));
    }
  }

  private static Found tool(
      Sku sku, Catalogue tools, String own, MatchRule rule, ProviderRule providerRule) {
    Set<Sku> related = new LinkedHashSet<>();
    related.add(sku);
    Sku[] contracts = sku.hasContracts() ? new Sku[] {sku} : new Sku[0];
    addEverySku(related, tools, own, sku.provider);
    return new Found(sku, rule, providerRule, null, contracts, Factors.groups(related));
  }

  /** Adds the rows that hold for every sku: of the span's provider, the row's, and of all. */
  private static void addEverySku(
      Set<Sku> related, Catalogue catalogue, String own, String provider) {
    for (String at : List.of(own, provider, ProviderNames.ANY)) {
      Sku every = catalogue.named(at, EVERY_SKU);
      if (every != null) {
        related.add(every);
      }
    }
  }

  private Match withProvider(String provider, String name, ProviderRule rule) {
    Match contractOnly = Match.NONE;
    for (Candidate candidate : ModelNames.candidates(provider, name)) {
      Sku exact = models.named(provider, candidate.name());
      Sku alias = models.aliased(provider, candidate.name());
      if (exact != null && exact.hasList()) {
        return new Match(exact, candidate, candidate.rule(MatchRule.EXACT), rule);
      }
      if (alias != null && alias.hasList()) {
        return new Match(alias, candidate, candidate.rule(MatchRule.ALIAS), rule);
      }
      Sku contracted = exact != null ? exact : alias;
      if (contractOnly == Match.NONE && contracted != null && contracted.hasContracts()) {
        contractOnly = new Match(contracted, candidate, candidate.rule(MatchRule.EXACT), rule);
      }
    }
    return contractOnly;
  }

  /**
   * The skus at the match's provider that bear any of its names: a contract for a model holds for
   * its snapshots too, though the list has a row for each. Names that may have another price than
   * the match do not count.
   */
  private Set<Sku> related(Match match, String name) {
    Set<Sku> related = new LinkedHashSet<>();
    related.add(match.sku);
    for (Candidate candidate : ModelNames.candidates(match.sku.provider, name)) {
      if (!candidate.changesPrice() || match.candidate.changesPrice()) {
        Sku exact = models.named(match.sku.provider, candidate.name());
        Sku alias = models.aliased(match.sku.provider, candidate.name());
        if (exact != null) {
          related.add(exact);
        }
        if (alias != null) {
          related.add(alias);
        }
      }
    }
    return related;
  }

  private Match withoutProvider(String name) {
    List<Candidate> candidates = ModelNames.candidates("", name);
    Match named = sole(name, candidates.get(0));
    if (named != Match.NONE) {
      return named;
    }
    int slash = name.indexOf('/');
    if (slash > 0) {
      Match fromName =
          withProvider(
              ProviderNames.canonical(name.substring(0, slash)),
              name.substring(slash + 1),
              ProviderRule.FROM_NAME);
      if (fromName.sku != null) {
        return new Match(
            fromName.sku, fromName.candidate, MatchRule.PREFIX_STRIPPED, ProviderRule.FROM_NAME);
      }
    }
    for (Candidate candidate : candidates) {
      Match found = sole(name, candidate);
      if (found != Match.NONE) {
        return found;
      }
    }
    return Match.NONE;
  }

  /**
   * The one provider that has the name, else the model's maker; a row of any provider is left to
   * the caller.
   */
  private Match sole(String name, Candidate candidate) {
    Match exact = sole(models.named(candidate.name()), name, candidate, MatchRule.EXACT);
    return exact != Match.NONE
        ? exact
        : sole(models.aliased(candidate.name()), name, candidate, MatchRule.ALIAS);
  }

  private static Match sole(Sku[] skus, String name, Candidate candidate, MatchRule rule) {
    String maker = ProviderNames.maker(name.substring(name.lastIndexOf('/') + 1));
    Sku only = null;
    Sku made = null;
    int others = 0;
    int makers = 0;
    for (Sku sku : skus) {
      if (sku.provider.equals(ProviderNames.ANY) || !sku.hasList()) {
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
      return Match.NONE;
    }
    if (others == 1) {
      return new Match(only, candidate, candidate.rule(rule), ProviderRule.SOLE);
    }
    return makers == 1
        ? new Match(made, candidate, candidate.rule(rule), ProviderRule.MAKER)
        : Match.AMBIGUOUS;
  }

  /**
   * A sku under one of a name's forms.
   *
   * @param sku null for none
   */
  private record Match(Sku sku, Candidate candidate, MatchRule rule, ProviderRule providerRule) {
    static final Match NONE = new Match(null, null, MatchRule.NONE, ProviderRule.NONE);
    static final Match AMBIGUOUS = new Match(null, null, MatchRule.AMBIGUOUS, ProviderRule.NONE);
  }
}
