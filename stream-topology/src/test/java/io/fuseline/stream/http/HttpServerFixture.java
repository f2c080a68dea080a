package io.fuseline.stream.http;

import io.fuseline.stream.query.CostQueries;
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
        settings, routed, local, new Healthy(), () -> "fuseline_spans_total 7.0\n", clock);
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
