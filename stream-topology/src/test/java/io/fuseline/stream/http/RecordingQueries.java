package io.fuseline.stream.http;

import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.query.CostQueries;
import java.time.Instant;
import java.util.Optional;

/** Remembers what the last question was about. */
final class RecordingQueries implements CostQueries {
  private final CostQueries answers;
  volatile String tenant;
  volatile String value;

  RecordingQueries(CostQueries answers) {
    this.answers = answers;
  }

  @Override
  public String currency() {
    return answers.currency();
  }

  @Override
  public Series costs(
      Dimension dimension,
      String tenant,
      String value,
      WindowSize window,
      Instant from,
      Instant to) {
    this.tenant = tenant;
    this.value = value;
    return answers.costs(dimension, tenant, value, window, from, to);
  }

  @Override
  public Ranking topSpenders(Dimension dimension, String tenant, Span span, int limit) {
    this.tenant = tenant;
    return answers.topSpenders(dimension, tenant, span, limit);
  }

  @Override
  public Optional<RunView> run(String rootRunId) {
    this.value = rootRunId;
    return answers.run(rootRunId);
  }

  @Override
  public Episodes openEpisodes(int limit) {
    return answers.openEpisodes(limit);
  }

  @Override
  public Budgets budgets(TargetType type, String tenant, String scope) {
    this.tenant = tenant;
    this.value = scope;
    return answers.budgets(type, tenant, scope);
  }

  @Override
  public OpenCommands openCommands(int limit) {
    return answers.openCommands(limit);
  }
}
