package io.fuseline.deploy.up;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Fuseline on this machine from start to end: starts everything, shows what happens, stops, and
 * reports.
 */
public final class Up {
  private static final long SHOW_EVERY_MILLIS = 500;

  /** Once nothing new is sent, the last transaction commits within half a second. */
  private static final Duration SETTLES_WITHIN = Duration.ofSeconds(15);

  private static final int DELETE_ATTEMPTS = 10;
  private static final Duration STOPS_WITHIN = Duration.ofSeconds(60);

  private final UpSettings settings;
  private final PrintWriter out;
  private final PrintWriter err;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch partsStopped = new CountDownLatch(1);
  private final Thread starter = Thread.currentThread();
  private volatile boolean starting = true;

  private Up(UpSettings settings, PrintWriter out, PrintWriter err) {
    this.settings = settings;
    this.out = out;
    this.err = err;
  }

  /**
   * Runs until the time is over, something fails, the thread is interrupted, or the JVM is told to
   * end. In the last case the report is still written, and all that was started is stopped, before
   * it ends.
   *
   * @param out gets the report
   * @param err gets the progress and the live view
   * @return whether all went well; if not, the report says why
   * @throws Exception when something could not be started; what was started is stopped again
   */
  public static boolean run(UpSettings settings, PrintWriter out, PrintWriter err)
      throws Exception {
    Path data = Files.createDirectories(settings.data());
    CountDownLatch done = new CountDownLatch(1);
    AtomicBoolean told = new AtomicBoolean();
    Thread hook =
        new Thread(
            () -> {
              told.set(true);
              await(done);
            },
            "finish-up");
    Runtime.getRuntime().addShutdownHook(hook);
    boolean well = false;
    try {
      well = new Up(settings, out, err).run(data);
      return well;
    } catch (Exception e) {
      if (!told.get()) {
        throw e;
      }
      err.println("Stopped before it was live.");
      return false;
    } finally {
      boolean removed = (well || told.get()) && !settings.keepData() && delete(data);
      if (!removed) {
        err.println("Data and logs: " + data);
      }
      err.flush();
      done.countDown();
      forget(hook);
    }
  }

  private boolean run(Path data) throws Exception {
    Instant startedAt = Instant.now();
    Startup startup = new Startup(err);
    Deployment deployment = new Deployment(settings, startup);
    try {
      deployment.start(data, this::stopAndWait);
      starting = false;
      Duration toLive = Duration.between(startedAt, Instant.now());
      announce(deployment, startup);
      Instant liveAt = Instant.now();
      Optional<Exception> failure = watch(deployment, liveAt);
      Duration live = Duration.between(liveAt, Instant.now());
      deployment.stopSimulator();
      List<CostApi.AgentCost> agents = failure.isEmpty() ? settledCosts(deployment) : List.of();
      Report report =
          new Report(
              startedAt,
              toLive,
              live,
              deployment.page(),
              deployment.costsBefore(),
              agents,
              deployment.board().view(Instant.now()),
              failure.map(Exception::getMessage));
      publish(report);
      return failure.isEmpty();
    } finally {
      try {
        deployment.stopParts();
      } finally {
        partsStopped.countDown();
        deployment.stopServers();
      }
    }
  }

  private void announce(Deployment deployment, Startup startup) {
    startup.say(String.format(Locale.ROOT, "live after %.1f s", startup.seconds()));
    startup.say("page:     " + deployment.page() + "/");
    startup.say("broker:   " + deployment.bootstrapServers());
    startup.say("registry: " + deployment.registryUrl());
    startup.say("OTLP:     OTEL_EXPORTER_OTLP_ENDPOINT=" + deployment.page());
  }

  /** Shows what happens until it is time to stop; says what failed. */
  private Optional<Exception> watch(Deployment deployment, Instant liveAt) {
    Optional<Instant> until = settings.liveFor().map(liveAt::plus);
    List<CostApi.AgentCost> agents = List.of();
    try (LiveView view = LiveView.on(err, settings.terminal())) {
      while (!stop.await(SHOW_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
        Instant now = Instant.now();
        Optional<Exception> failure = deployment.failure();
        if (failure.isPresent()) {
          return failure;
        }
        if (until.isPresent() && !now.isBefore(until.get())) {
          return Optional.empty();
        }
        agents = askAgain(deployment, agents);
        view.show(
            new LiveText.Moment(
                deployment.page(),
                Duration.between(liveAt, now),
                agents,
                deployment.board().view(now)));
      }
    } catch (InterruptedException e) {
      // Told to stop by our own process; the flag stays cleared, so that stopping can wait.
    }
    return Optional.empty();
  }

  /** The newest costs; those of before while the pipeline cannot answer. */
  private static List<CostApi.AgentCost> askAgain(
      Deployment deployment, List<CostApi.AgentCost> before) throws InterruptedException {
    try {
      return deployment.costs().agents();
    } catch (IOException e) {
      return before;
    }
  }

  /** The costs once the pipeline has worked off what was sent: topic and state stores agree. */
  private static List<CostApi.AgentCost> settledCosts(Deployment deployment)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + SETTLES_WITHIN.toNanos();
    long before = -1;
    while (true) {
      TimeUnit.MILLISECONDS.sleep(2 * SHOW_EVERY_MILLIS);
      List<CostApi.AgentCost> agents = deployment.costs().agents();
      long booked = agents.stream().mapToLong(CostApi.AgentCost::spans).sum();
      long seen = deployment.board().view(Instant.now()).spans();
      if (booked == before && booked == seen || System.nanoTime() > deadline) {
        return agents;
      }
      before = booked;
    }
  }

  private void publish(Report report) throws IOException {
    ReportText.lines(report).forEach(out::println);
    report.failure().ifPresent(failure -> out.println("FAILED: " + failure));
    if (settings.json().isPresent()) {
      ReportJson.write(report, settings.json().get());
      out.println("Report as data: " + settings.json().get());
    }
    out.flush();
  }

  /** Called when the JVM ends, before broker and registry are stopped. */
  private void stopAndWait() {
    stop.countDown();
    if (starting) {
      starter.interrupt();
    }
    await(partsStopped);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(STOPS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException alreadyShuttingDown) {
      // It has been told by the latch.
    }
  }

  /** Returns whether nothing is left; a server that still ends may write once more. */
  private static boolean delete(Path folder) {
    for (int attempt = 0; attempt < DELETE_ATTEMPTS; attempt++) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
        return true;
      } catch (IOException | UncheckedIOException e) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(SHOW_EVERY_MILLIS));
      }
    }
    return false;
  }
}
