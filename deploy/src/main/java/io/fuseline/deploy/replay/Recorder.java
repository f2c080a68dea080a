package io.fuseline.deploy.replay;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.json.AvroJson;
import io.fuseline.stream.judge.Amount;
import io.fuseline.stream.judge.Cell;
import io.fuseline.stream.judge.RunJudge;
import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.judge.Verdicts;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes down what comes out of a replay as it comes, and counts it. */
final class Recorder implements ReplayListener, Closeable {
  private final BufferedWriter priced;
  private final BufferedWriter commands;
  private final BufferedWriter alerts;
  private final BufferedWriter deadLetters;
  private final Map<Action, Long> commandsByAction = new EnumMap<>(Action.class);
  private final Map<Severity, Long> alertsBySeverity = new EnumMap<>(Severity.class);
  private long duplicates;
  private long rejected;

  Recorder(OutputFolder folder) throws IOException {
    priced = folder.open("priced.jsonl");
    commands = folder.open("commands.jsonl");
    alerts = folder.open("alerts.jsonl");
    deadLetters = folder.open("dead-letters.jsonl");
    for (Action action : Action.values()) {
      commandsByAction.put(action, 0L);
    }
    for (Severity severity : Severity.values()) {
      alertsBySeverity.put(severity, 0L);
    }
  }

  @Override
  public void onDeadLetter(DeadLetter letter) throws IOException {
    rejected++;
    line(deadLetters, letter.toJson().toString());
  }

  @Override
  public void onDuplicate() {
    duplicates++;
  }

  @Override
  public void onSpan(PricedArrival arrival, RunJudge.Result result) throws IOException {
    String json = arrival.pricedJson();
    if (json != null) {
      line(priced, json);
    }
  }

  @Override
  public void onVerdicts(Verdicts verdicts) throws IOException {
    for (Command command : verdicts.commands()) {
      commandsByAction.merge(command.getAction(), 1L, Long::sum);
      line(commands, AvroJson.toJsonText(command));
    }
    for (Alert alert : verdicts.alerts()) {
      alertsBySeverity.merge(alert.getSeverity(), 1L, Long::sum);
      line(alerts, AvroJson.toJsonText(alert));
    }
  }

  /** The sums of the books, and what was counted. */
  ReplaySummary summary(Scopes scopes, String currency, Instant first, Instant last) {
    Amount cost = new Amount();
    Amount listCost = new Amount();
    Amount bound = new Amount();
    long spans = 0;
    long unpriced = 0;
    for (Map.Entry<ScopeKey, Cell> tenant : scopes.totals(Dimension.TENANT)) {
      cost.add(tenant.getValue().cost());
      listCost.add(tenant.getValue().listCost());
      bound.add(tenant.getValue().bound());
      spans += tenant.getValue().spans();
      unpriced += tenant.getValue().unpricedSpans();
    }
    return new ReplaySummary(
        spans,
        duplicates,
        rejected,
        unpriced,
        cost.toBigDecimal(),
        listCost.toBigDecimal(),
        bound.toBigDecimal(),
        currency,
        costs(scopes.totals(Dimension.MODEL)),
        costs(scopes.totals(Dimension.AGENT)),
        commandsByAction,
        alertsBySeverity,
        first,
        last);
  }

  private static SortedMap<String, BigDecimal> costs(List<Map.Entry<ScopeKey, Cell>> totals) {
    SortedMap<String, BigDecimal> costs = new TreeMap<>();
    for (Map.Entry<ScopeKey, Cell> total : totals) {
      costs.merge(total.getKey().value(), total.getValue().cost().toBigDecimal(), BigDecimal::add);
    }
    return costs;
  }

  private static void line(BufferedWriter file, String text) throws IOException {
    file.write(text);
    file.write('\n');
  }

  @Override
  public void close() throws IOException {
    try (priced;
        commands;
        alerts;
        deadLetters) {
      // Each is closed, even when another cannot be.
    }
  }
}
