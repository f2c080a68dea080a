package io.fuseline.enrichment.price;

import java.util.Map;

/** What a span tells of the conditions that prices may have, and which row fits them best. */
final class Circumstances {

  private static final long MICROS_OF_MINUTE = 60_000_000L;
  private static final int MINUTES_OF_DAY = 24 * 60;
  private static final int NO_FIT = -1;

  final String tenant;
  final String tier;
  final String region;
  final long micros;
  private final int minute;
  private final Map<String, Long> usage;

  /** Input tokens of the request; -1 until asked for. */
  private long inputTokens = -1;

  /**
   * @param nameRegion region that the model's name tells; it counts where the span tells none
   */
  Circumstances(Billable work, String nameRegion) {
    this.tenant = work.tenant();
    this.tier = Tiers.canonical(work.serviceTier());
    this.region = work.region() == null || work.region().isEmpty() ? nameRegion : work.region();
    this.micros = work.eventTimeMicros();
    this.minute = (int) Math.floorMod(Math.floorDiv(micros, MICROS_OF_MINUTE), MINUTES_OF_DAY);
    this.usage = work.usage();
  }

  /**
   * The row that fits best, or null. First counts the band, then the tier, then whether the unit is
   * the own one, then how near the region is, then a window of the day, then the newest validity.
   *
   * @param own rows of the unit, newest first
   * @param standIn rows of a unit that may stand in for it, newest first
   * @param ownTier whether rows of the span's tier fit
   * @param standard whether rows of the standard tier fit
   */
  Row best(Row[] own, Row[] standIn, boolean ownTier, boolean standard) {
    Row best = null;
    long bestRank = 0;
    int candidates = own.length + standIn.length;
    for (int i = 0; i < candidates; i++) {
      boolean isOwn = i < own.length;
      Row row = isOwn ? own[i] : standIn[i - own.length];
      long rank = rank(row, isOwn, ownTier, standard);
      if (rank >= 0
          && (best == null
              || row.bandFrom() > best.bandFrom()
              || row.bandFrom() == best.bandFrom() && rank > bestRank)) {
        best = row;
        bestRank = rank;
      }
    }
    return best;
  }

  private long rank(Row row, boolean ownUnit, boolean ownTier, boolean standard) {
    boolean inTier = row.tier().equals(tier);
    if (!(inTier && ownTier) && !(standard && row.tier().equals(Tiers.STANDARD))) {
      return NO_FIT;
    }
    int near = nearness(row);
    if (near < 0 || !holds(row)) {
      return NO_FIT;
    }
    return (inTier ? 1L << 34 : 0)
        | (ownUnit ? 1L << 33 : 0)
        | (long) near << 1
        | (row.hasWindow() ? 1 : 0);
  }

  /** The factor of the group that fits best for the unit, or null. */
  Row factor(Row[] group, String unit) {
    Row best = null;
    long bestRank = 0;
    for (Row row : group) {
      boolean fits =
          Units.matches(row.unit(), unit)
              && (row.tier().equals(Tiers.STANDARD) || row.tier().equals(tier))
              && (row.tenant() == null || row.tenant().equals(tenant))
              && holds(row);
      int near = fits ? nearness(row) : NO_FIT;
      long rank = (long) near << 1 | (row.hasWindow() ? 1 : 0);
      if (near >= 0
          && (best == null
              || row.bandFrom() > best.bandFrom()
              || row.bandFrom() == best.bandFrom() && rank > bestRank)) {
        best = row;
        bestRank = rank;
      }
    }
    return best;
  }

  /** Whether any of the rows is valid at the time, whatever its other conditions. */
  boolean anyIsValid(Row[] rows) {
    for (Row row : rows) {
      if (row.holdsAt(micros)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the row holds at the time and for a request of this size. */
  boolean holds(Row row) {
    return row.holdsAt(micros) && row.holdsAtMinute(minute) && reachesBand(row);
  }

  boolean reachesBand(Row row) {
    return row.bandFrom() == 0 || bandQuantity(row) >= row.bandFrom();
  }

  /** How much of the row's band unit the request has. */
  long bandQuantity(Row row) {
    if (row.bandUnit().isEmpty()) {
      return inputTokens();
    }
    Long quantity = usage.get(row.bandUnit());
    return quantity == null ? 0 : quantity;
  }

  boolean holdsAtMinute(Row row) {
    return row.holdsAtMinute(minute);
  }

  /**
   * How near the row's region is: 0 for a row of every region, more the closer it is; negative if
   * the row is another region's. A region holds for all whose name it begins, up to a hyphen.
   */
  int nearness(Row row) {
    String wanted = row.region();
    if (wanted == null) {
      return 0;
    }
    if (region == null || !region.startsWith(wanted)) {
      return NO_FIT;
    }
    boolean whole = region.length() == wanted.length() || region.charAt(wanted.length()) == '-';
    return whole ? wanted.length() : NO_FIT;
  }

  long inputTokens() {
    if (inputTokens < 0) {
      long sum = 0;
      for (Map.Entry<String, Long> used : usage.entrySet()) {
        if (Units.isInput(used.getKey())) {
          sum += used.getValue();
        }
      }
      inputTokens = sum;
    }
    return inputTokens;
  }
}
