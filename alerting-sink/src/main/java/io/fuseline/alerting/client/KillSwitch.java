package io.fuseline.alerting.client;

import io.fuseline.alerting.client.CommandGate.Answer;
import io.fuseline.alerting.client.Watch.Subject;
import io.fuseline.schemas.Caps;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.TargetType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Obeys Fuseline's commands in an agent runtime: one per process and tenant, for all its runs.
 *
 * <p>A watched run or agent gets its commands through a {@link StopHandler}, each once and in
 * order; what the handler returns is acknowledged. A command for an agent, team, workflow or tenant
 * holds for every watched run it concerns, also for those that start later, until it is restored.
 * Besides, a run can ask before each step: {@link #checkpoint}, {@link #isStopped} and {@link
 * #caps} know a command as soon as it is read, even while its handler still runs.
 *
 * <p>Safe for use by many threads. All its threads are daemons.
 */
public final class KillSwitch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KillSwitch.class);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
  private static final Duration SWEEP_INTERVAL = Duration.ofMinutes(1);

  /** About 1 kB each; commands of one tenant within the horizon stay far below. */
  private static final int MAX_TARGETS = 100_000;

  private final KillSwitchSettings settings;
  private final AckChannel acks;
  private final Clock clock;
  private final HandlerLanes lanes;
  private final CommandFeed feed;
  private final SpendGuards guards;

  // Guards all below it. Never held while a handler or a client is called.
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final CommandGate gate;
  private final Map<Subject, Watching> watching = new HashMap<>();
  private Instant nextSweep = Instant.MIN;
  private boolean closed;

  /**
   * Commands read so far, for metrics.
   *
   * @param accepted passed the gate
   * @param duplicates came again with an id already seen; answered again, not obeyed again
   * @param stale came with an epoch not above the highest seen for their target; ignored
   */
  public record Counts(long accepted, long duplicates, long stale) {}

  /**
   * Connects, and returns once every command of the last {@code lookBack} is known.
   *
   * @throws KafkaException if that takes longer than {@code startTimeout}, because the brokers or
   *     the registry cannot be reached or the topic is missing
   */
  public static KillSwitch open(KillSwitchSettings settings) {
    var killSwitch = new KillSwitch(settings, new AckTopic(settings), Clock.systemUTC());
    var opened = false;
    try {
      killSwitch.feed.start();
      killSwitch.feed.caughtUp().get(settings.startTimeout().toMillis(), TimeUnit.MILLISECONDS);
      opened = true;
      return killSwitch;
    } catch (TimeoutException e) {
      throw new KafkaException(
          "Commands on %s at %s could not be read within %s: %s"
              .formatted(
                  settings.topics().agentCommands().name(),
                  settings.bootstrapServers(),
                  settings.startTimeout(),
                  whyNotRead(killSwitch.feed)),
          e);
    } catch (ExecutionException e) {
      throw new KafkaException("The kill switch could not start", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("Interrupted while the kill switch was starting", e);
    } finally {
      if (!opened) {
        killSwitch.close();
      }
    }
  }

  private static String whyNotRead(CommandFeed feed) {
    return feed.failure() == null
        ? "there are more than could be read in that time; lower lookBack or raise startTimeout"
        : feed.failure().getMessage();
  }

  /** Without a started feed: {@link #receive} is given the commands. */
  KillSwitch(KillSwitchSettings settings, AckChannel acks, Clock clock) {
    this.settings = settings;
    this.acks = acks;
    this.clock = clock;
    lanes = new HandlerLanes(settings.handlerThreads());
    gate = new CommandGate(settings.tenant(), MAX_TARGETS);
    feed = new CommandFeed(settings, clock, this::receive);
    guards =
        settings.admission() == null
            ? null
            : new SpendGuards(
                settings.admission(),
                new HttpAdmissionDesk(settings.admission()),
                settings.tenant(),
                settings.runtime());
  }

  /** As {@link #watchRun(String, String, Map, StopHandler)}, without further attributes. */
  public Subscription watchRun(String rootRunId, String agentId, StopHandler handler) {
    return watchRun(rootRunId, agentId, Map.of(), handler);
  }

  /**
   * Obeys the commands for a run: those to come, and those that hold for it already, such as the
   * KILL of its agent.
   *
   * @param rootRunId the run's root run, as in its spans
   * @param agentId agent of the root run, as in its spans
   * @param attributes what else it belongs to, such as {@code TEAM} or {@code WORKFLOW}, so that
   *     commands for these reach it
   * @throws IllegalStateException if the run is watched already, or this is closed
   */
  public Subscription watchRun(
      String rootRunId, String agentId, Map<TargetType, String> attributes, StopHandler handler) {
    requireId(rootRunId, "rootRunId");
    requireId(agentId, "agentId");
    return watch(Watch.ofRun(settings.tenant(), rootRunId, agentId, attributes), handler);
  }

  /**
   * Obeys the commands for an agent as a whole, such as to take no more work for it; its runs are
   * watched each for itself. From now on this process answers UNKNOWN_TARGET to commands for runs
   * of this agent that it does not watch.
   *
   * @throws IllegalStateException if the agent is watched already, or this is closed
   */
  public Subscription watchAgent(String agentId, StopHandler handler) {
    requireId(agentId, "agentId");
    return watch(Watch.ofAgent(settings.tenant(), agentId), handler);
  }

  /**
   * True from the moment a KILL for the run, its agent or another of its attributes was read, until
   * it is restored. Of a run that is not watched only commands for the run itself are known.
   */
  public boolean isStopped(String rootRunId) {
    lock.lock();
    try {
      return gate.standingOf(rootRunId).kill() != null;
    } finally {
      lock.unlock();
    }
  }

  /** The tightest limits of all THROTTLEs that hold for the run; empty when there are none. */
  public Optional<Caps> caps(String rootRunId) {
    lock.lock();
    try {
      return gate.standingOf(rootRunId).caps();
    } finally {
      lock.unlock();
    }
  }

  /**
   * To be called before each step of a run: returns when the step may be taken. While the run is
   * paused, or waits for approval, so does this call.
   *
   * @return the limits for the step, as {@link #caps}
   * @throws RunStopped if the run was killed, was paused for longer than {@code pauseTimeout}, or
   *     rests when this is closed
   * @throws IllegalStateException if the run is not watched
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public Optional<Caps> checkpoint(String rootRunId) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      var patience = settings.pauseTimeout().toNanos();
      while (true) {
        requireWatched(rootRunId);
        var standing = gate.standingOf(rootRunId);
        if (standing.kill() != null) {
          throw new RunStopped(rootRunId, standing.kill(), "was killed");
        }
        if (standing.pause() == null) {
          return standing.caps();
        }
        if (closed) {
          throw new RunStopped(rootRunId, standing.pause(), "rests while the kill switch closes");
        }
        if (patience <= 0) {
          throw new RunStopped(
              rootRunId, standing.pause(), "was not restored within " + settings.pauseTimeout());
        }
        patience = changed.awaitNanos(patience);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Asks before a run spends: the commands that hold for it, then leases held here, then the
   * pipeline. The same run has the same guard until that is closed.
   *
   * @param rootRunId a watched run; its attributes say whose budgets are asked
   * @throws IllegalStateException if the run is not watched, this is closed, or its settings have
   *     no {@link KillSwitchSettings#admission}
   */
  public SpendGuard guard(String rootRunId) {
    if (guards == null) {
      throw new IllegalStateException(
          "The settings have no admission; build them with"
              + " admission(AdmissionSettings.builder(\"http://…:8420\").build())");
    }
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("The kill switch is closed");
      }
      requireWatched(rootRunId);
      return guards.guard(gate.watchOf(rootRunId), new CommandsOf(rootRunId));
    } finally {
      lock.unlock();
    }
  }

  private void requireWatched(String rootRunId) {
    if (gate.watchOf(rootRunId) == null) {
      throw new IllegalStateException(
          "Run " + rootRunId + " is not watched; call watchRun before its first step");
    }
  }

  /** Commands read so far. */
  public Counts counts() {
    lock.lock();
    try {
      return gate.counts();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives leases back, stops reading, lets running handlers end and writes their answers, for some
   * seconds at most.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (guards != null) {
      guards.close();
    }
    feed.close(CLOSE_PATIENCE);
    lanes.close(CLOSE_PATIENCE);
    acks.close(CLOSE_PATIENCE);
  }

  /** Takes a command as it was read; does not block. */
  void receive(Command command) {
    lock.lock();
    try {
      var now = clock.instant();
      var outcome = gate.offer(command, now);
      LOG.debug("{} {}: {}", command.getAction(), command.getCommandId(), outcome.verdict());
      for (Answer answer : outcome.answers()) {
        lanes.execute(() -> acknowledge(command, answer.subject(), answer.ack()));
      }
      for (Watch watch : outcome.deliverTo()) {
        watching.get(watch.subject()).deliver(command);
      }
      if (!now.isBefore(nextSweep)) {
        gate.forgetBefore(now.minus(settings.horizon()));
        nextSweep = now.plus(SWEEP_INTERVAL);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Subscription watch(Watch watch, StopHandler handler) {
    Objects.requireNonNull(handler, "handler");
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("The kill switch is closed");
      }
      var standing = gate.watch(watch);
      var started = new Watching(watch.subject(), handler);
      watching.put(watch.subject(), started);
      standing.forEach(started::deliver);
      return started;
    } finally {
      lock.unlock();
    }
  }

  private void acknowledge(Command command, Subject subject, Ack ack) {
    acks.send(
        CommandAck.newBuilder()
            .setCommandId(command.getCommandId())
            .setResult(ack.result())
            .setTenantId(command.getTenantId())
            .setTargetType(command.getTargetType())
            .setTarget(command.getTarget())
            .setEpoch(command.getEpoch())
            .setRuntime(settings.runtime())
            .setRootRunIds(subject.rootRunIds())
            .setSpendAtStop(ack.spendAtStop())
            .setCurrency(ack.currency())
            .setMessage(ack.message())
            .setAckedAt(clock.instant())
            .build());
  }

  private static void requireId(String id, String name) {
    if (id == null || id.isBlank()) {
      throw new IllegalArgumentException(name + " is empty, expected the id the spans carry");
    }
  }

  /** What commands say about one run. */
  private final class CommandsOf implements Checkpoint {
    private final String rootRunId;

    CommandsOf(String rootRunId) {
      this.rootRunId = rootRunId;
    }

    @Override
    public Optional<Caps> pass() throws InterruptedException {
      return checkpoint(rootRunId);
    }

    @Override
    public void awaitCommand(long nanos) throws InterruptedException {
      lock.lockInterruptibly();
      try {
        // What wakes it for nothing only makes it look sooner.
        changed.await(nanos, TimeUnit.NANOSECONDS);
      } finally {
        lock.unlock();
      }
    }
  }

  /** A watch with its handler. */
  private final class Watching implements Subscription {
    private final Subject subject;
    private final StopHandler handler;
    private final HandlerLanes.Lane lane = lanes.newLane();
    private boolean over; // guarded by lock

    Watching(Subject subject, StopHandler handler) {
      this.subject = subject;
      this.handler = handler;
    }

    /** Called with the lock held, so that commands queue in the order of their epochs. */
    void deliver(Command command) {
      if (!lane.offer(() -> obey(command))) {
        var refused =
            Ack.refused("the handler of " + subject.id() + " hangs: too many commands wait for it");
        LOG.error("Command {} refused: {}", command.getCommandId(), refused.message());
        gate.answered(command, subject, refused);
        lanes.execute(() -> acknowledge(command, subject, refused));
      }
    }

    private void obey(Command command) {
      var ack = isOver() ? Ack.unknownTarget("it had ended before") : callHandler(command);
      lock.lock();
      try {
        gate.answered(command, subject, ack);
      } finally {
        lock.unlock();
      }
      acknowledge(command, subject, ack);
    }

    private Ack callHandler(Command command) {
      try {
        var ack =
            switch (command.getAction()) {
              case KILL -> handler.onKill(command);
              case PAUSE -> handler.onPause(command);
              case REQUIRE_APPROVAL -> handler.onApprovalRequired(command);
              case THROTTLE -> handler.onThrottle(command, capsOf(command));
              case RESTORE -> handler.onRestore(command);
              case ALERT -> Ack.applied();
            };
        return ack != null ? ack : Ack.refused("the handler returned no answer");
      } catch (Throwable failure) {
        LOG.error(
            "Handler of {} failed on {} {}",
            subject.id(),
            command.getAction(),
            command.getCommandId(),
            failure);
        return Ack.refused("the handler failed: " + failure);
      }
    }

    private boolean isOver() {
      lock.lock();
      try {
        return over;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void unwatch() {
      lock.lock();
      try {
        if (!over) {
          over = true;
          gate.unwatch(subject);
          watching.remove(subject);
          changed.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private static Caps capsOf(Command command) {
    return command.getCaps() != null ? command.getCaps() : Caps.newBuilder().build();
  }
}
