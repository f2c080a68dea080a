package io.fuseline.deploy.cli;

import io.fuseline.deploy.progress.Progress;
import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.deploy.setup.FeedCheck;
import io.fuseline.deploy.setup.PriceChanges;
import io.fuseline.enrichment.price.ImportResult;
import io.fuseline.enrichment.price.PriceFileException;
import io.fuseline.enrichment.price.PriceListFormat;
import io.fuseline.schemas.PriceEntry;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "import",
    description = {
      "Compares a price list with the prices on the cluster, shows what changes, and writes it.",
      "A price that changes is written beside the old one, which goes on to hold for earlier spans.",
      "A list in which a price jumps by more than 5 times, or from which more than one name in a hundred has vanished, is held back: nothing is written, and the exit code is 5."
    })
final class PricesImportCommand implements Callable<Integer> {
  /** How many lines of each kind are shown unless all are asked for. */
  private static final int SHOWN = 20;

  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "FORMAT",
      description =
          "Form of the list: litellm, genai-prices, models-dev (their JSON, plain or gzip), csv, file (our own price file), default (the list that comes with Fuseline; no FILE).")
  private PriceListFormat format;

  @Parameters(arity = "0..1", paramLabel = "FILE", description = "The price list.")
  private Path file;

  @Option(
      names = "--source-date",
      paramLabel = "DATE",
      description =
          "Day the list is of, such as 2026-11-24, where it does not say so itself. Default: today.")
  private LocalDate sourceDate;

  @Option(
      names = "--valid-from",
      paramLabel = "DATE",
      description =
          "Day from which prices hold that do not say so themselves, 00:00 UTC. Default: the day the list is of.")
  private LocalDate validFrom;

  @Option(names = "--dry-run", description = "Only show what would change.")
  private boolean dryRun;

  @Option(
      names = "--accept",
      description = "Take the list although it would be held back. Look at the changes first.")
  private boolean accept;

  @Option(
      names = "--prune",
      description = "End prices that came from this list earlier and are no longer in it.")
  private boolean prune;

  @Option(
      names = "--all",
      description = "Show every change, not only the first " + SHOWN + " of each kind.")
  private boolean all;

  @Override
  public Integer call() throws Exception {
    if (format.needsFile() == (file == null)) {
      throw new ParameterException(
          spec.commandLine(),
          format.needsFile() ? "FILE is missing" : "--from " + format + " takes no FILE");
    }
    PrintWriter out = spec.commandLine().getOut();
    List<PriceEntry> proposed = read(out);
    Instant now = Instant.now();
    var topic =
        new CompactedTopic<>(
            cluster.topics().prices().name(), PriceEntry.class, cluster.clientSettings());
    Map<String, PriceEntry> current = cluster.reaching(topic::read);
    PriceChanges changes = PriceChanges.between(current.values(), proposed, now);
    show(changes, out);
    FeedCheck check = FeedCheck.of(current.values(), proposed, changes, now);
    show(check, out);
    Map<String, PriceEntry> records = changes.records(now, prune, now);
    if (!check.passes() && !accept) {
      out.println("Held back: nothing was written. --accept takes the list all the same.");
      out.flush();
      return ExitCode.HELD_BACK;
    }
    if (dryRun) {
      out.println("Nothing was written: --dry-run.");
    } else if (!records.isEmpty()) {
      cluster.reaching(() -> write(topic, records));
      out.println("Wrote " + records.size() + " prices.");
    }
    out.flush();
    return ExitCode.OK;
  }

  private List<PriceEntry> read(PrintWriter out) {
    LocalDate dated = sourceDate == null ? LocalDate.now(ZoneOffset.UTC) : sourceDate;
    LocalDate from = validFrom == null ? dated : validFrom;
    try {
      ImportResult result = format.read(file, dated, from.atStartOfDay(ZoneOffset.UTC).toInstant());
      result
          .skippedByReason()
          .forEach((reason, count) -> out.println("skipped " + count + ": " + reason));
      lines(
          result.rounded().stream()
              .map(
                  cell ->
                      "rounded  "
                          + cell.model()
                          + " "
                          + cell.key()
                          + " "
                          + plain(cell.stated())
                          + " -> "
                          + plain(cell.taken()))
              .toList(),
          out);
      return result.entries();
    } catch (NoSuchFileException e) {
      throw new RefusedInputException("There is no price list " + file + ".", e);
    } catch (PriceFileException e) {
      throw new RefusedInputException(e.getMessage(), e);
    } catch (IOException e) {
      throw new RefusedInputException(
          "Cannot read the price list " + file + ": " + e.getMessage(), e);
    }
  }

  private Void write(CompactedTopic<PriceEntry> topic, Map<String, PriceEntry> records) {
    try (Progress progress =
        Progress.start(
            "import", "prices", OptionalLong.of(records.size()), spec.commandLine().getErr())) {
      topic.write(records, progress::advance);
    }
    return null;
  }

  private void show(PriceChanges changes, PrintWriter out) {
    lines(
        changes.added().stream()
            .map(price -> "new      " + name(price) + " " + amount(price))
            .toList(),
        out);
    lines(
        changes.changed().stream()
            .map(
                change ->
                    "changed  "
                        + name(change.after())
                        + " "
                        + amount(change.before())
                        + " -> "
                        + amount(change.after()))
            .toList(),
        out);
    lines(
        changes.removed().stream()
            .map(price -> "removed  " + name(price) + " " + amount(price))
            .toList(),
        out);
    out.println(
        changes.added().size()
            + " new, "
            + changes.changed().size()
            + " changed, "
            + changes.removed().size()
            + " removed, "
            + changes.unchanged()
            + " unchanged");
    if (!changes.removed().isEmpty() && !prune) {
      out.println("Removed prices go on to hold; --prune ends them.");
    }
  }

  private void show(FeedCheck check, PrintWriter out) {
    lines(
        check.jumps().stream()
            .map(
                change ->
                    "jumps    "
                        + name(change.after())
                        + " "
                        + amount(change.before())
                        + " -> "
                        + amount(change.after()))
            .toList(),
        out);
    if (!check.vanished().isEmpty()) {
      lines(check.vanished().stream().map(name -> "vanished " + name).toList(), out);
      out.println(
          check.vanished().size() + " of " + check.before() + " names of this list have vanished");
    }
  }

  private void lines(List<String> lines, PrintWriter out) {
    int shown = all ? lines.size() : Math.min(SHOWN, lines.size());
    lines.subList(0, shown).forEach(out::println);
    if (shown < lines.size()) {
      out.println("... and " + (lines.size() - shown) + " more; --all shows them");
    }
  }

  private static String name(PriceEntry price) {
    return price.getProvider()
        + "/"
        + price.getSku()
        + " "
        + price.getUnit()
        + " "
        + PriceTerms.of(price);
  }

  private static String amount(PriceEntry price) {
    String ends = price.getValidTo() == null ? "" : " until " + price.getValidTo();
    return plain(price.getPrice()) + " " + price.getCurrency() + ends;
  }

  static String plain(BigDecimal price) {
    return price.signum() == 0 ? "0" : price.stripTrailingZeros().toPlainString();
  }
}
