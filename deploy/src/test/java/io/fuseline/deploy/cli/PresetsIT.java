package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fuseline.deploy.pipeline.Deployment;
import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.enrichment.price.PriceIds;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Outcome;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.schemas.SpanKind;
import io.fuseline.stream.example.Example;
import io.fuseline.stream.example.ExampleEvent;
import io.fuseline.stream.example.ExampleFile;
import io.fuseline.stream.example.ExampleOutcome;
import io.fuseline.stream.example.ExampleSpan;
import io.fuseline.stream.policy.Presets;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every preset does on the running stack what its examples say: all presets are in force at once,
 * as {@code fuseline policy presets} prints and {@code fuseline policy apply} applies them. The
 * spans of each example come from a tenant of its own.
 */
class PresetsIT {
  private static final Path EXAMPLES = Path.of("../stream-topology/src/test/resources/presets");
  private static final String PREFIX = "presets";

  /** What spans cost is told by their usage of a unit that is worth so much. */
  private static final String UNIT = "micro_usd";

  private static final long PICO_PER_UNIT = 1_000_000;
  private static final String PROVIDER = "example";
  private static final String MODEL = "model";

  /** Nobody answers commands here, which is told too. */
  private static final Set<String> OF_SILENCE = Set.of("revoke-credentials", "unanswered-command");

  @TempDir private Path folder;

  /** An example on the stack. */
  private record Case(Presets.Preset preset, Example example, String tenant, Instant start) {
    String name() {
      return preset.name() + " " + example.name();
    }

    /** Root run ids are of all tenants, so each example has its own. */
    String id(String given) {
      return given == null ? null : tenant + "/" + given;
    }

    Instant time(ExampleEvent event) {
      return start.plusNanos((event.eventMicros() - example.events().get(0).eventMicros()) * 1_000);
    }

    Outcome outcome(ExampleOutcome given) {
      return Outcome.newBuilder()
          .setOutcomeId(given.id())
          .setRootRunId(id(given.root()))
          .setTenantId(tenant)
          .setType(given.type())
          .setSuccess(given.success())
          .setCount(given.count())
          .setOccurredAt(time(given))
          .build();
    }

    AgentSpan span(ExampleSpan given, int number) {
      Map<String, Long> usage = new TreeMap<>();
      usage.put(UNIT, given.costPico() / PICO_PER_UNIT);
      if (given.tokens() > 0) {
        usage.put("output_tokens", given.tokens());
      }
      AgentSpan.Builder span =
          AgentSpan.newBuilder()
              .setSpanId("span-" + number)
              .setRootRunId(id(given.root()))
              .setRunId(id(given.run()))
              .setParentRunId(id(given.parentRun()))
              .setTenantId(tenant)
              .setAgentId(given.subject().agent())
              .setAgentRole(given.subject().role())
              .setTeam(given.subject().team())
              .setProject(given.subject().project())
              .setWorkflow(given.subject().workflow())
              .setCostCentre(given.subject().costCentre())
              .setEnvironment(given.subject().environment())
              .setTags(given.subject().tags())
              .setStep(given.step())
              .setProvider(PROVIDER)
              .setUsage(usage)
              .setEndTime(time(given));
      return given.tool() == null
          ? span.setKind(SpanKind.LLM).setResponseModel(MODEL).build()
          : span.setKind(SpanKind.TOOL)
              .setToolName(given.tool())
              .setArgumentHash(given.call())
              .setResultHash(given.call())
              .build();
    }

    Set<String> policies() {
      return preset.policies().stream()
          .map(parsed -> parsed.policy().id())
          .collect(Collectors.toSet());
    }
  }

  @Test
  void shouldDoOnTheRunningStackWhatTheExamplesOfEachPresetSay() throws Exception {
    List<Case> cases = cases();
    try (Deployment deployment = Deployment.create(SharedStack.get(), PREFIX, folder, "")) {
      putPrices(deployment);
      applyAllPresets();
      deployment.startPipeline();
      sendInOrder(deployment, cases);

      Map<String, List<Alert>> alerts = new HashMap<>();
      deployment.readAll(deployment.topics().costAlerts(), Alert.class, "read_committed").stream()
          .map(ConsumerRecord::value)
          .forEach(
              alert ->
                  alerts.computeIfAbsent(alert.getTenantId(), t -> new ArrayList<>()).add(alert));
      List<Command> commands =
          deployment
              .readAll(deployment.topics().agentCommands(), Command.class, "read_committed")
              .stream()
              .map(ConsumerRecord::value)
              .toList();
      SoftAssertions softly = new SoftAssertions();
      for (Case one : cases) {
        check(softly, one, alerts.getOrDefault(one.tenant(), List.of()), commands);
      }
      softly.assertAll();
    }
  }

  private static void check(
      SoftAssertions softly, Case one, List<Alert> alerts, List<Command> commands) {
    Set<String> policies = one.policies();
    List<Alert> told =
        new ArrayList<>(
            alerts.stream()
                .filter(alert -> policies.contains(alert.getPolicyId()))
                .filter(alert -> !OF_SILENCE.contains(alert.getEvidence().getRule()))
                .toList());
    // The clock ends windows of scopes that have fallen silent; examples do not play that.
    while (told.size() > one.example().expected().size()
        && told.get(told.size() - 1).getState() == EpisodeState.CLOSED) {
      told.remove(told.size() - 1);
    }
    List<Map<String, String>> found = told.stream().map(alert -> row(one, alert)).toList();
    List<Map<String, String>> expected =
        one.example().expected().stream()
            .map(
                row -> {
                  Map<String, String> wanted = new TreeMap<>(row);
                  if ("closed".equals(wanted.get("state"))) {
                    wanted.remove("span"); // it names no spans
                  }
                  return wanted;
                })
            .toList();
    softly
        .assertThat(new Example.Outcome(expected, found).holds())
        .as("%s:%n expected %s%n found    %s", one.name(), expected, found)
        .isTrue();
    for (Alert alert : told) {
      if (alert.getCommandId() != null && alert.getState() != EpisodeState.CLOSED) {
        softly
            .assertThat(commands)
            .as("%s: the command of %s", one.name(), alert.getEvidence().getSummary())
            .filteredOn(command -> command.getCommandId().equals(alert.getCommandId()))
            .singleElement()
            .extracting(Command::getAction, Command::getTarget)
            .containsExactly(alert.getAction(), alert.getTarget());
      }
    }
    long sent =
        commands.stream()
            .filter(
                command ->
                    command.getTenantId().equals(one.tenant())
                        && policies.contains(command.getPolicyId()))
            .filter(command -> command.getReverses() == null)
            .count();
    softly
        .assertThat(sent)
        .as("%s: commands", one.name())
        .isEqualTo(
            told.stream()
                .filter(alert -> alert.getState() != EpisodeState.CLOSED)
                .filter(alert -> alert.getCommandId() != null)
                .count());
  }

  private static Map<String, String> row(Case one, Alert alert) {
    Map<String, String> row = new TreeMap<>();
    row.put("policy", alert.getPolicyId());
    row.put("state", word(alert.getState()));
    row.put("target_type", word(alert.getTargetType()));
    row.put("target", alert.getTarget().replace(one.tenant() + "/", ""));
    row.put("command", String.valueOf(alert.getCommandId() != null));
    if (alert.getState() != EpisodeState.CLOSED) {
      row.put("action", word(alert.getAction()));
      row.put("span", String.join(" ", alert.getEvidence().getSpanIds()).replace("span-", ""));
    }
    return row;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    for (Presets.Preset preset : Presets.all()) {
      Path file = EXAMPLES.resolve(preset.name() + ExampleFile.ENDING);
      assertThat(file)
          .as(
              "Preset %s is exercised by no example: add %s with a case in which it acts and one in which it does not",
              preset.name(), file)
          .exists();
      List<Example> examples = ExampleFile.read(file);
      assertThat(examples)
          .as("%s: a case in which it acts", file)
          .anyMatch(example -> !example.expected().isEmpty());
      assertThat(examples)
          .as("%s: a case in which it does not act", file)
          .anyMatch(example -> example.expected().isEmpty());
      for (Example example : examples) {
        cases.add(new Case(preset, example, "tenant-" + cases.size(), start(example)));
      }
    }
    return cases;
  }

  /**
   * So that the last span is of now, and all of one day: the clock would end the windows of the
   * past. On a whole minute, as examples begin: what is told per minute depends on it.
   */
  private static Instant start(Example example) {
    List<ExampleEvent> events = example.events();
    Instant now = Instant.now();
    long length =
        events.stream().mapToLong(ExampleEvent::eventMicros).max().orElseThrow()
            - events.get(0).eventMicros();
    Instant start = now.minus(length, ChronoUnit.MICROS).truncatedTo(ChronoUnit.MINUTES);
    return start.truncatedTo(ChronoUnit.DAYS).equals(now.truncatedTo(ChronoUnit.DAYS))
        ? start
        : start.minus(Duration.ofHours(6));
  }

  private void applyAllPresets() throws IOException {
    Path policies = Files.createDirectory(folder.resolve("policies"));
    for (Presets.Preset preset : Presets.all()) {
      CommandRun printed = CommandRun.of("policy", "presets", preset.name());
      assertThat(printed.exitCode()).as(printed.err()).isEqualTo(ExitCode.OK);
      Files.writeString(policies.resolve(preset.name() + ".yaml"), printed.out());
    }
    CommandRun applied =
        CommandRun.on(
            SharedStack.get(),
            "policy",
            "apply",
            policies.toString(),
            "--topic-prefix",
            PREFIX + ".");
    assertThat(applied.exitCode()).as(applied.err()).isEqualTo(ExitCode.OK);
  }

  private static void putPrices(Deployment deployment) {
    Map<String, PriceEntry> prices = new HashMap<>();
    for (PriceEntry price :
        List.of(
            price(PriceKind.MODEL, MODEL, UNIT, "0.000001"),
            price(PriceKind.MODEL, MODEL, "output_tokens", "0"),
            price(PriceKind.TOOL, "*", UNIT, "0.000001"))) {
      prices.put(price.getPriceId(), price);
    }
    new CompactedTopic<>(
            deployment.topics().prices().name(), PriceEntry.class, deployment.clientSettings())
        .write(prices, stored -> {});
  }

  private static PriceEntry price(PriceKind kind, String sku, String unit, String usd) {
    Instant longAgo = Instant.parse("2020-01-01T00:00:00Z");
    return PriceEntry.newBuilder()
        .setPriceId(PriceIds.of(kind, PROVIDER, sku, unit, null, null, longAgo))
        .setKind(kind)
        .setProvider(PROVIDER)
        .setSku(sku)
        .setUnit(unit)
        .setPrice(new BigDecimal(usd))
        .setCurrency("USD")
        .setServiceTier("standard")
        .setValidFrom(longAgo)
        .setSource("test")
        .build();
  }

  /**
   * Spans of one root run keep their order by themselves; before an example goes on with another
   * root run, which may be elsewhere, or with outcomes, what it sent before is waited for.
   */
  private static void sendInOrder(Deployment deployment, List<Case> cases) {
    Map<Case, Integer> sent = new HashMap<>();
    boolean more = true;
    while (more) {
      more = false;
      Map<String, Outcome> outcomes = new LinkedHashMap<>();
      try (KafkaProducer<String, AgentSpan> producer = deployment.spanProducer()) {
        for (Case one : cases) {
          List<ExampleEvent> events = one.example().events();
          int next = sent.getOrDefault(one, 0);
          ExampleEvent first = next < events.size() ? events.get(next) : null;
          while (next < events.size() && isOfOneKind(first, events.get(next))) {
            if (events.get(next) instanceof ExampleSpan given) {
              AgentSpan span = one.span(given, next + 1);
              producer.send(
                  new ProducerRecord<>(
                      deployment.topics().agentSpans().name(), span.getRootRunId(), span));
            } else if (events.get(next) instanceof ExampleOutcome given) {
              Outcome outcome = one.outcome(given);
              outcomes.put(outcome.getRootRunId() + " " + outcome.getOutcomeId(), outcome);
            }
            next++;
          }
          sent.put(one, next);
          more |= next < events.size();
        }
      }
      new CompactedTopic<>(
              deployment.topics().outcomes().name(), Outcome.class, deployment.clientSettings())
          .write(outcomes, stored -> {});
      // For longer than a commit takes: a hop of a record may just be on its way.
      await()
          .during(Duration.ofSeconds(2))
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(500))
          .until(() -> deployment.lag() == 0);
    }
  }

  private static boolean isOfOneKind(ExampleEvent one, ExampleEvent other) {
    return one.root().equals(other.root()) && one.getClass() == other.getClass();
  }
}
