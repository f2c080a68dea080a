package io.fuseline.deploy.cli;

import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.enrichment.price.Pico;
import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.price.PriceExplanation;
import io.fuseline.enrichment.price.PriceExplanation.Reason;
import io.fuseline.enrichment.price.PriceFileException;
import io.fuseline.enrichment.price.PriceListFormat;
import io.fuseline.enrichment.price.Pricing;
import io.fuseline.enrichment.price.PricingNote;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.json.AvroJson;
import io.fuseline.schemas.json.RecordJsonException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "explain",
    description = {
      "Prints how one span is priced, rule by rule: the names tried, and for each unit the quantity, the price used and why.",
      "Prices are those that come with Fuseline unless --prices or --cluster says otherwise."
    })
final class PricesExplainCommand implements Callable<Integer> {
  /** A list says nothing of since when: as far back as any span may be. */
  private static final LocalDate SINCE_EVER = LocalDate.of(2000, 1, 1);

  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;

  @Parameters(
      paramLabel = "SPAN.json",
      description = "One span as JSON with the field names of AgentSpan.")
  private Path spanFile;

  @Option(
      names = "--prices",
      paramLabel = "FILE",
      description = "Price list to use: a price file, a .csv, or a LiteLLM .json or .json.gz.")
  private Path prices;

  @Option(
      names = "--from",
      paramLabel = "FORMAT",
      description =
          "Form of --prices where its ending does not tell: litellm, genai-prices, models-dev, csv, file.")
  private PriceListFormat format;

  @Option(names = "--cluster", description = "Use the prices on the cluster.")
  private boolean onCluster;

  @Override
  public Integer call() throws Exception {
    if (onCluster && prices != null) {
      throw new ParameterException(
          spec.commandLine(), "Give either --prices or --cluster, not both");
    }
    PriceBook book = book(onCluster ? clusterPrices() : listPrices());
    PrintWriter out = spec.commandLine().getOut();
    print(span(), book, out);
    out.flush();
    return ExitCode.OK;
  }

  private CheckedSpan.Accepted span() {
    try {
      AgentSpan span = AvroJson.fromJsonText(Files.readString(spanFile), AgentSpan.class);
      CheckedSpan checked = SpanCheck.check(span, SpanCheck.NO_CLOCK);
      if (checked instanceof CheckedSpan.Rejected rejected) {
        throw new RefusedInputException(spanFile + ": " + rejected.message());
      }
      return (CheckedSpan.Accepted) checked;
    } catch (RecordJsonException e) {
      throw new RefusedInputException(spanFile + ": " + e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new RefusedInputException("There is no span " + spanFile + ".", e);
    } catch (IOException e) {
      throw new RefusedInputException("Cannot read the span " + spanFile + ": " + e, e);
    }
  }

  private Collection<PriceEntry> clusterPrices() throws Exception {
    var topic =
        new CompactedTopic<>(
            cluster.topics().prices().name(), PriceEntry.class, cluster.clientSettings());
    return cluster.reaching(topic::read).values();
  }

  private List<PriceEntry> listPrices() {
    PriceListFormat form = format;
    if (form == null) {
      form = prices == null ? PriceListFormat.DEFAULT : PriceListFormat.byEnding(prices);
    }
    if (form.needsFile() == (prices == null)) {
      throw new ParameterException(
          spec.commandLine(),
          form.needsFile() ? "--from needs --prices" : "--from " + form + " takes no --prices");
    }
    try {
      return form.read(prices, SINCE_EVER, SINCE_EVER.atStartOfDay(ZoneOffset.UTC).toInstant())
          .entries();
    } catch (NoSuchFileException e) {
      throw new RefusedInputException("There is no price list " + prices + ".", e);
    } catch (PriceFileException e) {
      throw new RefusedInputException(e.getMessage(), e);
    } catch (IOException e) {
      throw new RefusedInputException(
          "Cannot read the price list " + prices + ": " + e.getMessage(), e);
    }
  }

  private static PriceBook book(Collection<PriceEntry> entries) {
    PriceBook book = new PriceBook(PriceListFormat.currencyOf(entries));
    try {
      entries.forEach(book::put);
    } catch (IllegalArgumentException e) {
      throw new RefusedInputException(e.getMessage(), e);
    }
    return book;
  }

  private static void print(CheckedSpan.Accepted span, PriceBook book, PrintWriter out) {
    PriceExplanation why = PriceExplanation.of(book, span);
    Pricing pricing = why.pricing();
    out.println(
        "span %s, %s, %s, tenant %s"
            .formatted(
                span.span().getSpanId(),
                span.span().getKind(),
                Instant.EPOCH.plus(span.eventTimeMicros(), ChronoUnit.MICROS),
                span.tenant()));
    out.println(
        "asked for: %s at %s, tier %s, region %s, %d input tokens in all"
            .formatted(
                pricing.name() == null ? "no name" : pricing.name(),
                why.provider().isEmpty() ? "no provider" : why.provider(),
                why.tier(),
                why.region() == null ? "not told" : why.region(),
                why.inputTokens()));
    why.tried()
        .forEach(
            tried ->
                out.println(
                    "  tried %s (%s)%s"
                        .formatted(tried.name(), tried.rule(), tried.found() ? ": found" : "")));
    out.println(
        pricing.sku() == null
            ? "no price: name rule " + pricing.matchRule()
            : "priced as: %s at %s, name rule %s, provider rule %s"
                .formatted(
                    pricing.sku(),
                    pricing.provider(),
                    pricing.matchRule(),
                    pricing.providerRule()));
    out.println();
    why.lines().forEach(reason -> print(reason, book.currency(), out));
    pricing.notes().forEach(note -> out.println("note " + note + ": " + meaning(note)));
    out.println(
        "%s: list cost %s, contracted cost %s, bound of what has no price %s %s"
            .formatted(
                pricing.status(),
                amount(pricing.listPico()),
                amount(pricing.contractedPico()),
                amount(pricing.boundPico()),
                book.currency()));
  }

  private static void print(Reason reason, String currency, PrintWriter out) {
    Pricing.Line line = reason.line();
    String counted = "%s %d".formatted(line.unit(), line.quantity());
    if (line.priced()) {
      out.println(
          "%s x %s = list %s, contracted %s %s"
              .formatted(
                  counted,
                  amount(line.unitPricePico()),
                  amount(line.listPico()),
                  amount(line.contractedPico()),
                  currency));
    } else {
      out.println(
          counted
              + " has no price; bound "
              + (line.boundPico() < 0 ? "unknown" : amount(line.boundPico()) + " " + currency));
    }
    String role = line.priced() ? "price" : "bound by";
    for (String each : rows(role, reason)) {
      out.println("  " + each);
    }
  }

  private static List<String> rows(String role, Reason reason) {
    List<String> rows = new ArrayList<>();
    if (reason.row() != null) {
      rows.add(row(role, reason.row()));
    }
    if (reason.contract() != null) {
      rows.add(row("contract", reason.contract()));
    }
    reason.factors().forEach(factor -> rows.add(row("factor", factor)));
    return rows;
  }

  private static String row(String role, PriceEntry entry) {
    String until = entry.getValidTo() == null ? "" : " to " + entry.getValidTo();
    return "%s %s %s (%s; holds from %s%s) %s"
        .formatted(
            role,
            PricesImportCommand.plain(entry.getPrice()),
            entry.getCurrency(),
            PriceTerms.of(entry),
            entry.getValidFrom(),
            until,
            entry.getPriceId());
  }

  private static String amount(long pico) {
    return PricesImportCommand.plain(Pico.toDecimal(pico));
  }

  private static String meaning(PricingNote note) {
    return switch (note) {
      case REQUEST_MODEL_USED -> "the response's model has no price; the request's was used";
      case TIER_FELL_BACK -> "no price in the span's tier; the standard price was used";
      case UNIT_FELL_BACK -> "a unit without a price took that of the unit it is billed as";
      case REGION_PREFIX_DROPPED ->
          "only the price of the model without its region is known; the region may cost more";
      case LIST_FROM_CONTRACT -> "there is no list price; the contract's counts for both";
      case NO_EXCHANGE_RATE -> "a price is in a currency that has no rate at the time";
      case DECLARED_COST_MISSING -> "the tool declares its cost, but the span does not say it";
      case DECLARED_COST_OVER_CAP -> "the span declares more than the tool may cost";
      case IMPLAUSIBLE_COST -> "a line came to more than is believed; it is not booked";
      case USAGE_MISSING -> "the span tells no usage; what the call cost is not known";
    };
  }
}
