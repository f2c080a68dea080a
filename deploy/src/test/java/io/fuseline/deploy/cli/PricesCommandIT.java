package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.enrichment.price.DefaultPrices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PricesCommandIT {
  @TempDir Path folder;

  private final LocalStack stack = SharedStack.get();

  @Test
  void shouldImportOnceAndFindNothingNewTheNextTime() {
    createTopics("default.");
    int count = DefaultPrices.load().size();

    CommandRun dry = run("default.", "prices", "import", "--from", "default", "--dry-run");
    CommandRun first = run("default.", "prices", "import", "--from", "default");
    CommandRun second = run("default.", "prices", "import", "--from", "default");

    assertThat(dry.out())
        .contains(count + " new, 0 changed, 0 removed, 0 unchanged")
        .contains("Nothing was written");
    assertThat(first.exitCode()).as(first.err()).isEqualTo(ExitCode.OK);
    assertThat(first.out())
        .contains(count + " new, 0 changed")
        .contains("Wrote " + count + " prices.")
        .contains("more; --all shows them");
    assertThat(first.err()).contains("import: ").contains("prices in");
    assertThat(second.out())
        .contains("0 new, 0 changed, 0 removed, " + count + " unchanged")
        .doesNotContain("Wrote");
  }

  @Test
  void shouldShowChangedAndRemovedPricesAndEndTheRemovedOnes() throws IOException {
    createTopics("list.");
    Path before =
        liteLlm("before.json", model("alpha", "0.000001") + ", " + model("beta", "0.000002"));
    Path after = liteLlm("after.json", model("alpha", "0.000003"));
    run(
        "list.",
        "prices",
        "import",
        "--from",
        "litellm",
        before.toString(),
        "--source-date",
        "2026-01-01");

    CommandRun change =
        run(
            "list.",
            "prices",
            "import",
            "--from",
            "litellm",
            after.toString(),
            "--source-date",
            "2026-06-01",
            "--prune");

    assertThat(change.exitCode()).as(change.err()).isEqualTo(ExitCode.OK);
    assertThat(change.out())
        .contains("changed  openai/alpha input_tokens standard 0.000001 USD -> 0.000003 USD")
        .contains("removed  openai/beta input_tokens standard 0.000002 USD")
        .contains("0 new, 1 changed, 1 removed, 0 unchanged")
        .contains("Wrote 2 prices.");
    CommandRun table = run("list.", "prices", "list", "--model", "ALPHA");
    assertThat(table.out())
        .startsWith("PROVIDER")
        .contains("0.000001")
        .contains("0.000003")
        .doesNotContain("beta");
    CommandRun json = run("list.", "prices", "list", "--model", "beta", "--json");
    assertThat(json.out().lines())
        .singleElement()
        .asString()
        .startsWith("{")
        .contains("\"valid_to\":\"20");
  }

  @Test
  void shouldRefuseAPriceFileWithFileLineAndField() throws IOException {
    Path file = Files.writeString(folder.resolve("prices.yaml"), "currency: USD\nnonsense: true\n");

    CommandRun run = run("any.", "prices", "import", "--from", "file", file.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(run.err()).contains(file + ":2: nonsense");
  }

  @Test
  void shouldRefuseAListThatIsNotJson() throws IOException {
    Path file = Files.writeString(folder.resolve("list.json"), "{\"alpha\": {");

    CommandRun run = run("any.", "prices", "import", "--from", "litellm", file.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(run.err()).contains("list.json");
  }

  @Test
  void shouldSayWhatToDoWhenTheTopicIsMissing() {
    CommandRun run = run("nowhere.", "prices", "list");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err())
        .contains("There is no topic nowhere.prices")
        .contains("fuseline topics create");
  }

  private void createTopics(String prefix) {
    CommandRun run = run(prefix, "topics", "create");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
  }

  private CommandRun run(String prefix, String... args) {
    return CommandRun.on(
        stack,
        Stream.concat(Stream.of(args), Stream.of("--topic-prefix", prefix)).toArray(String[]::new));
  }

  private Path liteLlm(String name, String models) throws IOException {
    return Files.writeString(folder.resolve(name), "{" + models + "}");
  }

  private static String model(String name, String price) {
    return "\"%s\": {\"litellm_provider\": \"openai\", \"mode\": \"chat\", \"input_cost_per_token\": %s}"
        .formatted(name, price);
  }
}
