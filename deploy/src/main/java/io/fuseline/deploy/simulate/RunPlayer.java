package io.fuseline.deploy.simulate;

import io.fuseline.alerting.client.Ack;
import io.fuseline.alerting.client.KillSwitch;
import io.fuseline.alerting.client.RunStopped;
import io.fuseline.alerting.client.StopHandler;
import io.fuseline.alerting.client.Subscription;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Caps;
import io.fuseline.schemas.Command;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plays runs in real time: asks the kill switch, takes a step, writes its span, and so on. A step
 * under way when a command comes is finished and paid for; the next is not begun.
 */
final class RunPlayer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunPlayer.class);

  /** How often a run that rests looks whether it may go on. */
  private static final long REST_MILLIS = 250;

  /**
   * A run that was killed still answers for so long, in case its handler has not been called yet.
   */
  private static final long ANSWERS_FOR_MILLIS = 10_000;

  private final KillSwitch killSwitch;
  private final ScheduledExecutorService clock;
  private final SpanScribe scribe;
  private final Consumer<AgentSpan> spans;
  private final Set<LiveRun> live = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * @param clock runs what is due; closed by its owner, before this
   * @param spans gets each span as soon as its step has ended
   */
  RunPlayer(
      KillSwitch killSwitch,
      ScheduledExecutorService clock,
      SpanScribe scribe,
      Consumer<AgentSpan> spans) {
    this.killSwitch = killSwitch;
    this.clock = clock;
    this.scribe = scribe;
    this.spans = spans;
  }

  /**
   * Plays a run.
   *
   * @param atEnd is called once, when its last agent has ended or was stopped
   */
  void play(RunPlan plan, Runnable atEnd) {
    LiveRun run = new LiveRun(plan, atEnd);
    live.add(run);
    run.subscription = killSwitch.watchRun(plan.rootRunId(), plan.worker().agent().id(), run);
    run.begin(plan.worker(), plan.rootRunId(), null);
  }

  /** Has something done later; not at all once this is closed. */
  @SuppressWarnings("FutureReturnValueIgnored") // Failures are logged where they happen.
  void after(long millis, Runnable work) {
    try {
      clock.schedule(
          () -> {
            try {
              work.run();
            } catch (RuntimeException e) {
              LOG.error("A simulated run has failed: {}", e.getMessage(), e);
            }
          },
          millis,
          TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      if (!closed && !clock.isShutdown()) {
        throw e;
      }
    }
  }

  /** No step is taken any more: whoever waits for a run to end can go on. */
  @Override
  public void close() {
    closed = true;
    live.forEach(run -> run.ended.complete(null));
  }

  /** One root run with all its agents. */
  private final class LiveRun implements StopHandler {
    private final RunPlan plan;
    private final Runnable atEnd;
    private final AtomicInteger atWork = new AtomicInteger();
    private final AtomicInteger subRuns = new AtomicInteger();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private Subscription subscription;

    LiveRun(RunPlan plan, Runnable atEnd) {
      this.plan = plan;
      this.atEnd = atEnd;
    }

    void begin(Worker worker, String runId, String parentRunId) {
      atWork.incrementAndGet();
      new Shift(worker, runId, parentRunId).checkpoint();
    }

    private void end(boolean killed) {
      if (atWork.decrementAndGet() == 0) {
        ended.complete(null);
        live.remove(this);
        after(killed ? ANSWERS_FOR_MILLIS : 0, subscription::unwatch);
        atEnd.run();
      }
    }

    /** Answers when the last agent has put down its work. */
    @Override
    public Ack onKill(Command command) throws Exception {
      ended.get(Duration.ofMinutes(1).toMillis(), TimeUnit.MILLISECONDS);
      return Ack.stopped();
    }

    @Override
    public Ack onThrottle(Command command, Caps caps) {
      boolean more =
          caps.getMaxTokens() != null
              || caps.getMaxStepsRemaining() != null
              || caps.getToolAllowlist() != null
              || caps.getToolDenylist() != null;
      return more ? Ack.partial("simulated agents heed the cool-down only") : Ack.applied();
    }

    /** One agent at work on the run. */
    private final class Shift {
      private final Worker worker;
      private final String runId;
      private final String parentRunId;
      private Instant lastEnded = Instant.EPOCH;
      private int done;

      Shift(Worker worker, String runId, String parentRunId) {
        this.worker = worker;
        this.runId = runId;
        this.parentRunId = parentRunId;
      }

      void checkpoint() {
        Optional<Caps> caps;
        try {
          caps = killSwitch.checkpoint(plan.rootRunId());
        } catch (RunStopped stopped) {
          if (stopped.command().getAction() == Action.KILL) {
            end(true);
          } else {
            after(REST_MILLIS, this::checkpoint);
          }
          return;
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
        long coolDown = plan.heedsThrottle() ? coolDownLeft(caps) : 0;
        if (coolDown > 0) {
          after(coolDown, this::checkpoint);
        } else if (worker.steps().hasNext()) {
          Step step = worker.steps().next();
          Instant began = now();
          after(step.takes().toMillis(), () -> finish(step, began));
        } else {
          end(false);
        }
      }

      private void finish(Step step, Instant began) {
        lastEnded = now();
        done++;
        spans.accept(
            scribe.span(
                worker.agent(),
                step,
                plan.rootRunId(),
                runId,
                parentRunId,
                done,
                began,
                lastEnded));
        for (Worker sub : step.starts()) {
          begin(sub, plan.rootRunId() + "/" + subRuns.incrementAndGet(), runId);
        }
        checkpoint();
      }

      /** Milliseconds until the next step may begin. */
      private long coolDownLeft(Optional<Caps> caps) {
        Long coolDown = caps.map(Caps::getCooldownMs).orElse(null);
        return coolDown == null ? 0 : coolDown - Duration.between(lastEnded, now()).toMillis();
      }
    }
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }
}
