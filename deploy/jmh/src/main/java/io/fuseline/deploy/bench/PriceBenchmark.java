package io.fuseline.deploy.bench;

import io.fuseline.enrichment.price.Billable;
import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.price.Pricing;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.schemas.SpanKind;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What it takes to say what a model call costs that used five units. */
@State(Scope.Thread)
public class PriceBenchmark {
  private static final List<String> MODELS =
      List.of(
          "claude-opus-4-5",
          "claude-opus-4-6-20260205",
          "claude-sonnet-4-5",
          "claude-sonnet-4-6",
          "claude-haiku-4-5",
          "claude-haiku-4-5-20251001");

  /** Few enough to stay in the cache, as a span does that has just been decoded. */
  private static final int CALLS = 256;

  private static final long FROM_MICROS = 1_777_888_800_000_000L;
  private static final long APART_MICROS = 150_000;
  private static final String CUSTOMER = "tenant-1";

  @Param({PriceLists.DEFAULT, PriceLists.LITELLM})
  public String list;

  private PriceBook book;
  private PriceBook contractBook;
  private Billable[] calls;
  private Billable[] customersCalls;
  private AgentSpan[] spans;
  private int next;

  @Setup
  public void load() throws IOException {
    book = PriceLists.book(list);
    contractBook = PriceLists.book(list);
    contractBook.put(discount());
    SplittableRandom random = new SplittableRandom(1);
    calls = new Billable[CALLS];
    customersCalls = new Billable[CALLS];
    spans = new AgentSpan[CALLS];
    for (int i = 0; i < CALLS; i++) {
      long micros = FROM_MICROS + i * APART_MICROS;
      spans[i] = span(MODELS.get(random.nextInt(MODELS.size())), usage(random));
      calls[i] = Billable.of(spans[i], "tenant-2", micros, "USD");
      customersCalls[i] = Billable.of(spans[i], CUSTOMER, micros, "USD");
      requirePriced(book.price(calls[i]));
      requirePriced(contractBook.price(customersCalls[i]));
    }
  }

  /** At list prices. */
  @Benchmark
  public Pricing price() {
    return book.price(calls[turn()]);
  }

  /** At list prices, from the span as it is decoded. */
  @Benchmark
  public Pricing priceSpan() {
    int turn = turn();
    return book.price(spans[turn], FROM_MICROS + turn * APART_MICROS);
  }

  /** By a contract that takes a tenth off every list price. */
  @Benchmark
  public Pricing priceByContract() {
    return contractBook.price(customersCalls[turn()]);
  }

  private int turn() {
    next = next + 1 & CALLS - 1;
    return next;
  }

  private static AgentSpan span(String model, Map<String, Long> usage) {
    return AgentSpan.newBuilder()
        .setSpanId("span")
        .setRunId("run")
        .setRootRunId("run")
        .setTenantId(decoded("tenant-2"))
        .setKind(SpanKind.LLM)
        .setProvider(decoded("anthropic"))
        .setRequestModel(decoded(model))
        .setResponseModel(decoded(model))
        .setUsage(usage)
        .build();
  }

  private static Map<String, Long> usage(SplittableRandom random) {
    Map<String, Long> usage = new HashMap<>();
    usage.put(decoded("input_tokens"), random.nextLong(1, 3_000));
    usage.put(decoded("cache_read_tokens"), random.nextLong(1, 100_000));
    usage.put(decoded("cache_write_5m_tokens"), random.nextLong(1, 10_000));
    usage.put(decoded("cache_write_1h_tokens"), random.nextLong(1, 10_000));
    usage.put(decoded("output_tokens"), random.nextLong(1, 800));
    return usage;
  }

  /** A text of its own, as decoding makes one of every name in every record. */
  private static String decoded(String name) {
    return new String(name.toCharArray());
  }

  private static PriceEntry discount() {
    return PriceEntry.newBuilder()
        .setPriceId("tenth-off")
        .setKind(PriceKind.MODEL)
        .setBasis(PriceBasis.MULTIPLIER)
        .setProvider("anthropic")
        .setSku("*")
        .setTenantId(CUSTOMER)
        .setUnit("*")
        .setPrice(new BigDecimal("0.900000000000"))
        .setCurrency("USD")
        .setValidFrom(Instant.parse("2025-01-01T00:00:00Z"))
        .build();
  }

  private static void requirePriced(Pricing pricing) {
    if (pricing.status() != CostStatus.PRICED || pricing.size() != 5) {
      throw new IllegalStateException("Five priced lines are to be measured, not " + pricing);
    }
  }
}
