package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class AmountProperties {

  @Property
  void shouldEqualBigIntegerWhateverIsAdded(
      @ForAll @Size(max = 60) List<Long> picos, @ForAll @IntRange(max = 40) int doublings) {
    Amount amount = new Amount();
    BigInteger oracle = BigInteger.ZERO;
    for (long pico : picos) {
      amount.add(pico);
      oracle = oracle.add(BigInteger.valueOf(pico));
    }
    for (int i = 0; i < doublings; i++) {
      amount.add(amount.copy());
      oracle = oracle.shiftLeft(1);
    }

    assertThat(amount.toBigDecimal()).isEqualTo(new BigDecimal(oracle, Amount.SCALE));
    assertThat(amount.isZero()).isEqualTo(oracle.signum() == 0);
    assertThat(amount.saturatedPico()).isEqualTo(saturated(oracle));
    assertThat(throughBytes(amount)).isEqualTo(amount).hasSameHashCodeAs(amount);
  }

  @Property
  void shouldOrderAsNumbersDo(@ForAll long a, @ForAll long b, @ForAll @IntRange(max = 40) int by) {
    Amount first = Amount.ofPico(a);
    Amount second = Amount.ofPico(b);
    BigInteger firstOracle = BigInteger.valueOf(a);
    for (int i = 0; i < by; i++) {
      first.add(first.copy());
      firstOracle = firstOracle.shiftLeft(1);
    }

    assertThat(Integer.signum(first.compareTo(second)))
        .isEqualTo(firstOracle.compareTo(BigInteger.valueOf(b)));
    assertThat(first.equals(second)).isEqualTo(first.compareTo(second) == 0);
  }

  @Example
  void shouldKeepTheSumWhenALongWouldOverflow() {
    Amount amount = Amount.ofPico(Long.MAX_VALUE);

    amount.add(Long.MAX_VALUE);
    amount.add(1);

    assertThat(amount).hasToString("18446744.073709551615");
    assertThat(amount.saturatedPico()).isEqualTo(Long.MAX_VALUE);
  }

  @Example
  void shouldAddToItself() {
    Amount amount = Amount.ofPico(-3);

    amount.add(amount);

    assertThat(amount).isEqualTo(Amount.ofPico(-6));
  }

  private static long saturated(BigInteger value) {
    return value
        .max(BigInteger.valueOf(Long.MIN_VALUE))
        .min(BigInteger.valueOf(Long.MAX_VALUE))
        .longValueExact();
  }

  private static Amount throughBytes(Amount amount) {
    BinaryOut out = new BinaryOut(1);
    amount.write(out);
    return Amount.read(new BinaryIn(out.toBytes()));
  }
}
