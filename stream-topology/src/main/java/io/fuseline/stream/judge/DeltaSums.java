package io.fuseline.stream.judge;

import io.fuseline.schemas.Dimension;
import io.fuseline.stream.policy.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds up deltas by scope, cause and minute until they are taken, so that a busy scope is sent one
 * sum where it would be sent a thousand deltas. A scope comes to the same cells, totals and budgets
 * as if it had been sent each by itself; rungs crossed within one sum give the highest only.
 *
 * <p>What is undone is taken before what is booked: a span that is written again never stands in
 * the books twice, not even for a moment. Corrections of spans are never mixed with the spans: all
 * that came before them is taken first, and likewise after them.
 */
public final class DeltaSums {
  /** Model calls in one sum, so that a record stays small. */
  static final int MOST_CALLS = 2_000;

  /** Presences and samples of one scope that wait, for the same reason. */
  static final int MOST_NEWS = 1_000;

  /** Sums that wait, so that memory is bounded. */
  static final int MOST_SUMS = 20_000;

  private final Map<Key, Sum> open = new HashMap<>();
  private final List<Sum> undone = new ArrayList<>();
  private final List<Sum> booked = new ArrayList<>();

  /** What cannot be added up, by scope; taken with the scope's first sum, or alone. */
  private final Map<ScopeKey, News> news = new LinkedHashMap<>();

  /**
   * Deltas of causes that are not added up: outcomes. They are taken before what is booked, so that
   * a success never seems to cost more than it does.
   */
  private final List<Taken> apart = new ArrayList<>();

  private boolean correcting;

  /** Receives one scope's sum. */
  @FunctionalInterface
  public interface Receiver {
    /**
     * @param timestamp of the newest record that led to it
     */
    void accept(ScopeKey key, DeltaSum sum, long timestamp);
  }

  private record Key(ScopeKey scope, Delta.Cause cause, long minute) {
    @Override
    public int hashCode() {
      return (scope.hashCode() * 31 + cause.ordinal()) * 31 + Long.hashCode(minute);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key
          && minute == key.minute
          && cause == key.cause
          && scope.equals(key.scope);
    }
  }

  private record Taken(ScopeKey scope, DeltaSum sum, long timestamp) {}

  private static final class News {
    final List<DeltaSum.Presence> presences = new ArrayList<>();
    final List<DeltaSum.Sample> samples = new ArrayList<>();
    Delta newest;
    long timestamp;
  }

  /**
   * Adds a delta.
   *
   * @param timestamp of the record that led to it
   * @param receiver takes everything that has to be sent before it
   */
  public void add(ScopeKey scope, Delta delta, long timestamp, Receiver receiver) {
    boolean correction = delta.cause() == Delta.Cause.CORRECTED;
    if (correction != correcting || isFull(scope)) {
      takeAll(receiver);
      correcting = correction;
    }
    switch (delta.cause()) {
      case SPAN, CORRECTED -> addUp(scope, delta, timestamp, booked);
      case REWRITTEN, UNCORRECTED -> addUp(scope, delta, timestamp, undone);
      default -> apart.add(new Taken(scope, DeltaSum.of(delta), timestamp));
    }
  }

  private boolean isFull(ScopeKey scope) {
    if (open.size() + news.size() + apart.size() >= MOST_SUMS) {
      return true;
    }
    // Only an agent has news; the other eight scopes of a span need not be looked up.
    News told = scope.dimension() == Dimension.AGENT ? news.get(scope) : null;
    return told != null && told.presences.size() + told.samples.size() >= MOST_NEWS;
  }

  private void addUp(ScopeKey scope, Delta delta, long timestamp, List<Sum> phase) {
    if (delta.presence() != Delta.Presence.UNCHANGED || delta.sampleTool() != null) {
      News told = news.computeIfAbsent(scope, s -> new News());
      told.presences.addAll(DeltaSum.presences(delta));
      told.samples.addAll(DeltaSum.samples(delta));
      told.newest = delta;
      told.timestamp = timestamp;
    }
    if (delta.isEmpty()) {
      return;
    }
    long minute = Math.floorDiv(delta.eventMicros(), Times.MICROS_PER_MINUTE);
    Key key = new Key(scope, delta.cause(), minute);
    Sum sum = open.get(key);
    if (sum == null || !sum.hasRoomFor(delta)) {
      sum = new Sum(scope, delta.cause());
      open.put(key, sum);
      phase.add(sum);
    }
    sum.add(delta, timestamp);
  }

  /** Takes everything out, in the order it has to be booked in. */
  public void takeAll(Receiver receiver) {
    for (Sum sum : undone) {
      receiver.accept(sum.scope, DeltaSum.of(sum.total()), sum.timestamp);
    }
    apart.forEach(one -> receiver.accept(one.scope(), one.sum(), one.timestamp()));
    for (Sum sum : booked) {
      News told = news.remove(sum.scope);
      receiver.accept(
          sum.scope,
          new DeltaSum(
              sum.total(),
              told == null ? List.of() : told.presences,
              told == null ? List.of() : told.samples,
              sum.calls == null ? List.of() : sum.calls),
          sum.timestamp);
    }
    news.forEach(
        (scope, told) ->
            receiver.accept(
                scope,
                new DeltaSum(nothing(told.newest), told.presences, told.samples, List.of()),
                told.timestamp));
    clear();
  }

  /** Forgets what waits. */
  public void clear() {
    open.clear();
    undone.clear();
    booked.clear();
    news.clear();
    apart.clear();
  }

  private static Delta nothing(Delta at) {
    return new Delta(
        Delta.Cause.SPAN,
        at.eventMicros(),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        null,
        null,
        null,
        null,
        Delta.Presence.UNCHANGED,
        null,
        0,
        null);
  }

  private static final class Sum {
    final ScopeKey scope;
    final Delta.Cause cause;
    long timestamp;
    List<DeltaSum.Call> calls;

    private long eventMicros = Long.MIN_VALUE;
    private long cost;
    private long listCost;
    private long bound;
    private int spans;
    private int llmCalls;
    private int toolCalls;
    private int errors;
    private int unpricedSpans;
    private long tokens;
    private String spanId;
    private String provider;
    private Subject subject;

    Sum(ScopeKey scope, Delta.Cause cause) {
      this.scope = scope;
      this.cause = cause;
    }

    boolean hasRoomFor(Delta delta) {
      return !overflows(cost, delta.cost())
          && !overflows(listCost, delta.listCost())
          && !overflows(bound, delta.bound())
          && (calls == null || calls.size() < MOST_CALLS);
    }

    private static boolean overflows(long one, long other) {
      long sum = one + other;
      return ((one ^ sum) & (other ^ sum)) < 0;
    }

    void add(Delta delta, long newTimestamp) {
      cost += delta.cost();
      listCost += delta.listCost();
      bound += delta.bound();
      spans += delta.spans();
      llmCalls += delta.llmCalls();
      toolCalls += delta.toolCalls();
      errors += delta.errors();
      unpricedSpans += delta.unpricedSpans();
      tokens += delta.tokens();
      timestamp = newTimestamp;
      boolean newest = delta.eventMicros() >= eventMicros;
      // A name without a price is proven by a span that has none.
      boolean proof = provider == null || delta.unpricedSpans() > 0 || !Unpriced.concerns(scope);
      if (newest) {
        eventMicros = delta.eventMicros();
      }
      if (newest && proof) {
        spanId = delta.spanId();
      }
      if (delta.provider() != null) {
        provider = delta.provider();
        spanId = newest || Unpriced.concerns(scope) ? delta.spanId() : spanId;
      }
      if (newest && delta.subject() != null) {
        subject = delta.subject();
      }
      if (delta.use() != null) {
        calls = calls == null ? new ArrayList<>() : calls;
        calls.addAll(DeltaSum.calls(delta));
      }
    }

    Delta total() {
      return new Delta(
          cause,
          eventMicros,
          cost,
          listCost,
          bound,
          spans,
          llmCalls,
          toolCalls,
          errors,
          unpricedSpans,
          tokens,
          null,
          spanId,
          provider,
          subject,
          Delta.Presence.UNCHANGED,
          null,
          0,
          null);
    }
  }
}
