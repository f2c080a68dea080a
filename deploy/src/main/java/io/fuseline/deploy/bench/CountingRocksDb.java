package io.fuseline.deploy.bench;

import io.fuseline.stream.topology.RocksDbMemory;
import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Options;
import org.rocksdb.Statistics;
import org.rocksdb.StatsLevel;
import org.rocksdb.TickerType;

/**
 * RocksDB as the service sets it up, with counters over all stores of the process. They cost a
 * little, so that time is not taken while they run.
 *
 * <p>Public only because Kafka Streams makes the instance, by the name of the class.
 */
public final class CountingRocksDb implements RocksDBConfigSetter {
  private static Statistics counters;

  private final RocksDbMemory memory = new RocksDbMemory();

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    memory.setConfig(storeName, options, configs);
    options.setStatistics(counters());
  }

  @Override
  public void close(String storeName, Options options) {
    memory.close(storeName, options);
  }

  /** Counted so far by all stores of this process. */
  static StateOperations now() {
    Statistics all = counters();
    return new StateOperations(
        all.getTickerCount(TickerType.NUMBER_KEYS_READ),
        all.getTickerCount(TickerType.NUMBER_KEYS_WRITTEN),
        all.getTickerCount(TickerType.NUMBER_DB_SEEK));
  }

  private static synchronized Statistics counters() {
    if (counters == null) {
      counters = new Statistics();
      counters.setStatsLevel(StatsLevel.EXCEPT_DETAILED_TIMERS);
    }
    return counters;
  }
}
