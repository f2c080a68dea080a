package io.fuseline.alerting.client;

import io.fuseline.alerting.client.AdmissionDenied.Against;
import io.fuseline.alerting.client.AdmissionDenied.Why;
import io.fuseline.alerting.client.AdmissionDesk.Allowed;
import io.fuseline.alerting.client.AdmissionDesk.Answer;
import io.fuseline.alerting.client.AdmissionDesk.Caller;
import io.fuseline.alerting.client.AdmissionDesk.Denied;
import io.fuseline.alerting.client.AdmissionDesk.NeedsApproval;
import io.fuseline.alerting.client.AdmissionDesk.NoLeases;
import io.fuseline.alerting.client.AdmissionDesk.Question;
import io.fuseline.alerting.client.AdmissionDesk.Silence;
import io.fuseline.alerting.client.AdmissionSettings.Unanswered;
import io.fuseline.alerting.client.LeaseAccount.Back;
import io.fuseline.alerting.client.LeaseAccount.Taken;
import io.fuseline.schemas.Caps;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Asks before a run spends: by the commands that hold for it, then from a lease held here, then the
 * pipeline. One for each run. Safe for use by many threads, which never spend the same money.
 */
public final class SpendGuard implements AutoCloseable {
  /** Decimals of money in the schemas. */
  private static final int MONEY_SCALE = 12;

  private static final Duration LEAST_PAUSE = Duration.ofMillis(100);

  /** Tools and models that leases are held for at once; the lease of a further one runs out. */
  private static final int MOST_ACCOUNTS = 256;

  private final AdmissionSettings settings;
  private final AdmissionDesk desk;
  private final Caller caller;
  private final Checkpoint checkpoint;
  private final Runnable onClose;
  private final LongSupplier nanoTime;

  // Guards all below it. Never held while the pipeline is asked.
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition answered = lock.newCondition();
  private final Map<CallDetails, Account> accounts = new Accounts();
  private boolean closed;

  /** A lease, and whether it is being renewed. */
  private static final class Account {
    private final LeaseAccount lease = new LeaseAccount();
    private boolean asking;
  }

  private static final class Accounts extends LinkedHashMap<CallDetails, Account> {
    private static final long serialVersionUID = 1L;

    Accounts() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<CallDetails, Account> eldest) {
      return size() > MOST_ACCOUNTS && !eldest.getValue().asking;
    }
  }

  SpendGuard(
      AdmissionSettings settings,
      AdmissionDesk desk,
      Caller caller,
      Checkpoint checkpoint,
      Runnable onClose,
      LongSupplier nanoTime) {
    this.settings = settings;
    this.desk = desk;
    this.caller = caller;
    this.checkpoint = checkpoint;
    this.onClose = onClose;
    this.nanoTime = nanoTime;
  }

  /** As {@link #before(BigDecimal, CallDetails)}, of a call about which nothing more is known. */
  public GuardedCall before(BigDecimal estimate) throws InterruptedException {
    return before(estimate, CallDetails.NONE);
  }

  /**
   * To be called before each call that costs money: returns when it may be made. While the run is
   * paused, or a person must approve, so does this call.
   *
   * @param estimate what the call may cost, in the pipeline's currency; kept with 12 decimals,
   *     rounded up
   * @return the call, to be settled with {@link GuardedCall#after}
   * @throws RunStopped if a command stops the run
   * @throws AdmissionDenied if a budget stands against it, nobody approves in time, or nobody
   *     answers
   * @throws IllegalStateException if this is closed, or the pipeline cannot make sense of the
   *     question
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public GuardedCall before(BigDecimal estimate, CallDetails details) throws InterruptedException {
    var amount = money(estimate, "estimate");
    var waits = new Waits(nanoTime.getAsLong());
    // An action of a declared value is always asked for by itself.
    var leases = settings.leaseCalls() > 0 && amount.signum() > 0 && details.actionValue() == null;
    while (true) {
      var commanded = checkpoint.pass();
      var attempt = leases ? byLease(amount, details, waits) : byQuestion(amount, details, waits);
      if (attempt.isPresent()) {
        return passedAgain(commanded, attempt.get());
      }
      if (waits.pauseNanos > 0) {
        checkpoint.awaitCommand(waits.pauseNanos);
      }
    }
  }

  /** A command may have come while the question was under way. */
  private GuardedCall passedAgain(Optional<Caps> commanded, GuardedCall call)
      throws InterruptedException {
    var passed = false;
    try {
      var now = call.isAsked() ? checkpoint.pass() : commanded;
      passed = true;
      return call.within(now);
    } finally {
      if (!passed) {
        call.after(BigDecimal.ZERO);
      }
    }
  }

  /** Empty: to be tried again, after a pause. */
  private Optional<GuardedCall> byLease(BigDecimal amount, CallDetails details, Waits waits)
      throws InterruptedException {
    waits.pauseNanos = 0;
    Account account;
    Optional<Back> back;
    lock.lockInterruptibly();
    try {
      requireOpen();
      account = accounts.computeIfAbsent(details, key -> new Account());
      var taken = account.lease.take(amount, nanoTime.getAsLong());
      if (taken.isPresent()) {
        return taken.map(call -> guarded(account, amount, call, false));
      }
      if (account.asking) {
        answered.await();
        return Optional.empty();
      }
      account.asking = true;
      back = account.lease.giveBack();
    } finally {
      lock.unlock();
    }
    Answer answer = null;
    try {
      var lease =
          waits.noLeases
              ? Optional.<BigDecimal>empty()
              : Optional.of(amount.multiply(BigDecimal.valueOf(settings.leaseCalls())));
      answer = desk.ask(new Question(caller, amount, details, lease, back));
    } finally {
      lock.lock();
      try {
        account.asking = false;
        if (answer instanceof Allowed
            || answer instanceof Denied
            || answer instanceof NeedsApproval) {
          back.ifPresent(account.lease::told);
        }
        if (answer instanceof Allowed allowed && allowed.lease().isPresent()) {
          // At once, under the lock: nobody else may take what this call was given.
          waits.taken = account.lease.open(allowed.lease().get(), amount);
        }
      } finally {
        answered.signalAll();
        lock.unlock();
      }
    }
    var taken = waits.taken;
    if (taken != null) {
      return Optional.of(guarded(account, amount, taken, true));
    }
    return weigh(amount, answer, waits);
  }

  private Optional<GuardedCall> byQuestion(BigDecimal amount, CallDetails details, Waits waits)
      throws InterruptedException {
    lock.lockInterruptibly();
    try {
      requireOpen();
    } finally {
      lock.unlock();
    }
    var question = new Question(caller, amount, details, Optional.empty(), Optional.empty());
    return weigh(amount, desk.ask(question), waits);
  }

  /** What an answer without a lease comes to; empty: ask again after the pause. */
  private Optional<GuardedCall> weigh(BigDecimal amount, Answer answer, Waits waits) {
    var now = nanoTime.getAsLong();
    if (!(answer instanceof Silence)) {
      waits.silentSince = null;
    }
    if (answer instanceof Allowed allowed) {
      return Optional.of(new GuardedCall(amount, allowed.caps(), actual -> {}, true));
    } else if (answer instanceof Denied denied) {
      throw new AdmissionDenied(denied.why(), denied.message(), denied.against());
    } else if (answer instanceof NeedsApproval needed) {
      var left = waits.startedAt + settings.approvalTimeout().toNanos() - now;
      if (left <= 0) {
        throw new AdmissionDenied(
            Why.NOT_APPROVED,
            "Nobody has approved within %s: %s"
                .formatted(settings.approvalTimeout(), needed.reason()),
            needed.against());
      }
      waits.pause(needed.askAgainAfter(), left);
      return Optional.empty();
    } else if (answer instanceof NoLeases && !waits.noLeases) {
      waits.noLeases = true;
      waits.pauseNanos = 0;
      return Optional.empty();
    } else if (answer instanceof Silence silence) {
      return endure(amount, silence, waits, now);
    }
    return endure(amount, new Silence("it is blind", Optional.empty()), waits, now);
  }

  private Optional<GuardedCall> endure(BigDecimal amount, Silence silence, Waits waits, long now) {
    if (waits.silentSince == null) {
      waits.silentSince = now;
    }
    var left = waits.silentSince + settings.patience().toNanos() - now;
    if (left > 0) {
      waits.pause(silence.askAgainAfter().orElse(LEAST_PAUSE), left);
      return Optional.empty();
    }
    if (settings.whenUnanswered() == Unanswered.ALLOW) {
      return Optional.of(new GuardedCall(amount, Optional.empty(), actual -> {}, true));
    }
    throw new AdmissionDenied(
        Why.NO_ANSWER,
        "Nobody has said within %s whether this may be spent: %s"
            .formatted(settings.patience(), silence.reason()),
        Against.UNKNOWN);
  }

  private GuardedCall guarded(Account account, BigDecimal amount, Taken taken, boolean asked) {
    return new GuardedCall(
        amount,
        taken.caps(),
        actual -> {
          lock.lock();
          try {
            account.lease.settle(taken, actual);
          } finally {
            lock.unlock();
          }
        },
        asked);
  }

  /**
   * Gives back what is left of all leases; who waits for an answer is let go with an {@link
   * IllegalStateException}. Calls under way may still be settled. A second call does nothing.
   */
  @Override
  public void close() {
    Map<Account, Back> backs = new LinkedHashMap<>();
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      answered.signalAll();
      accounts
          .values()
          .forEach(account -> account.lease.giveBack().ifPresent(b -> backs.put(account, b)));
    } finally {
      lock.unlock();
    }
    onClose.run();
    backs.forEach(
        (account, back) -> {
          if (desk.release(caller, back)) {
            lock.lock();
            try {
              account.lease.told(back);
            } finally {
              lock.unlock();
            }
          }
        });
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(
          "The guard of run " + caller.run().rootRunId() + " is closed");
    }
  }

  /** The tightest of both. */
  static Optional<Caps> tightest(Optional<Caps> one, Optional<Caps> other) {
    return TightestCaps.of(Stream.of(one, other).flatMap(Optional::stream).toList());
  }

  static BigDecimal money(BigDecimal amount, String name) {
    if (amount.signum() < 0) {
      throw new IllegalArgumentException(name + " is " + amount + ", expected 0 or more");
    }
    return amount.setScale(
        Math.min(Math.max(amount.scale(), 0), MONEY_SCALE), RoundingMode.CEILING);
  }

  /** How long one call has been waiting for what. */
  private static final class Waits {
    private final long startedAt;
    private Long silentSince;
    private boolean noLeases;
    private Taken taken;
    private long pauseNanos;

    Waits(long startedAt) {
      this.startedAt = startedAt;
    }

    void pause(Duration wanted, long mostNanos) {
      var pause = wanted.compareTo(LEAST_PAUSE) < 0 ? LEAST_PAUSE : wanted;
      pauseNanos = Math.min(pause.toNanos(), mostNanos);
    }
  }
}
