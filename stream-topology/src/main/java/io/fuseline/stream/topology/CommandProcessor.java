package io.fuseline.stream.topology;

import io.fuseline.schemas.Alert;
import io.fuseline.stream.judge.CommandEvent;
import io.fuseline.stream.judge.CommandWatch;
import io.fuseline.stream.judge.OpenCommand;
import io.fuseline.stream.metrics.FuselineMetrics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Keeps the commands that wait for an answer, and forwards an alert for those that get none in
 * time. Deadlines go by the wall clock.
 */
final class CommandProcessor extends ContextualProcessor<String, CommandEvent, Object, Object>
    implements CommandWatch.Book {
  static final String OPEN = "open-commands";
  static final String FENCES = "command-fences";
  static final String DEADLINES = "command-deadlines";

  private static final char SEPARATOR = '\u0000';
  private static final byte ANSWER_DUE = 0;
  private static final byte FORGET_COMMAND = 1;
  private static final byte FORGET_FENCE = 2;
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  /** Commands that nobody answered, and epochs of targets, are kept this long. */
  private static final Duration RETENTION = Duration.ofHours(24);

  /**
   * After a start what was answered in the meantime is read first: nothing is escalated for this
   * long, and what comes out of a backlog is given it too.
   */
  private static final Duration CATCH_UP = Duration.ofSeconds(5);

  private final FuselineMetrics metrics;

  private KeyValueStore<String, OpenCommand> commands;
  private KeyValueStore<String, Long> fences;
  private Deadlines deadlines;
  private Cancellable clock;
  private long startedMillis;

  CommandProcessor(FuselineMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<Object, Object> context) {
    super.init(context);
    commands = context.getStateStore(OPEN);
    fences = context.getStateStore(FENCES);
    KeyValueStore<Bytes, byte[]> deadlineStore = context.getStateStore(DEADLINES);
    deadlines = new Deadlines(deadlineStore);
    startedMillis = context.currentSystemTimeMs();
    clock = context.schedule(LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, this::onClock);
  }

  @Override
  public void close() {
    if (clock != null) {
      clock.cancel();
    }
  }

  @Override
  public void process(Record<String, CommandEvent> record) {
    CommandWatch.Taken taken;
    if (record.value() instanceof CommandEvent.Answered answer) {
      taken = CommandWatch.onAnswered(answer, this, nowMicros());
      metrics.acknowledgement(answer.result(), taken.stale());
    } else {
      CommandEvent.Issued issued = (CommandEvent.Issued) record.value();
      taken = CommandWatch.onIssued(issued, this, nowMicros());
      long soonest = nowMicros() + CATCH_UP.toMillis() * 1000;
      set(
          Math.max(issued.deadlineMicros(), soonest),
          ANSWER_DUE,
          key(record.value().target(), issued.commandId()));
    }
    if (taken.sinceMicros() >= 0) {
      metrics.commandToAck(Duration.ofNanos(taken.sinceMicros() * 1000));
    }
    forward(taken.alert());
  }

  private void onClock(long nowMillis) {
    if (nowMillis < startedMillis + CATCH_UP.toMillis()) {
      return;
    }
    for (Deadlines.Due due : deadlines.take(nowMillis * 1000)) {
      String what = new String(due.what(), StandardCharsets.UTF_8);
      switch (due.kind()) {
        case ANSWER_DUE -> onAnswerDue(what, nowMillis);
        case FORGET_COMMAND -> commands.delete(what);
        case FORGET_FENCE -> forgetFence(what, nowMillis);
        default -> throw new IllegalStateException("Unknown deadline " + due.kind());
      }
    }
  }

  private void onAnswerDue(String key, long nowMillis) {
    int end = key.lastIndexOf(SEPARATOR);
    CommandWatch.Due due =
        CommandWatch.onDeadline(
            key.substring(0, end), key.substring(end + 1), this, nowMillis * 1000);
    if (due == null) {
      return;
    }
    if (due.nextMicros() > 0) {
      set(due.nextMicros(), ANSWER_DUE, key);
    } else {
      metrics.escalation(due.alert().getAction());
    }
    forward(due.alert());
  }

  private void forgetFence(String target, long nowMillis) {
    Long fence = fences.get(target);
    long old = (nowMillis - RETENTION.toMillis()) * 1000;
    if (fence == null || fence <= old) {
      fences.delete(target);
    } else {
      forgetLater(FORGET_FENCE, target);
    }
  }

  private void forward(Alert alert) {
    if (alert != null) {
      metrics.alert(alert.getSeverity());
      context().forward(new Record<>(alert.getTarget(), alert, context().currentSystemTimeMs()));
    }
  }

  @Override
  public OpenCommand get(String target, String commandId) {
    return commands.get(key(target, commandId));
  }

  @Override
  public void put(String target, String commandId, OpenCommand command) {
    String key = key(target, commandId);
    if (commands.get(key) == null) {
      forgetLater(FORGET_COMMAND, key);
    }
    commands.put(key, command);
  }

  @Override
  public void remove(String target, String commandId) {
    commands.delete(key(target, commandId));
  }

  @Override
  public List<String> open(String target) {
    String prefix = target + SEPARATOR;
    List<String> ids = new ArrayList<>();
    try (KeyValueIterator<String, OpenCommand> all =
        commands.prefixScan(prefix, new StringSerializer())) {
      while (all.hasNext()) {
        ids.add(all.next().key.substring(prefix.length()));
      }
    }
    return ids;
  }

  @Override
  public long fence(String target) {
    Long fence = fences.get(target);
    return fence == null ? Long.MIN_VALUE : fence;
  }

  @Override
  public void raiseFence(String target, long epoch) {
    Long fence = fences.get(target);
    if (fence == null) {
      forgetLater(FORGET_FENCE, target);
    }
    if (fence == null || epoch > fence) {
      fences.put(target, epoch);
    }
  }

  private static String key(String target, String commandId) {
    return target + SEPARATOR + commandId;
  }

  private void forgetLater(byte kind, String what) {
    set(nowMicros() + RETENTION.toMillis() * 1000, kind, what);
  }

  private void set(long micros, byte kind, String what) {
    deadlines.set(micros, kind, what.getBytes(StandardCharsets.UTF_8));
  }

  private long nowMicros() {
    return context().currentSystemTimeMs() * 1000;
  }
}
