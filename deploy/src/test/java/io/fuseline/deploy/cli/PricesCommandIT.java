package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.enrichment.price.DefaultPrices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
            "--prune",
            "--accept");

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
  void shouldHoldBackAListWhosePricesJumpAndKeepTheLastGoodOne() throws IOException {
    createTopics("jump.");
    Path good = liteLlm("good.json", model("alpha", "0.000001"));
    Path broken = liteLlm("broken.json", model("alpha", "0.001") + ", " + model("beta", "0.1"));
    importLiteLlm("jump.", good);

    CommandRun held = importLiteLlm("jump.", broken);
    CommandRun dry = importLiteLlm("jump.", broken, "--dry-run");

    assertThat(held.exitCode()).isEqualTo(ExitCode.HELD_BACK).isEqualTo(dry.exitCode());
    assertThat(held.out())
        .contains("jumps    openai/alpha input_tokens standard 0.000001 USD -> 0.001 USD")
        .contains("Held back: nothing was written.")
        .doesNotContain("Wrote");
    assertThat(listed("jump.")).hasSize(1).allMatch(line -> line.contains("0.000001"));

    CommandRun accepted = importLiteLlm("jump.", broken, "--accept");

    assertThat(accepted.exitCode()).as(accepted.err()).isEqualTo(ExitCode.OK);
    assertThat(accepted.out()).contains("Wrote 2 prices.");
    assertThat(listed("jump.")).anyMatch(line -> line.contains("beta"));
  }

  @Test
  void shouldHoldBackAListThatLostModels() throws IOException {
    createTopics("lost.");
    importLiteLlm(
        "lost.",
        liteLlm("before.json", model("alpha", "0.000001") + ", " + model("beta", "0.000002")));

    CommandRun held =
        importLiteLlm("lost.", liteLlm("after.json", model("alpha", "0.000001")), "--prune");

    assertThat(held.exitCode()).isEqualTo(ExitCode.HELD_BACK);
    assertThat(held.out())
        .contains("vanished MODEL openai/beta")
        .contains("1 of 2 names of this list have vanished");
    assertThat(listed("lost.")).hasSize(2).allMatch(line -> !line.contains("\"valid_to\":\"2"));
  }

  @Test
  void shouldShowUnderWhichTermsAPriceHoldsAndSinceWhenItIsKnown() throws IOException {
    createTopics("terms.");
    Path csv =
        Files.writeString(
            folder.resolve("prices.csv"),
            """
            provider,sku,unit,per,price,tier,region,tenant,band_from,daily,valid_from
            openai,gpt-x,input_tokens,1000000,3,batch,eu,acme,200001,08:30-18:00,2026-02-01
            """);

    CommandRun imported = run("terms.", "prices", "import", "--from", "csv", csv.toString());
    CommandRun table = run("terms.", "prices", "list");

    assertThat(imported.exitCode()).as(imported.err()).isEqualTo(ExitCode.OK);
    assertThat(table.out())
        .contains("TERMS")
        .contains("KNOWN SINCE")
        .contains("batch@eu from 200001 08:30-18:00 for acme")
        .contains("0.000003");
    assertThat(listed("terms.").get(0)).contains("\"known_since\":\"20");

    Path span =
        Files.writeString(
            folder.resolve("span.json"),
            """
            {"span_id":"s1","run_id":"r","kind":"LLM","tenant_id":"acme","provider":"openai","region":"eu",
             "service_tier":"batch","response_model":"gpt-x","end_time":"2026-03-02T12:00:00Z",
             "usage":{"input_tokens":300000}}
            """);
    CommandRun explained = run("terms.", "prices", "explain", span.toString(), "--cluster");
    assertThat(explained.exitCode()).as(explained.err()).isEqualTo(ExitCode.OK);
    assertThat(explained.out()).contains("PRICED: list cost 0.9, contracted cost 0.9");
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

  private CommandRun importLiteLlm(String prefix, Path list, String... more) {
    return run(
        prefix,
        Stream.concat(
                Stream.of("prices", "import", "--from", "litellm", list.toString()),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private List<String> listed(String prefix) {
    return run(prefix, "prices", "list", "--json").out().lines().toList();
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
