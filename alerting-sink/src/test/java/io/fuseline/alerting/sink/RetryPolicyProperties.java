package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class RetryPolicyProperties {

  @Property
  void shouldWaitTheDoubledDelayAndAtMostATenthMore(
      @ForAll @IntRange(min = 1, max = 10_000) int failedAttempt,
      @ForAll @LongRange(min = 1, max = 100_000) long firstMillis,
      @ForAll @LongRange(min = 0, max = 100_000_000) long moreMillis,
      @ForAll long seed) {
    var first = Duration.ofMillis(firstMillis);
    var longest = first.plusMillis(moreMillis);
    var policy = new RetryPolicy(5, first, longest);

    var delay = policy.delayAfter(failedAttempt, null, new Random(seed));

    var doubled = Math.min(firstMillis * Math.pow(2, failedAttempt - 1), longest.toMillis());
    assertThat((double) delay.toMillis()).isBetween(doubled, Math.ceil(doubled * 1.1));
  }

  @Property
  void shouldWaitAsLongAsAskedWithinTwoMinutes(@ForAll @IntRange(min = 0, max = 400) int seconds) {
    var policy = new RetryPolicy(5, Duration.ofMillis(1), Duration.ofSeconds(60));

    var delay = policy.delayAfter(1, Duration.ofSeconds(seconds), new Random(1));

    assertThat(delay.toSeconds()).isEqualTo(Math.min(seconds, 120));
  }

  @Example
  void shouldRefuseWhatMakesNoSense() {
    var second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new RetryPolicy(0, second, second))
        .hasMessageContaining("maxAttempts");
    assertThatThrownBy(() -> new RetryPolicy(1, Duration.ZERO, second))
        .hasMessageContaining("firstDelay");
    assertThatThrownBy(() -> new RetryPolicy(1, second, Duration.ofMillis(1)))
        .hasMessageContaining("maxDelay");
  }
}
