package io.fuseline.alerting.client;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;

/**
 * How a runtime asks before it spends; made by {@link #builder}, where the defaults stand.
 *
 * @param url address of a pipeline instance, such as {@code http://localhost:8420}; any will do
 * @param token sent as bearer token, for what stands in front of the pipeline; null for none
 * @param leaseCalls a lease is asked for so many calls of the estimate at hand; 0: the pipeline is
 *     asked before each call
 * @param requestTimeout how long one question waits for its answer
 * @param patience how long a question is asked again while nobody answers
 * @param approvalTimeout how long a call waits for a person before it is denied
 * @param whenUnanswered what becomes of a call that nobody answers for
 * @param role of the agent as in its spans, for policies that select by it; null for none
 * @param environment as in the spans, for policies that select by it; null for none
 */
public record AdmissionSettings(
    URI url,
    String token,
    int leaseCalls,
    Duration requestTimeout,
    Duration patience,
    Duration approvalTimeout,
    Unanswered whenUnanswered,
    String role,
    String environment) {

  /** What becomes of a call that nobody answers for. */
  public enum Unanswered {
    /** It is not made: money is safe, agents rest while the pipeline is away. */
    DENY,
    /** It is made: agents go on, and are stopped by commands alone. */
    ALLOW
  }

  /**
   * @throws IllegalArgumentException naming the setting that is out of range
   */
  public AdmissionSettings {
    Objects.requireNonNull(whenUnanswered, "whenUnanswered");
    if (!"http".equals(url.getScheme()) && !"https".equals(url.getScheme())) {
      throw new IllegalArgumentException(
          "url is " + url + ", expected the pipeline's address such as http://localhost:8420");
    }
    if (leaseCalls < 0) {
      throw new IllegalArgumentException("leaseCalls is " + leaseCalls + ", expected 0 or more");
    }
    if (requestTimeout.isNegative() || requestTimeout.isZero()) {
      throw new IllegalArgumentException(
          "requestTimeout is " + requestTimeout + ", expected more than zero");
    }
    if (patience.isNegative() || approvalTimeout.isNegative()) {
      throw new IllegalArgumentException(
          "patience is %s and approvalTimeout is %s, expected zero or more"
              .formatted(patience, approvalTimeout));
    }
  }

  /**
   * Settings with defaults for all but the address.
   *
   * @param url address of a pipeline instance, such as {@code http://localhost:8420}
   */
  public static Builder builder(String url) {
    return new Builder(URI.create(url));
  }

  /** Collects settings; each setter's parameter is told at {@link AdmissionSettings}. */
  public static final class Builder {
    private final URI url;
    private String token;
    // One question for ten calls; what is out at once stays small beside a budget.
    private int leaseCalls = 10;
    // An answer comes from memory, within milliseconds.
    private Duration requestTimeout = Duration.ofSeconds(2);
    // As long as partitions take to move to another instance.
    private Duration patience = Duration.ofSeconds(5);
    private Duration approvalTimeout = Duration.ofMinutes(10);
    private Unanswered whenUnanswered = Unanswered.DENY;
    private String role;
    private String environment;

    private Builder(URI url) {
      this.url = url;
    }

    public Builder token(String value) {
      token = value;
      return this;
    }

    public Builder leaseCalls(int value) {
      leaseCalls = value;
      return this;
    }

    public Builder requestTimeout(Duration value) {
      requestTimeout = value;
      return this;
    }

    public Builder patience(Duration value) {
      patience = value;
      return this;
    }

    public Builder approvalTimeout(Duration value) {
      approvalTimeout = value;
      return this;
    }

    public Builder whenUnanswered(Unanswered value) {
      whenUnanswered = value;
      return this;
    }

    public Builder role(String value) {
      role = value;
      return this;
    }

    public Builder environment(String value) {
      environment = value;
      return this;
    }

    /**
     * @throws IllegalArgumentException if a setting is out of range
     */
    public AdmissionSettings build() {
      return new AdmissionSettings(
          url,
          token,
          leaseCalls,
          requestTimeout,
          patience,
          approvalTimeout,
          whenUnanswered,
          role,
          environment);
    }
  }
}
