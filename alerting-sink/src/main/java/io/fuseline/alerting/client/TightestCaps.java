package io.fuseline.alerting.client;

import io.fuseline.schemas.Caps;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;

/** Several THROTTLEs hold at once: of each limit the tightest counts. */
final class TightestCaps {

  private TightestCaps() {}

  /** Empty when there is none to hold. Null in a cap means no such limit. */
  static Optional<Caps> of(Collection<Caps> caps) {
    return caps.stream().reduce(TightestCaps::both);
  }

  private static Caps both(Caps a, Caps b) {
    return Caps.newBuilder()
        .setMaxTokens(either(a.getMaxTokens(), b.getMaxTokens(), Math::min))
        .setMaxStepsRemaining(either(a.getMaxStepsRemaining(), b.getMaxStepsRemaining(), Math::min))
        .setToolAllowlist(
            either(a.getToolAllowlist(), b.getToolAllowlist(), TightestCaps::intersection))
        .setToolDenylist(either(a.getToolDenylist(), b.getToolDenylist(), TightestCaps::union))
        .setCooldownMs(either(a.getCooldownMs(), b.getCooldownMs(), Math::max))
        .build();
  }

  private static <T> T either(T a, T b, BinaryOperator<T> tighter) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return tighter.apply(a, b);
  }

  private static List<String> intersection(List<String> a, List<String> b) {
    return a.stream().filter(b::contains).toList();
  }

  private static List<String> union(List<String> a, List<String> b) {
    var all = new LinkedHashSet<>(a);
    all.addAll(b);
    return new ArrayList<>(all);
  }
}
