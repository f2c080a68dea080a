package io.fuseline.stream.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/** Meters of admission. Safe for all threads. */
public final class AdmissionMetrics {
  private static final List<String> DECISIONS =
      List.of("ALLOW", "THROTTLE", "NEEDS_APPROVAL", "DENY", "BLIND");

  private final Map<String, Counter> decisions = new TreeMap<>();
  private final Timer latency;
  private volatile IntSupplier leases = () -> 0;
  private volatile boolean blind;

  AdmissionMetrics(MeterRegistry registry) {
    for (String decision : DECISIONS) {
      decisions.put(
          decision,
          Counter.builder("fuseline.admissions")
              .description("Questions for admission that were answered, by decision.")
              .tag("decision", decision.toLowerCase(Locale.ROOT))
              .register(registry));
    }
    latency =
        Timer.builder("fuseline.admission")
            .description("From a question for admission to its answer, other instances included.")
            .serviceLevelObjectives(FuselineMetrics.LATENCY_BUCKETS)
            .register(registry);
    Gauge.builder("fuseline.admission.leases", this, meters -> meters.leases.getAsInt())
        .description("Leases that are out on this instance, or have ended and are not settled.")
        .register(registry);
    Gauge.builder("fuseline.control.blind", this, meters -> meters.blind ? 1 : 0)
        .description("1 while this instance does not see what is spent, else 0.")
        .register(registry);
  }

  /** A question was answered. */
  public void decision(String decision, Duration took) {
    decisions.get(decision).increment();
    latency.record(took);
  }

  /** Where the number of leases that are out is asked for. */
  public void leases(IntSupplier outstanding) {
    leases = outstanding;
  }

  /** Whether the pipeline sees what is spent. */
  public void blind(boolean now) {
    blind = now;
  }
}
