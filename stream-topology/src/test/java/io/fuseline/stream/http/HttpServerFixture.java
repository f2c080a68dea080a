package io.fuseline.stream.http;

import io.fuseline.enrichment.normalise.Normaliser;
import io.fuseline.stream.command.CommandStream;
import io.fuseline.stream.ingest.Ingest;
import io.fuseline.stream.ingest.IngestSettings;
import io.fuseline.stream.ingest.SpanIntake;
import io.fuseline.stream.metrics.FuselineMetrics;
import io.fuseline.stream.query.CostQueries;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** A healthy server on a free port. */
final class HttpServerFixture {
  private HttpServerFixture() {}

  static HttpServer start(CostQueries routed, CostQueries local, Clock clock) {
    var settings = new HttpSettings(HttpSettings.LOOPBACK, 0, Set.of(), Duration.ofMillis(200));
    return HttpServer.start(
        settings,
        ingest(),
        routed,
        local,
        new ExampleAdmission(),
        new ExampleAdmission(),
        new Healthy(),
        new CommandStream(),
        () -> "fuseline_spans_total 7.0\n",
        clock);
  }

  /** Takes everything and keeps nothing, for tests of other routes. */
  static Ingest ingest() {
    return new Ingest(
        new SpanIntake(Normaliser.standard(), () -> 0),
        intake -> {},
        acks -> {},
        IngestSettings.defaults(),
        new FuselineMetrics(new SimpleMeterRegistry(), "USD"));
  }

  private static final class Healthy implements Health {
    @Override
    public Status live() {
      return new Status(true, Map.of("threads", 2));
    }

    @Override
    public Status ready() {
      return new Status(true, Map.of("state", "RUNNING"));
    }
  }
}
