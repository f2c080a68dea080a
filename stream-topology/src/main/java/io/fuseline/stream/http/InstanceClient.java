package io.fuseline.stream.http;

import io.fuseline.stream.admission.OwnerDesk;
import io.fuseline.stream.query.CostQueries;
import java.net.http.HttpClient;
import java.time.Duration;
import org.apache.kafka.streams.state.HostInfo;

/**
 * Asks other instances of the same application for what their own stores hold, over their internal
 * routes. One client serves all instances and threads; connections are kept.
 *
 * <p>An instance that is down, too slow or moving its partitions is a {@link
 * CostQueries.StoreUnavailable}. An answer that makes no sense (another program on that port, other
 * settings, a refused request) is an {@link IllegalStateException} that names the instance, since
 * asking again will not help.
 */
public final class InstanceClient {
  /** Instances share a network; one that takes longer to accept is down. */
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(1);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_WITHIN)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  private final String currency;
  private final Duration answerWithin;

  /**
   * @param currency ISO 4217 currency that all instances count in
   * @param answerWithin how long one answer may take, more than 0
   */
  public InstanceClient(String currency, Duration answerWithin) {
    this.currency = currency;
    this.answerWithin = answerWithin;
  }

  /** Admission by the instance at {@code host}; nothing is asked before the first question. */
  public OwnerDesk deskAt(HostInfo host) {
    return new RemoteOwnerDesk(new OtherInstance(http, host, answerWithin));
  }

  /** The local answers of the instance at {@code host}; nothing is asked before the first query. */
  public CostQueries at(HostInfo host) {
    return new RemoteCostQueries(new OtherInstance(http, host, answerWithin), currency);
  }
}
