package io.fuseline.deploy.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The memory a process holds.
 *
 * @param heapBytes in use on the heap after a collection
 * @param residentBytes of the whole process, RocksDB's memory outside the heap included; 0 where
 *     the system does not tell it as Linux does
 */
record MemoryUse(long heapBytes, long residentBytes) {
  private static final String WORD = "memory";
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";

  /** Of this process, now; collects garbage first. */
  static MemoryUse now() {
    System.gc();
    return new MemoryUse(
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(), resident());
  }

  String toLine() {
    return WORD + " " + heapBytes + " " + residentBytes;
  }

  /** What a line tells; empty when it tells something else. */
  static Optional<MemoryUse> ofLine(String line) {
    String[] words = line.split(" ");
    return words.length == 3 && words[0].equals(WORD)
        ? Optional.of(new MemoryUse(Long.parseLong(words[1]), Long.parseLong(words[2])))
        : Optional.empty();
  }

  private static long resident() {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(RESIDENT))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + STATUS, e);
    }
  }
}
