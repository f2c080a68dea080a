package io.fuseline.stream.http;

import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.query.CostQueries;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Queries whose partitions move for the next few questions. */
final class MovingQueries implements CostQueries {
  private final CostQueries settled;
  private final AtomicInteger failuresLeft = new AtomicInteger();
  private volatile RuntimeException failure;

  MovingQueries(CostQueries settled) {
    this.settled = settled;
  }

  /** The next questions find the store moving. */
  void moveFor(int questions) {
    failNext(questions, new StoreUnavailable("agent-costs is moving to pipeline-1:8080", null));
  }

  void failNext(int questions, RuntimeException with) {
    failure = with;
    failuresLeft.set(questions);
  }

  int failuresLeft() {
    return failuresLeft.get();
  }

  @Override
  public String currency() {
    return settled.currency();
  }

  @Override
  public Series costs(
      Dimension dimension,
      String tenant,
      String value,
      WindowSize window,
      Instant from,
      Instant to) {
    return unlessMoving(() -> settled.costs(dimension, tenant, value, window, from, to));
  }

  @Override
  public Ranking topSpenders(Dimension dimension, String tenant, Span span, int limit) {
    return unlessMoving(() -> settled.topSpenders(dimension, tenant, span, limit));
  }

  @Override
  public Optional<RunView> run(String rootRunId) {
    return unlessMoving(() -> settled.run(rootRunId));
  }

  @Override
  public Episodes openEpisodes(int limit) {
    return unlessMoving(() -> settled.openEpisodes(limit));
  }

  @Override
  public Budgets budgets(TargetType type, String tenant, String scope) {
    return unlessMoving(() -> settled.budgets(type, tenant, scope));
  }

  @Override
  public OpenCommands openCommands(int limit) {
    return unlessMoving(() -> settled.openCommands(limit));
  }

  private <T> T unlessMoving(Supplier<T> answer) {
    if (failuresLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw failure;
    }
    return answer.get();
  }
}
