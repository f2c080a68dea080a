package io.fuseline.deploy.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.deploy.pipeline.Deployment;
import io.fuseline.deploy.replay.Replay;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CostRollup;
import io.fuseline.schemas.Decision;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.WindowSize;
import io.fuseline.schemas.json.AvroJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Looks at topics and stores after each act. */
final class Checks {
  private static final Set<String> ESCALATIONS = Set.of("revoke-credentials", "unanswered-command");
  private static final String COMMITTED = "read_committed";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long LOOK_MILLIS = 500;
  private static final int MOST_LISTED = 1_000;

  private final Deployment deployment;
  private final PrintWriter out;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private final List<Check> checks = new ArrayList<>();
  private final List<String> killed = new ArrayList<>();
  private final List<String> throttled = new ArrayList<>();
  private final List<String> paused = new ArrayList<>();
  private final List<String> restored = new ArrayList<>();

  /**
   * @param out is told at once of what fails
   */
  Checks(Deployment deployment, PrintWriter out) {
    this.deployment = deployment;
    this.out = out;
  }

  List<Check> all() {
    return List.copyOf(checks);
  }

  @FunctionalInterface
  private interface Question {
    Object ask() throws IOException, InterruptedException;
  }

  void afterBreaches(List<AgentSpan> spans, String policies, Path folder)
      throws IOException, InterruptedException {
    killed.addAll(names("fast", Script.FAST));
    killed.addAll(names("capped", Script.CAPPED));
    killed.addAll(names("loop", Script.LOOPS));
    throttled.addAll(names("fast", Script.FAST));
    throttled.addAll(names("slow", Script.SLOW));
    paused.addAll(names("resting", Script.RESTING));
    commandsAre("limits reached");
    eventually(
        "limits reached: ids of KILL commands as 'fuseline replay' gives them",
        replayed(spans, policies, folder),
        () -> ids(committedCommands(), Action.KILL));
    eventually(
        "limits reached: for KILLs that nobody answered, credentials revoked, then paged, once each",
        escalations(),
        this::unanswered);
  }

  void afterLeaks() throws InterruptedException {
    Map<String, BigDecimal> leaks = new TreeMap<>();
    names("fast", Script.FAST).forEach(name -> leaks.put(name, plain(Script.fastLeak())));
    names("capped", Script.CAPPED).forEach(name -> leaks.put(name, plain(Script.runLeak())));
    names("loop", Script.LOOPS).forEach(name -> leaks.put(name, plain(Script.runLeak())));
    names("resting", Script.RESTING).forEach(name -> leaks.put(name, plain(Script.runLeak())));
    eventually("spent after the stop, by target", leaks, this::leaks);
    commandsAre("after the leak");
  }

  void afterRestore(Map<String, Decision> decisions) throws InterruptedException {
    restored.addAll(decisions.keySet());
    commandsAre("restored");
    List<String> expected = new ArrayList<>();
    for (Decision decision : decisions.values()) {
      expected.add(
          "%s: undoes its stop; approved by %s (decision %s); raised by %s"
              .formatted(
                  decision.getTarget(),
                  decision.getDecidedBy(),
                  decision.getDecisionId(),
                  plain(decision.getAmount().toPlainString()).setScale(2)));
    }
    Collections.sort(expected);
    eventually("RESTORE commands say what they undo and who approved", expected, this::restores);
  }

  void afterReplay() throws InterruptedException {
    commandsAre("old spans again");
    eventually(
        "old spans again: nothing is open again of what was restored",
        List.of(),
        () -> restored.stream().filter(leaks()::containsKey).toList());
  }

  void atTheEnd(List<AgentSpan> spans) throws InterruptedException {
    killed.addAll(List.of("fast-3", "fast-5"));
    throttled.add("fast-3");
    paused.add("resting-2");
    commandsAre("beyond the new headroom");
    eventually(
        "KILL ids that a reader of uncommitted records saw, for as many breaches",
        killed.size(),
        () -> ids(commands("read_uncommitted"), Action.KILL).size());
    eventually("commands whose id was committed twice", List.of(), this::twice);
    eventually("targets whose epochs do not rise", List.of(), this::fallingEpochs);
    eventually(
        "escalated for KILLs that nobody answered, once each, and for nothing else",
        escalations(),
        this::unanswered);
    eventually("alerts told twice, or closed without having been opened", List.of(), this::untrue);

    Ledger ledger = Ledger.of(spans);
    eventually("spans priced, each once", ledger.spans() + " in all, 0 twice", this::priced);
    eventually("cost of committed priced-spans, USD", ledger.total(), this::pricedTotal);
    eventually("cost by agent in the stores", ledger.byAgent(), this::storedByAgent);
    eventually("cost by agent and day in the roll-ups", ledger.byDay(), this::rolledUp);
  }

  private void commandsAre(String when) throws InterruptedException {
    targetsAre(when, Action.KILL, killed);
    targetsAre(when, Action.THROTTLE, throttled);
    targetsAre(when, Action.PAUSE, paused);
    targetsAre(when, Action.RESTORE, restored);
  }

  private void targetsAre(String when, Action action, List<String> expected)
      throws InterruptedException {
    eventually(
        "%s: %d %s commands, one for each breach".formatted(when, expected.size(), action),
        expected.stream().sorted().toList(),
        () ->
            committedCommands().stream()
                .filter(command -> command.getAction() == action)
                .map(Command::getTarget)
                .sorted()
                .toList());
  }

  /** Asks until the answer is as expected, or time is up; what was found last stands. */
  private void eventually(String what, Object expected, Question question)
      throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Check check;
    do {
      try {
        check = Check.of(what, expected, question.ask());
      } catch (IOException e) {
        check = Check.of(what, expected, "no answer: " + e.getMessage());
      }
      if (!check.holds()) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    } while (!check.holds() && System.nanoTime() < end);
    checks.add(check);
    if (!check.holds()) {
      out.println(check);
      out.flush();
    }
  }

  private List<Command> committedCommands() {
    return commands(COMMITTED);
  }

  private List<Command> commands(String isolation) {
    return deployment
        .readAll(deployment.topics().agentCommands(), Command.class, isolation)
        .stream()
        .map(ConsumerRecord::value)
        .toList();
  }

  private static Set<String> ids(List<Command> commands, Action action) {
    Set<String> ids = new TreeSet<>();
    for (Command command : commands) {
      if (command.getAction() == action) {
        ids.add(command.getCommandId());
      }
    }
    return ids;
  }

  private List<String> twice() {
    Set<String> seen = new HashSet<>();
    return committedCommands().stream()
        .map(Command::getCommandId)
        .filter(Predicate.not(seen::add))
        .toList();
  }

  private List<String> fallingEpochs() {
    Map<String, Long> newest = new HashMap<>();
    List<String> falling = new ArrayList<>();
    for (Command command : committedCommands()) {
      String target = command.getTargetType() + " " + command.getTarget();
      Long before = newest.put(target, command.getEpoch());
      if (before != null && before >= command.getEpoch()) {
        falling.add(target);
      }
    }
    return falling;
  }

  private List<String> restores() {
    Map<String, Command> stops = new HashMap<>();
    List<String> found = new ArrayList<>();
    for (Command command : committedCommands()) {
      if (command.getAction() == Action.KILL || command.getAction() == Action.PAUSE) {
        stops.put(command.getTarget(), command);
      } else if (command.getAction() == Action.RESTORE) {
        Command stop = stops.get(command.getTarget());
        found.add(
            "%s: undoes %s; approved by %s; raised by %s"
                .formatted(
                    command.getTarget(),
                    stop != null && stop.getCommandId().equals(command.getReverses())
                        ? "its stop"
                        : command.getReverses(),
                    command.getApprovedBy(),
                    command.getEvidence().getDetails().get("raised_by")));
      }
    }
    Collections.sort(found);
    return found;
  }

  private List<Alert> alerts() {
    return deployment.readAll(deployment.topics().costAlerts(), Alert.class, COMMITTED).stream()
        .map(ConsumerRecord::value)
        .toList();
  }

  private static List<String> escalations() {
    return Chaos.DEAF.stream()
        .flatMap(
            target ->
                Stream.of(
                    target + ": CRITICAL revoke-credentials", target + ": PAGE unanswered-command"))
        .sorted()
        .toList();
  }

  private List<String> unanswered() {
    return alerts().stream()
        .filter(alert -> ESCALATIONS.contains(alert.getEvidence().getRule()))
        .map(
            alert ->
                "%s: %s %s"
                    .formatted(
                        alert.getTarget(), alert.getSeverity(), alert.getEvidence().getRule()))
        .sorted()
        .toList();
  }

  private List<String> untrue() {
    Set<String> ids = new HashSet<>();
    Set<String> open = new HashSet<>();
    List<String> untrue = new ArrayList<>();
    for (Alert alert : alerts()) {
      if (!ids.add(alert.getAlertId())) {
        untrue.add("twice: " + alert.getTarget() + " " + alert.getAlertId());
      }
      if (alert.getState() == EpisodeState.OPEN) {
        open.add(alert.getEpisodeId());
      } else if (alert.getState() == EpisodeState.CLOSED && !open.remove(alert.getEpisodeId())) {
        untrue.add("closed: " + alert.getTarget() + " " + alert.getEpisodeId());
      }
    }
    return untrue;
  }

  private String priced() {
    List<ConsumerRecord<String, PricedSpan>> records = pricedSpans();
    Set<String> ids = new HashSet<>();
    records.forEach(record -> ids.add(record.value().getSpanId()));
    return ids.size() + " in all, " + (records.size() - ids.size()) + " twice";
  }

  private BigDecimal pricedTotal() {
    return Ledger.plain(
        pricedSpans().stream()
            .map(record -> record.value().getListCost())
            .reduce(BigDecimal.ZERO, BigDecimal::add));
  }

  private List<ConsumerRecord<String, PricedSpan>> pricedSpans() {
    return deployment.readAll(deployment.topics().pricedSpans(), PricedSpan.class, COMMITTED);
  }

  private Map<String, BigDecimal> storedByAgent() throws IOException, InterruptedException {
    Map<String, BigDecimal> costs = new TreeMap<>();
    for (JsonNode agent : get("/v1/top/agent?by=total&limit=" + MOST_LISTED).path("values")) {
      costs.put(agent.path("value").asText(), plain(agent.path("cost").asText()));
    }
    return costs;
  }

  /** From the newest revision of each window. */
  private Map<String, BigDecimal> rolledUp() {
    Map<String, CostRollup> newest = new HashMap<>();
    deployment
        .readAll(deployment.topics().costRollups(), CostRollup.class, COMMITTED)
        .forEach(record -> newest.put(record.key(), record.value()));
    Map<String, BigDecimal> costs = new TreeMap<>();
    for (CostRollup rollup : newest.values()) {
      if (rollup.getWindow() == WindowSize.DAY && rollup.getDimension() == Dimension.AGENT) {
        LocalDate day = LocalDate.ofInstant(rollup.getWindowStart(), ZoneOffset.UTC);
        costs.put(rollup.getValue() + "@" + day, Ledger.plain(rollup.getCost()));
      }
    }
    return costs;
  }

  /** What was spent after a stop, by target of an open episode that stops it. */
  private Map<String, BigDecimal> leaks() throws IOException, InterruptedException {
    Map<String, BigDecimal> leaks = new TreeMap<>();
    for (JsonNode episode : get("/v1/episodes?limit=" + MOST_LISTED).path("episodes")) {
      String rung = episode.path("rung").asText();
      if (rung.equals(Action.KILL.name()) || rung.equals(Action.PAUSE.name())) {
        leaks.put(episode.path("target").asText(), plain(episode.path("spendAfter").asText()));
      }
    }
    return leaks;
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + deployment.httpPort() + path))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw new IOException(path + " answered " + answer.statusCode());
    }
    return json.readTree(answer.body());
  }

  /** The same spans without Kafka, repeats or crashes. */
  private static Set<String> replayed(List<AgentSpan> spans, String policies, Path folder)
      throws IOException {
    Path file = folder.resolve("spans.jsonl");
    Files.write(file, spans.stream().map(AvroJson::toJsonText).toList());
    Path rules = Files.writeString(folder.resolve("policies.yaml"), policies);
    Path results = folder.resolve("replay");
    Replay.with("default", rules.toString())
        .run(file, results, new PrintWriter(Writer.nullWriter()));
    List<Command> commands = new ArrayList<>();
    for (String line : Files.readAllLines(results.resolve("commands.jsonl"))) {
      commands.add(AvroJson.fromJsonText(line, Command.class));
    }
    return ids(commands, Action.KILL);
  }

  private static List<String> names(String kind, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(kind + "-" + i);
    }
    return names;
  }

  private static BigDecimal plain(String amount) {
    return Ledger.plain(new BigDecimal(amount));
  }
}
