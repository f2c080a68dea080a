package io.fuseline.stream.admission;

import io.fuseline.schemas.Action;
import io.fuseline.stream.judge.Limit;
import io.fuseline.stream.judge.Order;
import io.fuseline.stream.judge.Saturating;
import io.fuseline.stream.judge.Standing;
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Rung;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides whether calls may be made, and promises what they may spend. Budgets are those of the
 * judges: a call is let through while what is spent, promised and asked for stays below the first
 * rung that stops, so that who asks is not stopped for it. Safe for all threads.
 */
public final class Admission {
  /** Leases are this much smaller while the pipeline does not see what is spent. */
  private static final int SMALLER_WHEN_BLIND = 4;

  private final AdmissionSettings settings;
  private final GrantBook book;

  public Admission(AdmissionSettings settings) {
    this.settings = settings;
    this.book = new GrantBook(settings.settleMicros());
  }

  /**
   * Decides about a call by the targets given, and promises its cost, or a lease, when it may be
   * made.
   *
   * @param standings of the run and scopes that the call concerns
   * @param nowMicros wall clock, epoch microseconds
   */
  public synchronized Opinion ask(Ask ask, List<Standing> standings, Sight sight, long nowMicros) {
    book.moveTo(nowMicros, sight.seenToMicros());
    List<Limit> limits = new ArrayList<>();
    for (Standing standing : standings) {
      standing.limits().stream().filter(Admission::isWeighed).forEach(limits::add);
    }
    takeBack(ask, limits, nowMicros);
    Judgement judgement = new Judgement(ask, sight.control());
    standings.forEach(standing -> standing.orders().forEach(judgement::obey));
    for (Limit limit : limits) {
      judgement.weigh(limit, book.room(limit, ask.holder(), nowMicros));
    }
    if (ask.wantsLease() && sight.control() == Sight.Control.BLIND_FOR_LONG) {
      judgement.find(Decision.BLIND, null);
    }
    if (judgement.decision.compareTo(Decision.THROTTLE) > 0) {
      return judgement.opinion(0, 0, retryMicros(nowMicros));
    }
    long lease = ask.wantsLease() ? judgement.lease(settings.leasePercent()) : 0;
    long expiresAt = nowMicros + (lease > 0 ? settings.leaseTtlMicros() : settings.reserveMicros());
    book.grant(
        ask.grantId(),
        ask.holder(),
        lease > 0,
        expiresAt,
        promised(limits),
        lease > 0 ? lease : ask.estimate());
    return judgement.opinion(lease, lease > 0 ? expiresAt : 0, 0);
  }

  private void takeBack(Ask ask, List<Limit> limits, long nowMicros) {
    if (ask.returned() != null) {
      book.giveBack(ask.returned(), ask.used(), limits, nowMicros);
    } else if (ask.holder() != null && ask.used() != Ask.UNKNOWN) {
      book.settleReserves(ask.holder(), ask.used(), limits, nowMicros);
    }
  }

  /**
   * A budget of cost per success is a ratio that one call does not decide: what it has come to is a
   * command.
   */
  private static boolean isWeighed(Limit limit) {
    return limit.isEnforced() && limit.budget().of() != Rule.Usage.COST_PER_OUTCOME;
  }

  /** The value of one action is of that action alone: nothing of it is kept. */
  private static List<Limit> promised(List<Limit> limits) {
    return limits.stream().filter(limit -> limit.budget().of() != Rule.Usage.ACTION_VALUE).toList();
  }

  /** Promises of others come back by then. */
  private long retryMicros(long nowMicros) {
    return nowMicros + settings.leaseTtlMicros();
  }

  /** A lease ends early. */
  public synchronized void giveBack(String grantId, long used, long nowMicros) {
    book.giveBack(grantId, used, List.of(), nowMicros);
  }

  /** Another budget, elsewhere, has room for no more than so much. */
  public synchronized void trim(String grantId, long lease) {
    book.trim(grantId, lease);
  }

  /** The call was refused elsewhere. */
  public synchronized void drop(String grantId) {
    book.drop(grantId);
  }

  /** How a budget stands, promises included. */
  public synchronized Opinion.Binding standing(Limit limit, Sight sight, long nowMicros) {
    book.moveTo(nowMicros, sight.seenToMicros());
    GrantBook.Room room = book.room(limit, null, nowMicros);
    Rung stop = Judgement.firstStop(limit);
    return Judgement.binding(
        limit, room, stop == null ? limit.limit() : limit.threshold(stop), stop != null);
  }

  /** Leases that are out, or have ended and are not settled. */
  public synchronized int leases() {
    return book.leases();
  }

  /** Gathers what speaks against one call. */
  private static final class Judgement {
    private final Ask ask;
    private final Sight.Control control;
    private Decision decision = Decision.ALLOW;
    private Opinion.Cause cause;
    private CallCaps caps;
    private Opinion.Binding binding;

    /** What can be promised before the next rung is reached, and to how many. */
    private long room = Long.MAX_VALUE;

    private int otherHolders;

    Judgement(Ask ask, Sight.Control control) {
      this.ask = ask;
      this.control = control;
    }

    void find(Decision found, Opinion.Cause why) {
      if (found.compareTo(decision) > 0) {
        decision = found;
        cause = why;
      }
    }

    void obey(Order order) {
      Opinion.Cause why =
          new Opinion.Cause(
              order.reason(),
              order.type(),
              order.scope(),
              order.policyId(),
              order.policyVersion(),
              order.commandId(),
              null,
              0);
      switch (order.action()) {
        case KILL, PAUSE -> find(Decision.DENY, why);
        case REQUIRE_APPROVAL -> find(Decision.NEEDS_APPROVAL, why);
        case THROTTLE -> throttle(CallCaps.of(order.caps()), why);
        default -> {}
      }
    }

    private void throttle(CallCaps more, Opinion.Cause why) {
      if (more.allow(ask.subject().tool())) {
        caps = caps == null ? more : caps.and(more);
        find(Decision.THROTTLE, why);
      } else {
        find(
            Decision.DENY,
            new Opinion.Cause(
                "Tool %s may not be called while the call is throttled. %s"
                    .formatted(ask.subject().tool(), why.reason()),
                why.scopeType(),
                why.scope(),
                why.policyId(),
                why.policyVersion(),
                why.commandId(),
                null,
                0));
      }
    }

    void weigh(Limit limit, GrantBook.Room now) {
      long after = Saturating.add(now.committed(), limit.adds());
      for (Rung rung : limit.rungs()) {
        if (after >= limit.threshold(rung)) {
          reach(limit, rung, now);
        } else if (rung.action() != Action.ALERT && isOfSpend(limit)) {
          room = Math.min(room, limit.threshold(rung) - 1 - now.committed());
        }
      }
      Rung stop = firstStop(limit);
      if (stop != null && isOfSpend(limit)) {
        otherHolders = Math.max(otherHolders, now.otherHolders());
        Opinion.Binding one = binding(limit, now, limit.threshold(stop), true);
        if (binding == null || one.headroom() < binding.headroom()) {
          binding = one;
        }
      }
    }

    private static boolean isOfSpend(Limit limit) {
      return limit.budget().of() == Rule.Usage.COST;
    }

    private void reach(Limit limit, Rung rung, GrantBook.Room now) {
      Opinion.Binding reached = binding(limit, now, limit.threshold(rung), true);
      boolean withoutOthers =
          Saturating.add(now.spend(), limit.adds()) < limit.threshold(rung) && now.reserved() > 0;
      Opinion.Cause why =
          new Opinion.Cause(
              Words.reached(limit, rung, reached, limit.adds(), withoutOthers),
              limit.type(),
              limit.scope(),
              limit.policy().id(),
              limit.policy().version(),
              null,
              reached,
              withoutOthers ? 1 : 0);
      switch (rung.action()) {
        case KILL, PAUSE -> find(Decision.DENY, why);
        case REQUIRE_APPROVAL -> find(Decision.NEEDS_APPROVAL, why);
        case THROTTLE -> throttle(CallCaps.of(rung.caps()), why);
        default -> {}
      }
    }

    static Rung firstStop(Limit limit) {
      for (Rung rung : limit.rungs()) {
        if (rung.action() == Action.PAUSE || rung.action() == Action.KILL) {
          return rung;
        }
      }
      return null;
    }

    static Opinion.Binding binding(Limit limit, GrantBook.Room now, long threshold, boolean stops) {
      boolean money = limit.budget().of().isMoney();
      return new Opinion.Binding(
          limit.type(),
          limit.scope(),
          limit.policy().id(),
          money ? limit.budget().currency() : limit.budget().of().unit(),
          money,
          now.spend(),
          threshold,
          stops,
          now.reserved(),
          limit.windowEnd());
    }

    /** At least the call at hand; no more than what is asked for, and a fair part of the room. */
    long lease(int percent) {
      long headroom = Saturating.add(room, 1); // of which the last unit is never spent
      long share = headroom / 100 * percent / (otherHolders + 1);
      if (control != Sight.Control.OK) {
        share /= SMALLER_WHEN_BLIND;
      }
      long wanted = Math.max(Math.min(ask.lease(), share), ask.estimate());
      return Math.max(0, Math.min(wanted, room));
    }

    Opinion opinion(long lease, long expiresAt, long retryMicros) {
      Opinion.Cause why = cause;
      if (why != null && why.retryAfterMicros() > 0) {
        why =
            new Opinion.Cause(
                why.reason(),
                why.scopeType(),
                why.scope(),
                why.policyId(),
                why.policyVersion(),
                why.commandId(),
                why.exhausted(),
                retryMicros);
      }
      return new Opinion(
          decision,
          why,
          decision == Decision.THROTTLE ? caps : null,
          binding,
          lease,
          expiresAt,
          control);
    }
  }
}
