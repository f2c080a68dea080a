package io.fuseline.stream.judge;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a model call of one agent costs, before and since a change: a model or agent version that
 * the agent had not used, or another price of one it had. Tells whether the price or the agent's
 * behaviour is behind it. Fixed size.
 *
 * <p>Cost per call is price per weighted token times weighted tokens per call; so the logarithms of
 * both changes add up to that of the cost, and the larger of the two is the cause. Means are those
 * of logarithms, to the base of 2, in 1024ths.
 */
final class CostShift {
  /** Models and versions that are remembered; the longest unused is forgotten first. */
  static final int VARIANTS = 16;

  /** Calls before the change that what is usual is made of, the newest weighing most. */
  static final int MEMORY = 256;

  /** Calls since the change, after which what is new has become usual. */
  static final int SETTLED = 500;

  /** Calls before anything is usual. */
  static final int MATURE = 50;

  /** A price has changed when this many calls in a row say so. */
  static final int PROOFS = 8;

  /** A change that is older is let go, however few calls there were. */
  private static final long LONGEST_MICROS = Duration.ofDays(7).toMillis() * 1000;

  private static final long FRESH_MICROS = Duration.ofDays(1).toMillis() * 1000;
  private static final int FRACTION = 8;

  /** A price has changed when it differs by this: a fifth. */
  private static final int PRICE_STEP = 270;

  private final Map<Long, Variant> variants = new LinkedHashMap<>(VARIANTS * 2, 0.75F, true);
  private final Means before = new Means();

  /** Null while nothing has changed. */
  private Means since;

  private long changed;
  private long changedAt;

  /** Price per weighted token, and how many calls in a row have said it is another. */
  private static final class Variant {
    int price;
    int against;
  }

  /** Means of logarithms over calls. */
  private static final class Means {
    /** With {@value #FRACTION} bits more, so that small differences are learned too. */
    int cost;

    int tokens;
    int calls;

    void add(int logCost, int logTokens, int memory) {
      calls = Math.min(calls + 1, memory);
      cost += ((logCost << FRACTION) - cost) / calls;
      tokens += ((logTokens << FRACTION) - tokens) / calls;
    }
  }

  /** What caused a change of cost. */
  enum Cause {
    /** The same work at another price. */
    PRICE,
    /** More or fewer tokens for a call at the same price. */
    BEHAVIOUR
  }

  /** A model call was booked at this cost. */
  void add(ModelUse use, long pico, long eventMicros) {
    if (pico <= 0) {
      return;
    }
    if (since != null && eventMicros - changedAt > LONGEST_MICROS) {
      becomeUsual();
    }
    int cost = Octaves.log2(pico);
    int tokens = Octaves.log2(use.weightedTokens());
    int price = cost - tokens;
    Variant variant = variants.get(use.variant());
    boolean isNew = variant == null;
    if (isNew) {
      variant = new Variant();
      variant.price = price;
      variants.put(use.variant(), variant);
      if (variants.size() > VARIANTS) {
        variants.remove(variants.keySet().iterator().next());
      }
    }
    variant.against = Math.abs(price - variant.price) >= PRICE_STEP ? variant.against + 1 : 0;
    boolean hasNewPrice = variant.against >= PROOFS;
    if (hasNewPrice) {
      variant.price = price;
      variant.against = 0;
    }
    if ((isNew || hasNewPrice) && before.calls >= MATURE) {
      since = new Means();
      changed = use.variant();
      changedAt = eventMicros;
    }
    if (since == null) {
      if (variant.against == 0) { // what may be a new price is not usual yet
        before.add(cost, tokens, MEMORY);
      }
    } else if (use.variant() == changed) {
      since.add(cost, tokens, SETTLED);
      if (since.calls >= SETTLED) {
        becomeUsual();
      }
    }
  }

  private void becomeUsual() {
    if (since.calls < MATURE) {
      since = null;
      return;
    }
    before.cost = since.cost;
    before.tokens = since.tokens;
    before.calls = MEMORY;
    since = null;
  }

  /** True from a change until what is new has become usual. */
  boolean isOpen() {
    return since != null;
  }

  /** True in the first day after a change. */
  boolean isFresh(long eventMicros) {
    return since != null && eventMicros - changedAt <= FRESH_MICROS;
  }

  /** Calls since the change. */
  int callsSince() {
    return since == null ? 0 : since.calls;
  }

  /** Cost of a call since the change over one before, in thousandths; 1000 without a change. */
  long costFactorMilli() {
    return since == null ? 1000 : milli((long) since.cost - before.cost);
  }

  /** The same of the price of a weighted token. */
  long priceFactorMilli() {
    return since == null
        ? 1000
        : milli((long) since.cost - since.tokens - before.cost + before.tokens);
  }

  /** The same of weighted tokens per call. */
  long tokenFactorMilli() {
    return since == null ? 1000 : milli((long) since.tokens - before.tokens);
  }

  Cause cause() {
    return priceFactorMilli() >= tokenFactorMilli() ? Cause.PRICE : Cause.BEHAVIOUR;
  }

  private static long milli(long log) {
    return Octaves.exp2((log >> FRACTION) + 20L * Octaves.ONE) * 1000 >> 20;
  }

  void write(BinaryOut out) {
    out.varint(variants.size());
    variants.forEach(
        (which, variant) -> {
          out.fixed(which);
          out.zigzag(variant.price);
          out.raw(variant.against);
        });
    write(out, before);
    out.bool(since != null);
    if (since != null) {
      write(out, since);
      out.fixed(changed);
      out.varint(changedAt);
    }
  }

  private static void write(BinaryOut out, Means means) {
    out.zigzag(means.cost);
    out.zigzag(means.tokens);
    out.varint(means.calls);
  }

  static CostShift read(BinaryIn in) {
    CostShift shift = new CostShift();
    for (int i = in.count(); i > 0; i--) {
      Variant variant = new Variant();
      shift.variants.put(in.fixed(), variant);
      variant.price = (int) in.zigzag();
      variant.against = in.raw();
    }
    read(in, shift.before);
    if (in.bool()) {
      shift.since = new Means();
      read(in, shift.since);
      shift.changed = in.fixed();
      shift.changedAt = in.varint();
    }
    return shift;
  }

  private static void read(BinaryIn in, Means means) {
    means.cost = (int) in.zigzag();
    means.tokens = (int) in.zigzag();
    means.calls = in.count();
  }
}
