package io.fuseline.deploy.progress;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Reports how far a piece of long work is, with rate and time left. On a terminal one line is
 * rewritten five times a second; elsewhere a line is written every five seconds. Short work that is
 * done before the first report costs one line.
 *
 * <p>{@link #advance} may be called by several threads and costs next to nothing; a thread of our
 * own does the writing.
 */
public final class Progress implements AutoCloseable {
  /**
   * System property, {@code true} or {@code false}, by which the launcher says whether standard
   * error is a terminal.
   */
  public static final String TERMINAL_PROPERTY = "fuseline.terminal";

  private static final Duration ON_TERMINAL = Duration.ofMillis(200);
  private static final Duration IN_LOG = Duration.ofSeconds(5);

  private final String what;
  private final String unit;
  private final OptionalLong total;
  private final PrintWriter out;
  private final boolean terminal;
  private final long startedAt = System.nanoTime();
  private final LongAdder done = new LongAdder();
  private final Thread writer;

  private Progress(
      String what, String unit, OptionalLong total, PrintWriter out, boolean terminal) {
    this.what = what;
    this.unit = unit;
    this.total = total;
    this.out = out;
    this.terminal = terminal;
    writer = new Thread(this::reportRegularly, "progress");
    writer.setDaemon(true);
  }

  /**
   * Starts reporting.
   *
   * @param what the work, such as {@code import}
   * @param unit what is counted, in the plural, such as {@code prices}
   * @param total how many there are, 0 or more; empty when that is not known
   * @param out where to report, usually standard error
   */
  public static Progress start(String what, String unit, OptionalLong total, PrintWriter out) {
    return start(what, unit, total, out, isTerminal());
  }

  static Progress start(
      String what, String unit, OptionalLong total, PrintWriter out, boolean terminal) {
    Progress progress = new Progress(what, unit, total, out, terminal);
    progress.writer.start();
    return progress;
  }

  /**
   * Whether standard error is a terminal, as the launcher says; without its word it is taken for
   * none.
   */
  public static boolean isTerminal() {
    return Boolean.getBoolean(TERMINAL_PROPERTY);
  }

  /** Counts some more as done. */
  public void advance(long count) {
    done.add(count);
  }

  /** Writes the last report and stops. */
  @Override
  public void close() {
    writer.interrupt();
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    write(ProgressLine.finished(what, unit, done.sum(), elapsed()));
    if (terminal) {
      out.println();
      out.flush();
    }
  }

  private void reportRegularly() {
    try {
      while (true) {
        TimeUnit.NANOSECONDS.sleep((terminal ? ON_TERMINAL : IN_LOG).toNanos());
        write(ProgressLine.running(what, unit, done.sum(), total, elapsed()));
      }
    } catch (InterruptedException closed) {
      // The last report is written by close().
    }
  }

  private void write(String line) {
    if (terminal) {
      // Back to the start of the line, and erase what was there.
      out.print("\r\u001b[K" + line);
    } else {
      out.println(line);
    }
    out.flush();
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startedAt);
  }
}
