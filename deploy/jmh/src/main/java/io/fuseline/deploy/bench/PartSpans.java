package io.fuseline.deploy.bench;

import io.fuseline.enrichment.price.DefaultPrices;
import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.schemas.AgentSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The spans of the ladder, for the parts that are measured one by one. */
final class PartSpans {
  /** Enough that the runs of the busiest agents end and begin; a pass over them takes no second. */
  static final int COUNT = 20_000;

  private static final Instant FROM = Instant.parse("2026-05-04T10:00:00Z");
  private static final Instant TO = FROM.plus(Duration.ofMinutes(10));

  private PartSpans() {}

  /** The same at each call. */
  static List<AgentSpan> spans() {
    List<AgentSpan> spans = new ArrayList<>(COUNT);
    new Workload(1, WorkloadShape.DEFAULT, "run", COUNT, FROM, TO).forEachRemaining(spans::add);
    return spans;
  }

  static List<CheckedSpan.Accepted> checked() {
    return spans().stream()
        .map(span -> (CheckedSpan.Accepted) SpanCheck.check(span, SpanCheck.NO_CLOCK))
        .toList();
  }

  static PriceBook defaultPrices() {
    PriceBook book = new PriceBook("USD");
    DefaultPrices.load().forEach(book::put);
    return book;
  }
}
