package io.fuseline.deploy.stack;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A real broker and a real schema registry on this machine. Both keep their data in the data folder
 * ({@code broker}, {@code registry}) and end with {@link #close()} or with our JVM.
 */
public final class LocalStack implements AutoCloseable {
  /** Port the broker takes when it is free. */
  public static final int BROKER_PORT = 9092;

  /** Port the registry takes when it is free. */
  public static final int REGISTRY_PORT = 8081;

  private final LocalBroker broker;
  private final LocalRegistry registry;

  private final AtExit atExit;

  private LocalStack(LocalBroker broker, LocalRegistry registry, AtExit atExit) {
    this.atExit = atExit;
    this.broker = broker;
    this.registry = registry;
  }

  /**
   * Starts both servers at the same time, on any free ports, and returns when both serve clients.
   *
   * @param dataFolder where they keep their data and logs; made when missing
   * @param progress gets a line per step
   * @throws StackException when one of them does not come up; the other is then stopped
   */
  public static LocalStack start(Path dataFolder, Consumer<String> progress) {
    return start(Distribution.find(), dataFolder, Ports.free(), Ports.free(), progress);
  }

  /**
   * The same, on the usual ports {@value #BROKER_PORT} and {@value #REGISTRY_PORT} when they are
   * free, else on any.
   *
   * @throws StackException as {@link #start}
   */
  public static LocalStack startOnUsualPorts(Path dataFolder, Consumer<String> progress) {
    return start(
        Distribution.find(),
        dataFolder,
        Ports.preferring(BROKER_PORT),
        Ports.preferring(REGISTRY_PORT),
        progress);
  }

  static LocalStack start(
      Distribution distribution,
      Path dataFolder,
      Ports brokerPorts,
      Ports registryPorts,
      Consumer<String> progress) {
    AtExit atExit = new AtExit();
    var broker =
        inBackground(
            () ->
                timed(
                    "broker",
                    LocalBroker::bootstrapServers,
                    () ->
                        LocalBroker.start(
                            distribution, dataFolder.resolve("broker"), brokerPorts, atExit),
                    progress));
    var registry =
        inBackground(
            () ->
                timed(
                    "registry",
                    LocalRegistry::url,
                    () ->
                        LocalRegistry.start(
                            distribution, dataFolder.resolve("registry"), registryPorts, atExit),
                    progress));
    try {
      return new LocalStack(broker.join(), registry.join(), atExit);
    } catch (CompletionException e) {
      CompletableFuture.allOf(broker, registry).exceptionally(failure -> null).join();
      atExit.closeAll();
      throw e.getCause() instanceof StackException cause
          ? cause
          : new StackException("The local stack did not start: " + e.getCause(), e);
    }
  }

  /**
   * Has a client of these servers closed before they stop, by {@link #close()} or when our JVM
   * ends; the client attached last is closed first.
   */
  public void attach(AutoCloseable client) {
    atExit.addClient(client);
  }

  /** The broker, to be killed and started again in tests. */
  public LocalBroker broker() {
    return broker;
  }

  /** Process ids of broker and registry. */
  public List<Long> pids() {
    return List.of(broker.pid(), registry.pid());
  }

  /** Address of the broker for clients. */
  public String bootstrapServers() {
    return broker.bootstrapServers();
  }

  /** Address of the registry for clients. */
  public String registryUrl() {
    return registry.url();
  }

  /**
   * Stops the attached clients, then both servers.
   *
   * @throws StackException when one of them failed to stop; the others are stopped all the same
   */
  @Override
  public void close() {
    atExit.closeAll();
  }

  private static <T> T timed(
      String name, Function<T, String> address, Supplier<T> start, Consumer<String> progress) {
    progress.accept(name + ": starting");
    long began = System.nanoTime();
    T started = start.get();
    double seconds = Duration.ofNanos(System.nanoTime() - began).toMillis() / 1000.0;
    progress.accept(
        String.format(
            Locale.ROOT, "%s: ready after %.1f s at %s", name, seconds, address.apply(started)));
    return started;
  }

  private static <T> CompletableFuture<T> inBackground(Supplier<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(work.get());
              } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
            },
            "local-stack");
    thread.setDaemon(true);
    thread.start();
    return result;
  }
}
