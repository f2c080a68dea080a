package io.fuseline.deploy.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a process has used so far.
 *
 * @param wallNanos a clock that only runs forward
 * @param cpuNanos CPU time of all threads, those of the compiler and the collector among them
 * @param allocatedBytes allocated on the heap by Java threads; where the JVM cannot tell a total
 *     (before Java 21), by those alive now
 */
record Reading(long wallNanos, long cpuNanos, long allocatedBytes) {
  private static final String WORD = "reading";

  /** Of this process, now. */
  static Reading now() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new Reading(System.nanoTime(), system.getProcessCpuTime(), allocated());
  }

  Reading since(Reading start) {
    return new Reading(
        wallNanos - start.wallNanos,
        cpuNanos - start.cpuNanos,
        allocatedBytes - start.allocatedBytes);
  }

  String toLine() {
    return WORD + " " + wallNanos + " " + cpuNanos + " " + allocatedBytes;
  }

  /** The reading a line holds; empty when it holds something else. */
  static Optional<Reading> ofLine(String line) {
    String[] words = line.split(" ");
    return words.length == 4 && words[0].equals(WORD)
        ? Optional.of(
            new Reading(
                Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3])))
        : Optional.empty();
  }

  private static long allocated() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try {
      return (long) ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes").invoke(threads);
    } catch (ReflectiveOperationException beforeJava21) {
      long[] bytes = threads.getThreadAllocatedBytes(threads.getAllThreadIds());
      return Arrays.stream(bytes).filter(each -> each > 0).sum();
    }
  }
}
