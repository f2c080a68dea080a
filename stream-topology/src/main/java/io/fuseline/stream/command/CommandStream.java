package io.fuseline.stream.command;

import io.fuseline.schemas.Command;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The last commands, each once, and those who wait for more. Bounded in all directions: commands
 * kept, subscribers, and commands that wait for one subscriber; one that does not keep up is
 * dropped and may come again, from where it was. Safe for all threads; nobody waits for a slow
 * subscriber.
 */
public final class CommandStream implements AutoCloseable {
  /** Commands kept for those who come, or come again. */
  public static final int MOST_KEPT = 10_000;

  /** Each subscriber holds a connection and a thread. */
  public static final int MOST_SUBSCRIBERS = 100;

  /** Beside what is kept, which a subscriber starts with. */
  private static final int MOST_WAITING = 256;

  /**
   * Instances see the partitions of the topic in different orders: who comes again is given what is
   * this much older than the last command known too, rather twice than never.
   */
  private static final Duration OVERLAP = Duration.ofSeconds(30);

  private final int mostSubscribers;
  private final Map<String, Command> kept;
  private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();
  private boolean closed;

  public CommandStream() {
    this(MOST_KEPT, MOST_SUBSCRIBERS);
  }

  CommandStream(int mostKept, int mostSubscribers) {
    this.mostSubscribers = mostSubscribers;
    this.kept =
        new LinkedHashMap<>() {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Command> eldest) {
            return size() > mostKept;
          }
        };
  }

  /** Why a subscriber gets nothing more. */
  public enum End {
    TOO_SLOW,
    CLOSED
  }

  /**
   * Takes a command as it was read. One that is known, such as one from an aborted transaction that
   * came again, is passed over: its id says that it is the same.
   */
  public synchronized void offer(Command command) {
    if (kept.putIfAbsent(command.getCommandId(), command) == null) {
      subscribers.forEach(subscriber -> subscriber.offer(command));
    }
  }

  /**
   * Starts with the commands that are kept, oldest first, and goes on with those that come.
   *
   * @param lastKnown id of the last command that the subscriber has had; null, or one that is not
   *     kept any more, for all that are kept
   * @return null when there are too many subscribers, or the stream is closed
   */
  public synchronized Subscriber subscribe(Concerned concerned, String lastKnown) {
    if (closed || subscribers.size() >= mostSubscribers) {
      return null;
    }
    Command last = lastKnown == null ? null : kept.get(lastKnown);
    Instant from = last == null ? Instant.MIN : last.getIssuedAt().minus(OVERLAP);
    List<Command> first = new ArrayList<>();
    for (Command command : kept.values()) {
      if (!command.getCommandId().equals(lastKnown)
          && !command.getIssuedAt().isBefore(from)
          && concerned.by(command)) {
        first.add(command);
      }
    }
    Subscriber subscriber = new Subscriber(concerned, first);
    subscribers.add(subscriber);
    return subscriber;
  }

  /** How many are subscribed now. */
  public int subscribers() {
    return subscribers.size();
  }

  /** Ends all subscriptions. */
  @Override
  public synchronized void close() {
    closed = true;
    subscribers.forEach(subscriber -> subscriber.end(End.CLOSED));
  }

  /** One who waits for commands; to be closed. */
  public final class Subscriber implements AutoCloseable {
    private final Concerned concerned;
    private final BlockingQueue<Command> waiting;
    private final int known;
    private volatile End end;

    private Subscriber(Concerned concerned, List<Command> first) {
      this.concerned = concerned;
      this.known = first.size();
      this.waiting = new ArrayBlockingQueue<>(first.size() + MOST_WAITING, false, first);
    }

    /** How many of the commands that come first were known when the subscription began. */
    public int known() {
      return known;
    }

    private void offer(Command command) {
      if (concerned.by(command) && !waiting.offer(command)) {
        end(End.TOO_SLOW);
      }
    }

    private void end(End why) {
      end = why;
      subscribers.remove(this);
    }

    /**
     * The next command, waiting for it if need be.
     *
     * @return null when none came in time, or when {@link #end} says that none will
     */
    public Command next(Duration patience) throws InterruptedException {
      long left = patience.toNanos();
      while (end == null && left > 0) {
        // In slices, so that an end is seen soon.
        long slice = Math.min(left, TimeUnit.MILLISECONDS.toNanos(200));
        Command command = waiting.poll(slice, TimeUnit.NANOSECONDS);
        if (command != null) {
          return command;
        }
        left -= slice;
      }
      return null;
    }

    /** Null while commands may come. */
    public End end() {
      return end;
    }

    @Override
    public void close() {
      subscribers.remove(this);
    }
  }
}
