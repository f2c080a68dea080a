package io.fuseline.deploy.setup;

import io.fuseline.deploy.setup.PriceChanges.Change;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether a new price list looks like the one before it. A list in which a price jumps by more than
 * five times, either way, or from which more than one model in a hundred has vanished, is more
 * often broken than true.
 *
 * @param jumps changes by more than {@value #MAX_JUMP} times, up or down; a price that becomes 0,
 *     or was 0, is one
 * @param vanished names of what the same lists priced before and no longer have
 * @param before number of names that the same lists priced before
 */
public record FeedCheck(List<Change> jumps, List<String> vanished, int before) {
  /** By how much a price may change at once, as a factor. */
  public static final int MAX_JUMP = 5;

  /** How many of a hundred names may vanish at once. */
  public static final int MAX_VANISHED_PERCENT = 1;

  private static final BigDecimal JUMP = BigDecimal.valueOf(MAX_JUMP);
  private static final int HUNDRED = 100;

  /** Copies the lists. */
  public FeedCheck {
    jumps = List.copyOf(jumps);
    vanished = List.copyOf(vanished);
  }

  /**
   * Looks at a list.
   *
   * @param current every price there is
   * @param proposed the new list
   * @param changes what it would change
   * @param at now: what counts as before is in force then
   */
  public static FeedCheck of(
      Collection<PriceEntry> current,
      Collection<PriceEntry> proposed,
      PriceChanges changes,
      Instant at) {
    Map<String, BigDecimal> worth = new HashMap<>();
    Stream.concat(current.stream(), proposed.stream())
        .filter(price -> price.getKind() == PriceKind.CURRENCY)
        .forEach(rate -> worth.put(rate.getSku(), rate.getPrice()));
    List<Change> jumps =
        changes.changed().stream().filter(change -> isJump(change, worth)).toList();
    Set<String> lists = proposed.stream().map(PriceChanges::listOf).collect(Collectors.toSet());
    Set<String> before =
        current.stream()
            .filter(price -> PriceChanges.holds(price, at))
            .filter(price -> lists.contains(PriceChanges.listOf(price)))
            .map(FeedCheck::name)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> vanished = new TreeSet<>(before);
    proposed.stream().map(FeedCheck::name).forEach(vanished::remove);
    return new FeedCheck(jumps, List.copyOf(vanished), before.size());
  }

  /** Whether the list may be taken unseen. */
  public boolean passes() {
    return jumps.isEmpty() && !tooManyVanished();
  }

  /** Whether more than {@value #MAX_VANISHED_PERCENT} in a hundred names have vanished. */
  public boolean tooManyVanished() {
    return vanished.size() * HUNDRED > before * MAX_VANISHED_PERCENT;
  }

  private static boolean isJump(Change change, Map<String, BigDecimal> worth) {
    BigDecimal before = amount(change.before(), worth);
    BigDecimal after = amount(change.after(), worth);
    return after.compareTo(before.multiply(JUMP)) > 0 || before.compareTo(after.multiply(JUMP)) > 0;
  }

  /** In the currency of the book where the price's own has a rate. */
  private static BigDecimal amount(PriceEntry price, Map<String, BigDecimal> worth) {
    return price.getKind() == PriceKind.CURRENCY
        ? price.getPrice()
        : price.getPrice().multiply(worth.getOrDefault(price.getCurrency(), BigDecimal.ONE));
  }

  private static String name(PriceEntry price) {
    return price.getKind() + " " + price.getProvider() + "/" + price.getSku();
  }
}
