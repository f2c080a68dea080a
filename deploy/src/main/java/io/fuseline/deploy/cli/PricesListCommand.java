package io.fuseline.deploy.cli;

import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.json.AvroJson;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "list",
    description = {
      "Shows the prices on the cluster. A price is for one unit: one token, one call.",
      "TERMS are what a price holds under: the tier, then region, band, time of the day (UTC), tenant, and how it is applied."
    })
final class PricesListCommand implements Callable<Integer> {
  private static final Comparator<PriceEntry> ORDER =
      Comparator.comparing(PriceEntry::getProvider)
          .thenComparing(PriceEntry::getSku)
          .thenComparing(PriceEntry::getUnit)
          .thenComparing(PriceEntry::getServiceTier)
          .thenComparing(PriceEntry::getBandFrom)
          .thenComparing(PriceEntry::getValidFrom);

  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;

  @Option(
      names = "--model",
      paramLabel = "TEXT",
      description = "Only models and tools whose name or alias contains the text, in any case.")
  private String model = "";

  @Option(names = "--provider", paramLabel = "NAME", description = "Only prices of this provider.")
  private String provider;

  @Option(names = "--json", description = "One JSON object per line, every field.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    var topic =
        new CompactedTopic<>(
            cluster.topics().prices().name(), PriceEntry.class, cluster.clientSettings());
    List<PriceEntry> prices =
        cluster.reaching(topic::read).values().stream()
            .filter(this::isWanted)
            .sorted(ORDER)
            .toList();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      prices.forEach(price -> out.println(AvroJson.toJsonText(price)));
    } else {
      Table table =
          new Table(
              "PROVIDER",
              "NAME",
              "UNIT",
              "TERMS",
              ">PRICE",
              "CURRENCY",
              "FROM",
              "TO",
              "KNOWN SINCE",
              "SOURCE");
      prices.forEach(price -> table.row(cells(price)));
      table.print(out);
    }
    out.flush();
    return ExitCode.OK;
  }

  private boolean isWanted(PriceEntry price) {
    String part = model.toLowerCase(Locale.ROOT);
    boolean named =
        Stream.concat(Stream.of(price.getSku()), price.getAliases().stream())
            .anyMatch(name -> name.toLowerCase(Locale.ROOT).contains(part));
    return named && (provider == null || provider.equalsIgnoreCase(price.getProvider()));
  }

  private static String[] cells(PriceEntry price) {
    return new String[] {
      price.getProvider(),
      price.getSku(),
      price.getUnit(),
      PriceTerms.of(price),
      PricesImportCommand.plain(price.getPrice()),
      price.getCurrency(),
      price.getValidFrom().toString(),
      price.getValidTo() == null ? "" : price.getValidTo().toString(),
      price.getKnownSince() == null ? "" : price.getKnownSince().toString(),
      price.getSource()
    };
  }
}
