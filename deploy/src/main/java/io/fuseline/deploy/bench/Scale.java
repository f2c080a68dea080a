package io.fuseline.deploy.bench;

/** What changes when the pipeline grows, moves or starts anew. */
sealed interface Scale {

  /**
   * The same spans worked off by several processes of one thread each.
   *
   * @param cpuNanos of all of them
   */
  record Processes(int count, long records, long wallNanos, long cpuNanos, long brokerCpuNanos)
      implements Scale {
    double recordsPerSecond() {
      return records / (wallNanos / 1e9);
    }

    double cpuMicros() {
      return cpuNanos / 1e3 / records;
    }

    double brokerCpuMicros() {
      return brokerCpuNanos / 1e3 / records;
    }
  }

  /**
   * The full topology with so many root runs under way, while it counts what it asks of RocksDB.
   *
   * @param runs at a time; all begin in the warm-up
   * @param stateBytes of all local state on disk at the end
   */
  record Flatness(
      int runs,
      Measurement measurement,
      StateOperations operations,
      MemoryUse memory,
      long stateBytes)
      implements Scale {
    /** CPU per span by that of another; 1: as much. */
    double to(Flatness other) {
      return measurement.cpuMicros() / other.measurement.cpuMicros();
    }

    double perSpan(long count) {
      return count / (double) measurement.records();
    }
  }

  /**
   * A start without local state.
   *
   * @param entries in the changelogs, superseded ones and markers among them
   * @param bytes of the changelogs on the broker
   * @param wallNanos from the start of the pipeline until it works
   */
  record Restore(long entries, long bytes, long wallNanos, long cpuNanos) implements Scale {
    double entriesPerSecond() {
      return entries / (wallNanos / 1e9);
    }
  }

  /**
   * One of two processes is killed while spans come, with a standby of all state on the other.
   *
   * @param sessionMs after which silence the other takes over
   * @param command commands of the whole run; the slowest is how long nobody was watched
   */
  record Takeover(int sessionMs, Quantiles command) implements Scale {}
}
