package io.fuseline.stream.admission;

import io.fuseline.schemas.TargetType;
import io.fuseline.stream.judge.Limit;
import io.fuseline.stream.judge.Saturating;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * What has been promised out of each budget and is not known to be in the books yet. In memory
 * only: who loses it promises anew, so that what is overspent is bounded by the leases that are
 * out. Not safe for several threads.
 *
 * <p>An account keeps what is expected to be spent: E. It begins as what the books say, S, and
 * grows by what holders report, and by what they leave unreported when their lease has ended. With
 * the promises that are out, O, no more than E + O is spent at any time. The books correct it: what
 * stands there beyond E + O was spent without asking; and all that was spent long enough ago stands
 * there, so that E is at most S and what was reported since. Hence
 *
 * <pre>S - O &lt;= E &lt;= S + reported lately</pre>
 *
 * and spend is never counted both as promised and as booked.
 */
final class GrantBook {
  private final long settleMicros;
  private final Map<Key, Account> accounts = new HashMap<>();
  private final Map<String, Grant> grants = new HashMap<>();
  private final PriorityQueue<Due> dues =
      new PriorityQueue<>(Comparator.comparingLong(Due::atMicros));
  private int liveLeases;

  /**
   * @param settleMicros how long after it was spent something may still not be in the books
   */
  GrantBook(long settleMicros) {
    this.settleMicros = settleMicros;
  }

  /** Budgets of one matter share what is spent, whatever their limits are. */
  private record Key(TargetType type, String tenant, String scope, String matter) {
    static Key of(Limit limit) {
      return new Key(limit.type(), limit.tenant(), limit.scope(), limit.budget().matter());
    }
  }

  /** A promise: a lease, or the reserve of a plain question. */
  private static final class Grant {
    final String id;
    final String holder;
    final boolean lease;
    final long expiresAt;
    final List<Account> accounts = new ArrayList<>();

    Grant(String id, String holder, boolean lease, long expiresAt) {
      this.id = id;
      this.holder = holder;
      this.lease = lease;
      this.expiresAt = expiresAt;
    }
  }

  /**
   * Something has to be looked at.
   *
   * @param grant that is to be dropped; null for an account whose reports are old
   */
  private record Due(long atMicros, Grant grant, Account account) {}

  private record Report(String grantId, long amount, long atMicros) {}

  private static final class Account {
    final Key key;
    final boolean money;
    long windowStart;
    long expected;

    /** Sums are kept beside what they are of: a busy scope has thousands of promises. */
    private long outstanding;

    private long reported;
    private final Map<Grant, Long> holds = new HashMap<>();
    private final Map<String, Set<Grant>> leases = new HashMap<>();

    /** Oldest first. */
    private final Deque<Report> reports = new ArrayDeque<>();

    Account(Key key, Limit limit) {
      this.key = key;
      this.money = limit.budget().of().isMoney();
      this.windowStart = limit.windowStart();
      this.expected = limit.measure();
    }

    void hold(Grant grant, long amount) {
      holds.put(grant, amount);
      outstanding = Saturating.add(outstanding, amount);
      if (grant.lease) {
        leases.computeIfAbsent(grant.holder, holder -> new HashSet<>()).add(grant);
      }
    }

    /** What was held. */
    long release(Grant grant) {
      long amount = holds.remove(grant);
      outstanding -= amount;
      Set<Grant> own = grant.lease ? leases.get(grant.holder) : null;
      if (own != null && own.remove(grant) && own.isEmpty()) {
        leases.remove(grant.holder);
      }
      return amount;
    }

    void trim(Grant grant, long most) {
      long before = holds.get(grant);
      if (most < before) {
        holds.put(grant, most);
        outstanding -= before - most;
      }
    }

    int otherHolders(String holder, long nowMicros) {
      int others = 0;
      for (Map.Entry<String, Set<Grant>> entry : leases.entrySet()) {
        boolean live = false;
        for (Grant grant : entry.getValue()) {
          live |= nowMicros < grant.expiresAt;
        }
        others += live && !entry.getKey().equals(holder) ? 1 : 0;
      }
      return others;
    }

    void report(String grantId, long amount, long nowMicros) {
      expected = Saturating.add(expected, amount);
      reported = Saturating.add(reported, amount);
      reports.add(new Report(grantId, amount, nowMicros));
    }

    void forgetReports(long untilMicros) {
      while (!reports.isEmpty() && reports.peek().atMicros() <= untilMicros) {
        reported -= reports.remove().amount();
      }
    }

    boolean knows(String grantId) {
      return reports.stream().anyMatch(report -> report.grantId().equals(grantId));
    }

    boolean isIdle() {
      return holds.isEmpty() && reports.isEmpty();
    }

    /** Brings what is expected into what the books leave possible. */
    void square(Limit limit) {
      if (limit.windowStart() != windowStart) {
        windowStart = limit.windowStart();
        expected = limit.measure();
        reports.clear();
        reported = 0;
      }
      long most = Saturating.add(limit.measure(), reported);
      expected = Math.max(limit.measure() - outstanding, Math.min(expected, most));
    }
  }

  /**
   * How a budget stands with all promises.
   *
   * @param spend expected to be spent, with what is in the books
   * @param reserved promised and not spent yet, as far as is known; with {@code spend} never less
   *     than what is in the books
   * @param otherHolders of live leases
   */
  record Room(long spend, long reserved, int otherHolders) {
    long committed() {
      return Saturating.add(spend, reserved);
    }
  }

  /** How a budget stands. */
  Room room(Limit limit, String holder, long nowMicros) {
    Account account = accounts.get(Key.of(limit));
    if (account == null) {
      return new Room(limit.measure(), 0, 0);
    }
    account.square(limit);
    long spend = Math.max(account.expected, limit.measure());
    return new Room(
        spend,
        Saturating.add(account.expected, account.outstanding) - spend,
        account.otherHolders(holder, nowMicros));
  }

  /** Promises an amount of money, and the call at hand where calls are counted. */
  void grant(
      String id, String holder, boolean lease, long expiresAt, List<Limit> limits, long money) {
    Grant grant = new Grant(id, holder, lease, expiresAt);
    for (Limit limit : limits) {
      long amount = limit.budget().of().isMoney() ? money : limit.adds();
      if (amount > 0) {
        Account account = accounts.computeIfAbsent(Key.of(limit), key -> new Account(key, limit));
        if (!grant.accounts.contains(account)) { // several policies may be on one matter
          account.hold(grant, amount);
          grant.accounts.add(account);
        }
      }
    }
    if (!grant.accounts.isEmpty()) {
      grants.put(id, grant);
      liveLeases += lease ? 1 : 0;
      dues.add(new Due(lease ? expiresAt + settleMicros : expiresAt, grant, null));
    }
  }

  /** Promises no more than so much after all. */
  void trim(String id, long money) {
    Grant grant = grants.get(id);
    if (grant != null) {
      for (Account account : grant.accounts) {
        if (account.money) {
          account.trim(grant, money);
        }
      }
    }
  }

  /** Takes a promise back that nothing was spent of. */
  void drop(String id) {
    Grant grant = remove(id);
    if (grant != null) {
      for (Account account : grant.accounts) {
        account.release(grant);
        forgetIdle(account);
      }
    }
  }

  /**
   * A promise ends, and it is told what was spent of it. One that is not known, because it is long
   * over or its book was lost, is booked on the budgets given.
   *
   * @param used {@link Ask#UNKNOWN} for all of it
   * @param holding budgets that hold now
   */
  void giveBack(String id, long used, List<Limit> holding, long nowMicros) {
    Grant grant = remove(id);
    if (grant != null) {
      for (Account account : grant.accounts) {
        long held = account.release(grant);
        report(account, id, account.money && used != Ask.UNKNOWN ? used : held, nowMicros);
      }
      return;
    }
    if (used <= 0) {
      return;
    }
    for (Limit limit : holding) {
      if (limit.budget().of().isMoney()) {
        Account account = accounts.computeIfAbsent(Key.of(limit), key -> new Account(key, limit));
        if (!account.knows(id)) { // told twice
          report(account, id, used, nowMicros);
        }
      }
    }
  }

  private void report(Account account, String id, long amount, long nowMicros) {
    account.report(id, amount, nowMicros);
    dues.add(new Due(nowMicros + settleMicros, null, account));
  }

  /** Plain questions of a holder whose calls have been made and cost so much together. */
  void settleReserves(String holder, long used, List<Limit> holding, long nowMicros) {
    String id = "reserves of " + holder + " at " + nowMicros;
    for (Limit limit : holding) {
      Account account = accounts.get(Key.of(limit));
      if (account == null) {
        continue;
      }
      long held = 0;
      for (Grant grant : List.copyOf(account.holds.keySet())) {
        if (!grant.lease && holder.equals(grant.holder)) {
          held = Saturating.add(held, account.release(grant));
          grant.accounts.remove(account);
        }
      }
      report(account, id, account.money ? used : held, nowMicros);
    }
  }

  /**
   * Ends what is over. A lease that nobody has given back counts as spent until the books show what
   * it was.
   *
   * @param seenToMicros what was spent so long ago is in the books
   */
  void moveTo(long nowMicros, long seenToMicros) {
    long to = Math.min(nowMicros, seenToMicros);
    for (Due due = dues.peek(); due != null && due.atMicros() <= to; due = dues.peek()) {
      dues.remove();
      if (due.grant() == null) {
        due.account().forgetReports(to - settleMicros);
        forgetIdle(due.account());
      } else if (grants.get(due.grant().id) == due.grant()) {
        Grant grant = remove(due.grant().id);
        for (Account account : grant.accounts) {
          account.expected = Saturating.add(account.expected, account.release(grant));
          forgetIdle(account);
        }
      }
    }
  }

  private Grant remove(String id) {
    Grant grant = grants.remove(id);
    if (grant != null && grant.lease) {
      liveLeases--;
    }
    return grant;
  }

  /** Nothing is on its way: the books say it all. */
  private void forgetIdle(Account account) {
    if (account.isIdle()) {
      accounts.remove(account.key, account);
    }
  }

  /** Leases that are out, or have ended and are not settled. */
  int leases() {
    return liveLeases;
  }

  /** Budgets that something is promised of; for tests. */
  int size() {
    return accounts.size();
  }
}
