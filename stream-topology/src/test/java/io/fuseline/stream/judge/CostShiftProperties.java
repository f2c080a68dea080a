package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fuseline.stream.judge.CostShift.Cause;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class CostShiftProperties {
  private static final long PRICE = 250_000; // pico-units per weighted token: 5 USD per million

  @Property(tries = 100)
  void shouldTellPriceAndTokensApartAndTheirProductIsTheCost(
      @ForAll @IntRange(min = 100, max = 400) int pricePercent,
      @ForAll @IntRange(min = 100, max = 400) int tokenPercent,
      @ForAll long seed) {
    CostShift shift = new CostShift();
    Random random = new Random(seed);
    for (int call = 0; call < 300; call++) {
      add(shift, 1, tokens(random, 100), PRICE);
    }
    for (int call = 0; call < 300; call++) {
      add(shift, 2, tokens(random, tokenPercent), PRICE * pricePercent / 100);
    }

    assertThat(shift.callsSince()).isEqualTo(300);
    assertThat(shift.priceFactorMilli() / 1000.0)
        .isCloseTo(pricePercent / 100.0, within(pricePercent / 100.0 * 0.03));
    assertThat(shift.tokenFactorMilli() / 1000.0)
        .isCloseTo(tokenPercent / 100.0, within(tokenPercent / 100.0 * 0.2));
    assertThat(shift.costFactorMilli())
        .isCloseTo(
            shift.priceFactorMilli() * shift.tokenFactorMilli() / 1000,
            within(shift.costFactorMilli() / 200));
    if (pricePercent > 2 * tokenPercent) {
      assertThat(shift.cause()).isEqualTo(Cause.PRICE);
    } else if (tokenPercent > 2 * pricePercent) {
      assertThat(shift.cause()).isEqualTo(Cause.BEHAVIOUR);
    }
  }

  @Property(tries = 50)
  void shouldSeeAPriceThatChangesUnderTheSameModel(@ForAll long seed) {
    CostShift shift = new CostShift();
    Random random = new Random(seed);
    for (int call = 0; call < 300; call++) {
      add(shift, 1, tokens(random, 100), PRICE);
      assertThat(shift.isOpen()).isFalse();
    }
    for (int call = 0; call < 100; call++) {
      add(shift, 1, tokens(random, 100), 2 * PRICE);
      shift = CostShift.read(new BinaryIn(bytes(shift)));
    }

    assertThat(shift.callsSince()).isEqualTo(100 - CostShift.PROOFS + 1);
    assertThat(shift.cause()).isEqualTo(Cause.PRICE);
    assertThat(shift.priceFactorMilli()).isBetween(1_960L, 2_040L);
  }

  @Property(tries = 20)
  void shouldTakeWhatIsNewForUsualInTheEnd(@ForAll long seed) {
    CostShift shift = new CostShift();
    Random random = new Random(seed);
    for (int call = 0; call < 100; call++) {
      add(shift, 1, tokens(random, 100), PRICE);
    }
    for (int call = 0; call < CostShift.SETTLED; call++) {
      add(shift, 2, tokens(random, 300), PRICE);
    }

    assertThat(shift.isOpen()).isFalse();
    assertThat(shift.costFactorMilli()).isEqualTo(1_000);
  }

  @Property(tries = 20)
  void shouldStaySmallWithAnyNumberOfModels(@ForAll @IntRange(min = 0, max = 300) int models) {
    CostShift shift = new CostShift();
    for (int model = 0; model < models; model++) {
      add(shift, Hashes.mix(3, model), 1_000_000, PRICE);
    }

    assertThat(bytes(shift).length).isLessThan(280);
  }

  private static void add(CostShift shift, long variant, long tokens, long price) {
    shift.add(new ModelUse(variant, "model", "v", tokens), tokens * price, 1_000_000);
  }

  /** Half to one and a half times the usual. */
  private static long tokens(Random random, int percent) {
    return 2_000L * percent * (50 + random.nextInt(100)) / 100;
  }

  private static byte[] bytes(CostShift shift) {
    BinaryOut out = new BinaryOut(16);
    shift.write(out);
    return out.toBytes();
  }
}
