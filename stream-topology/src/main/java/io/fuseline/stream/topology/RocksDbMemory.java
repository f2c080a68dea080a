package io.fuseline.stream.topology;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/**
 * RocksDB in one place: all stores of the process share one block cache, and write buffers count
 * against it.
 */
public final class RocksDbMemory implements RocksDBConfigSetter {
  /** Setting: bytes of the shared block cache, write buffers included. */
  public static final String CACHE_BYTES = "fuseline.rocksdb.cache.bytes";

  /**
   * 256 MiB: holds the hot runs and scopes of some hundred thousand agents; raise it with the live
   * state.
   */
  public static final long DEFAULT_CACHE_BYTES = 256L << 20;

  private static final int BLOCK_BYTES = 16 << 10;
  private static final long WRITE_BUFFER_BYTES = 8L << 20;
  private static final int MOST_WRITE_BUFFERS = 3;

  private static Cache cache;
  private static WriteBufferManager writeBuffers;

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    share(configs);
    BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
    table.setBlockCache(cache);
    table.setBlockSize(BLOCK_BYTES);
    // Index and filter blocks count against the cache too: otherwise memory grows with the number
    // of stores.
    table.setCacheIndexAndFilterBlocks(true);
    table.setPinTopLevelIndexAndFilter(true);
    table.setCacheIndexAndFilterBlocksWithHighPriority(true);
    // Most look-ups of span ids are for spans never seen: ten bits a key spare the read.
    table.setFilterPolicy(new BloomFilter(10));
    options.setTableFormatConfig(table);
    options.setWriteBufferManager(writeBuffers);
    options.setWriteBufferSize(WRITE_BUFFER_BYTES);
    options.setMaxWriteBufferNumber(MOST_WRITE_BUFFERS);
    options.setCompressionType(CompressionType.LZ4_COMPRESSION);
  }

  private static synchronized void share(Map<String, Object> configs) {
    if (cache == null) {
      Object configured = configs.get(CACHE_BYTES);
      long bytes = configured == null ? DEFAULT_CACHE_BYTES : Long.parseLong(configured.toString());
      cache = new LRUCache(bytes, -1, false, 0.1);
      writeBuffers = new WriteBufferManager(bytes / 2, cache);
    }
  }

  @Override
  public void close(String storeName, Options options) {
    // The shared cache lives as long as the process.
  }
}
