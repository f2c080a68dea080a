package io.fuseline.alerting.client;

import io.fuseline.alerting.client.AdmissionDesk.Caller;
import io.fuseline.alerting.client.AdmissionDesk.Run;
import io.fuseline.schemas.TargetType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Guards of runs in a process that asks the pipeline over HTTP and reads no commands from Kafka;
 * one that does takes {@link KillSwitch#guard}. The pipeline knows the commands and answers by
 * them, so that a run that was killed is denied its next call. Safe for use by many threads.
 */
public final class SpendGuards implements AutoCloseable {
  private final AdmissionSettings settings;
  private final AdmissionDesk desk;
  private final String tenant;
  private final String runtime;
  private final AtomicLong number = new AtomicLong();
  private final Map<String, SpendGuard> guards = new HashMap<>(); // guarded by itself

  /**
   * Asks nobody yet.
   *
   * @param tenant of all its runs; null for the default tenant
   */
  public static SpendGuards open(AdmissionSettings settings, String tenant) {
    return new SpendGuards(
        settings,
        new HttpAdmissionDesk(settings),
        KillSwitchSettings.tenantOrDefault(tenant),
        KillSwitchSettings.thisProcess());
  }

  SpendGuards(AdmissionSettings settings, AdmissionDesk desk, String tenant, String runtime) {
    this.settings = settings;
    this.desk = desk;
    this.tenant = tenant;
    this.runtime = runtime;
  }

  /**
   * The guard of a run: always the same until it is closed.
   *
   * @param rootRunId the run's root run, as in its spans
   * @param agentId agent of the root run, as in its spans
   * @param attributes what else it belongs to, such as {@code TEAM} or {@code WORKFLOW}, so that
   *     budgets of these are asked
   */
  public SpendGuard guard(String rootRunId, String agentId, Map<TargetType, String> attributes) {
    return guard(Watch.ofRun(tenant, rootRunId, agentId, attributes), Checkpoint.NONE);
  }

  SpendGuard guard(Watch watch, Checkpoint checkpoint) {
    synchronized (guards) {
      return guards.computeIfAbsent(
          watch.id(),
          id ->
              new SpendGuard(
                  settings,
                  desk,
                  new Caller(run(watch), runtime + "/" + number.incrementAndGet()),
                  checkpoint,
                  () -> forget(id),
                  System::nanoTime));
    }
  }

  private void forget(String rootRunId) {
    synchronized (guards) {
      guards.remove(rootRunId);
    }
  }

  private Run run(Watch watch) {
    var all = watch.attributes();
    return new Run(
        tenant,
        watch.id(),
        all.get(TargetType.AGENT),
        all.get(TargetType.TEAM),
        all.get(TargetType.PROJECT),
        all.get(TargetType.WORKFLOW),
        all.get(TargetType.COST_CENTRE));
  }

  /** Gives all leases back. */
  @Override
  public void close() {
    List<SpendGuard> open;
    synchronized (guards) {
      open = new ArrayList<>(guards.values());
    }
    open.forEach(SpendGuard::close);
  }
}
