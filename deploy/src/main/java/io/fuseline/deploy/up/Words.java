package io.fuseline.deploy.up;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers and times as people read them on the console. */
final class Words {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

  /** Decimals of money on the console; the JSON report has all twelve. */
  private static final int DECIMALS = 4;

  private Words() {}

  static String money(BigDecimal amount) {
    return String.format(Locale.ROOT, "%,.4f", amount.setScale(DECIMALS, RoundingMode.HALF_EVEN));
  }

  /** An exact decimal without the zeros at its end; other text as it is. */
  static String plain(String number) {
    return number.matches("\\d+\\.\\d+") ? number.replaceFirst("\\.?0+$", "") : number;
  }

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  static String rate(double perSecond) {
    return String.format(Locale.ROOT, "%.1f spans/s", perSecond);
  }

  static String millis(Duration duration) {
    return count(duration.toMillis()) + " ms";
  }

  static String clock(Instant time) {
    return CLOCK.format(time);
  }

  static String elapsed(Duration time) {
    return String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
  }

  /** At most so many characters; what is cut is marked. Control characters become spaces. */
  static String cut(String text, int width) {
    String plain = text.replaceAll("\\p{Cntrl}", " ");
    return plain.length() <= width ? plain : plain.substring(0, Math.max(0, width - 1)) + "…";
  }
}
