package io.fuseline.deploy.up;

import io.fuseline.enrichment.price.DefaultPrices;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicyFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What {@link Up} starts.
 *
 * @param data folder of all state; made when missing
 * @param keepData whether the folder stays at the end; after a failure it does in any case
 * @param liveFor how long to stay live; empty until told to stop
 * @param json where to write the report as JSON
 * @param terminal whether standard error is a terminal whose screen may be redrawn
 * @param httpPort port of page and API on the loopback address, 0 for any; a free one is taken when
 *     it is in use
 * @param simulator whether the simulated fleet plays
 * @param spansPerSecond of the healthy part of the fleet
 * @param seed of the fleet
 */
public record UpSettings(
    Path data,
    boolean keepData,
    Optional<Duration> liveFor,
    Optional<Path> json,
    boolean terminal,
    int httpPort,
    boolean simulator,
    int spansPerSecond,
    long seed,
    List<ParsedPolicy> policies,
    List<PriceEntry> prices) {
  /** Port of page and API unless another is asked for. */
  public static final int DEFAULT_HTTP_PORT = 8420;

  private static final String DEMO_POLICIES = "demo-policies.yaml";

  /** Copies the lists. */
  public UpSettings {
    policies = List.copyOf(policies);
    prices = List.copyOf(prices);
  }

  /** The default policies with limits so low that the simulated fleet reaches them. */
  public static List<ParsedPolicy> demoPolicies() {
    try (InputStream in = UpSettings.class.getResourceAsStream(DEMO_POLICIES)) {
      return PolicyFile.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), DEMO_POLICIES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The price list that comes with Fuseline. */
  public static List<PriceEntry> defaultPrices() {
    return DefaultPrices.load();
  }
}
