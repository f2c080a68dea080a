package io.fuseline.stream.judge;

import io.fuseline.schemas.CostCorrection;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Writes corrections down as records for {@code cost-corrections}. */
public final class CostCorrections {
  private static final char SEPARATOR = '\u0000';

  private CostCorrections() {}

  /**
   * The record.
   *
   * @param nowMicros time the correction is made, epoch microseconds
   */
  public static CostCorrection of(
      String spanId, Correction correction, String currency, long nowMicros) {
    Booking change = correction.change();
    return CostCorrection.newBuilder()
        .setCorrectionId(id(change.rootRunId(), spanId, correction.revision()))
        .setSpanId(spanId)
        .setRootRunId(change.rootRunId())
        .setRunId(change.runId())
        .setTenantId(change.subject().tenant())
        .setAgentId(change.subject().agent())
        .setName(correction.name())
        .setRevision(correction.revision())
        .setReason(correction.reason())
        .setEventTime(Times.instant(correction.eventMicros()))
        .setBookedTime(Times.instant(change.eventMicros()))
        .setCorrectedAt(Times.instant(nowMicros))
        .setCost(money(change.cost()))
        .setListCost(money(change.listCost()))
        .setUnpricedBound(money(change.bound()))
        .setCostBefore(money(correction.costBefore()))
        .setCostAfter(money(Math.addExact(correction.costBefore(), change.cost())))
        .setCurrency(currency)
        .setPriceIds(correction.priceIds())
        .build();
  }

  /** The same facts give the same id, whatever crashed in between. */
  private static String id(String rootRunId, String spanId, int revision) {
    String facts = rootRunId + SEPARATOR + spanId + SEPARATOR + revision;
    return "cor-" + UUID.nameUUIDFromBytes(facts.getBytes(StandardCharsets.UTF_8));
  }

  private static BigDecimal money(long pico) {
    return BigDecimal.valueOf(pico, Amount.SCALE);
  }
}
