package io.fuseline.stream.topology;

import io.fuseline.schemas.Decision;
import io.fuseline.schemas.DecisionType;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.judge.Amount;
import io.fuseline.stream.judge.Raises;
import io.fuseline.stream.judge.Times;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Raises of caps, and what else people have decided; read by all stream threads, changed by the one
 * that follows the decisions topic. A decision with the id of an earlier one takes its place, so
 * that a raise can be ended early.
 */
final class DecisionBook implements Raises {
  /** Raises kept per target; the one that ends first makes room. */
  private static final int MOST_PER_TARGET = 100;

  private final Map<Key, List<Kept>> byTarget = new ConcurrentHashMap<>();
  private final Map<Key, List<KeptSaid>> saidOf = new ConcurrentHashMap<>();
  private volatile long changes;

  private record Key(TargetType type, String tenant, String target) {}

  /**
   * @param policyId null for every policy of the target
   */
  private record Kept(String policyId, Raise raise) {}

  /**
   * @param policyId null for every policy of the target
   */
  private record KeptSaid(String policyId, Said said) {}

  /** How often it has changed. */
  long changes() {
    return changes;
  }

  /**
   * Follows one decision.
   *
   * @return what is wrong with it; null when nothing is
   */
  String follow(Decision decision) {
    if (decision == null) {
      return null;
    }
    if (decision.getType() != DecisionType.RAISE_CAP) {
      return say(decision);
    }
    BigDecimal amount = decision.getAmount();
    if (amount == null || amount.signum() <= 0) {
      return "amount: found %s, expected an amount over 0".formatted(amount);
    }
    if (decision.getUntil() == null) {
      return "until: is missing; a raise ends by itself, raise the limit in the policy for good";
    }
    BigDecimal pico = amount.movePointRight(Amount.SCALE);
    if (pico.toBigInteger().bitLength() >= Long.SIZE) {
      return "amount: found %s, expected at most 9 million".formatted(amount);
    }
    long decidedAt = Times.micros(decision.getDecidedAt());
    Raise raise =
        new Raise(
            decision.getDecisionId(),
            pico.longValue(),
            decidedAt,
            Times.micros(decision.getUntil()),
            decision.getDecidedBy(),
            decision.getReason());
    byTarget.compute(
        new Key(decision.getTargetType(), decision.getTenantId(), decision.getTarget()),
        (key, before) -> {
          List<Kept> kept = new ArrayList<>(before == null ? List.of() : before);
          kept.removeIf(
              other ->
                  other.raise().decisionId().equals(raise.decisionId())
                      || other.raise().untilMicros() < decidedAt);
          kept.add(new Kept(decision.getPolicyId(), raise));
          if (kept.size() > MOST_PER_TARGET) {
            kept.remove(
                kept.stream()
                    .min(Comparator.comparingLong(other -> other.raise().untilMicros()))
                    .orElseThrow());
          }
          return List.copyOf(kept);
        });
    long change = changes + 1; // one thread follows
    changes = change;
    return null;
  }

  /** Keeps what was said about a stop of the target. */
  private String say(Decision decision) {
    if (decision.getDecidedBy().isBlank()) {
      return "decided_by: is empty; expected who has decided";
    }
    Said said =
        new Said(
            decision.getDecisionId(),
            decision.getType(),
            decision.getCommandId(),
            Times.micros(decision.getDecidedAt()),
            decision.getDecidedBy(),
            decision.getReason());
    saidOf.compute(
        new Key(decision.getTargetType(), decision.getTenantId(), decision.getTarget()),
        (key, before) -> {
          List<KeptSaid> kept = new ArrayList<>(before == null ? List.of() : before);
          kept.removeIf(other -> other.said().decisionId().equals(said.decisionId()));
          kept.add(new KeptSaid(decision.getPolicyId(), said));
          return List.copyOf(kept.subList(Math.max(0, kept.size() - MOST_PER_TARGET), kept.size()));
        });
    long change = changes + 1; // one thread follows
    changes = change;
    return null;
  }

  @Override
  public List<Said> said(String policyId, TargetType type, String tenant, String target) {
    if (saidOf.isEmpty()) {
      return List.of();
    }
    return saidOf.getOrDefault(new Key(type, tenant, target), List.of()).stream()
        .filter(one -> one.policyId() == null || one.policyId().equals(policyId))
        .map(KeptSaid::said)
        .toList();
  }

  @Override
  public List<Raise> of(
      String policyId, TargetType type, String tenant, String target, long nowMicros) {
    if (byTarget.isEmpty()) {
      return List.of();
    }
    List<Kept> kept = byTarget.get(new Key(type, tenant, target));
    if (kept == null) {
      return List.of();
    }
    return kept.stream()
        .filter(one -> one.policyId() == null || one.policyId().equals(policyId))
        .map(Kept::raise)
        .filter(raise -> nowMicros < raise.untilMicros())
        .toList();
  }
}
