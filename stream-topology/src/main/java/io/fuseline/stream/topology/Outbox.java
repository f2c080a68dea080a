package io.fuseline.stream.topology;

import java.util.Map;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Has a processor send what it held back before each commit, as part of it. Nothing is stored: what
 * was not sent when the task ended was not committed either, nor was its input.
 */
final class Outbox extends CommitHook {
  private final String name;
  private Runnable send = () -> {};
  private boolean open;

  private Outbox(String name) {
    this.name = name;
  }

  /** The outbox that a processor is connected with. */
  static Outbox owned(StateStore store) {
    return (Outbox) unwrapped(store);
  }

  /**
   * To be called while the processor is initialised.
   *
   * @param held forwards what was held back
   */
  void beforeEachCommit(ProcessorContext<?, ?> context, Runnable held) {
    send = asProcessor(context, held);
  }

  @Override
  void beforeCommit() {
    send.run();
  }

  @Override
  void forget() {
    // What is held back is the processor's.
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    context.register(root, (key, value) -> {});
    open = true;
  }

  @Override
  public void close() {
    send = () -> {};
    open = false;
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  /** Builds outboxes, which have no changelog. */
  record Builder(String name) implements StoreBuilder<Outbox> {
    @Override
    public StoreBuilder<Outbox> withCachingEnabled() {
      return this;
    }

    @Override
    public StoreBuilder<Outbox> withCachingDisabled() {
      return this;
    }

    @Override
    public StoreBuilder<Outbox> withLoggingEnabled(Map<String, String> config) {
      throw new UnsupportedOperationException("An outbox keeps nothing that could be restored.");
    }

    @Override
    public StoreBuilder<Outbox> withLoggingDisabled() {
      return this;
    }

    @Override
    public Outbox build() {
      return new Outbox(name);
    }

    @Override
    public Map<String, String> logConfig() {
      return Map.of();
    }

    @Override
    public boolean loggingEnabled() {
      return false;
    }
  }
}
