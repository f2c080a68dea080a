package io.fuseline.stream.topology;

import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.processor.internals.ProcessorNode;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.apache.kafka.streams.state.internals.WrappedStateStore;

/**
 * A store that is asked to write out what it has gathered before each commit, while the transaction
 * is open. Kafka Streams asks its own caching stores so, through an interface that is not public;
 * this class is the one place that depends on it. {@code CommitHookIT} fails when a later Kafka no
 * longer asks.
 */
abstract class CommitHook implements StateStore, CachedStateStore<Object, Object> {

  /**
   * A commit is under way: what is written to stores and forwarded from here is part of it. Called
   * by the stream thread.
   */
  abstract void beforeCommit();

  /** The task goes elsewhere or becomes a standby; everything was committed before. */
  abstract void forget();

  @Override
  public final void flushCache() {
    beforeCommit();
  }

  @Override
  public final void clearCache() {
    forget();
  }

  /** Nobody listens to what these stores write. */
  @Override
  public final boolean setFlushListener(
      CacheFlushListener<Object, Object> listener, boolean sendOldValues) {
    return false;
  }

  /**
   * Work that forwards in the name of the processor that is being initialised, at a time when no
   * processor is at work.
   */
  static Runnable asProcessor(ProcessorContext<?, ?> context, Runnable work) {
    InternalProcessorContext<?, ?> internal = (InternalProcessorContext<?, ?>) context;
    ProcessorNode<?, ?, ?, ?> processor = internal.currentNode();
    return () -> {
      ProcessorNode<?, ?, ?, ?> before = internal.currentNode();
      internal.setCurrentNode(processor);
      try {
        work.run();
      } finally {
        internal.setCurrentNode(before);
      }
    };
  }

  /** The store itself, without what Kafka Streams wraps around it for a processor. */
  static StateStore unwrapped(StateStore store) {
    return store instanceof WrappedStateStore<?, ?, ?> wrapped
        ? unwrapped(wrapped.wrapped())
        : store;
  }
}
