package io.fuseline.stream.admission;

import io.fuseline.stream.judge.Amount;
import io.fuseline.stream.judge.Limit;
import io.fuseline.stream.policy.Rung;
import java.math.BigDecimal;
import java.util.Locale;

/** Says why a call is not simply let through. */
final class Words {
  private Words() {}

  static String reached(
      Limit limit, Rung rung, Opinion.Binding binding, long adds, boolean withoutOthers) {
    return "%s %s has %s%s%s; with %s more it reaches %s (%s of its limit), where it is to %s.%s"
        .formatted(
            capitalised(limit.type().name()),
            limit.scope(),
            written(binding, binding.spend()),
            limit.budget().window().words(),
            binding.reserved() > 0
                ? " and " + written(binding, binding.reserved()) + " promised to calls under way"
                : "",
            written(binding, adds),
            written(binding, binding.limit()),
            rung.at(),
            rung.action().name().toLowerCase(Locale.ROOT).replace('_', ' '),
            withoutOthers ? " There is room again when what is promised is not spent." : "");
  }

  private static String written(Opinion.Binding binding, long measure) {
    if (!binding.money()) {
      return measure + " " + binding.unit();
    }
    BigDecimal money = BigDecimal.valueOf(measure, Amount.SCALE).stripTrailingZeros();
    return money.setScale(Math.max(2, money.scale())).toPlainString() + " " + binding.unit();
  }

  private static String capitalised(String name) {
    return name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
