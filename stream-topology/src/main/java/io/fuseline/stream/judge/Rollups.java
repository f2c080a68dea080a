package io.fuseline.stream.judge;

import io.fuseline.schemas.CostRollup;

/** Writes cells down as records for {@code cost-rollups}. */
public final class Rollups {
  private Rollups() {}

  /**
   * The next revision of a cell.
   *
   * @param cell its revision is raised, and it is closed when {@code closes}
   * @param closes the window has ended by the clock
   */
  public static CostRollup next(CellKey key, Cell cell, boolean closes, String currency) {
    cell.revision++;
    cell.closed |= closes;
    return CostRollup.newBuilder()
        .setDimension(key.scope().dimension())
        .setTenantId(key.scope().tenant())
        .setValue(key.scope().value())
        .setWindow(key.window())
        .setWindowStart(Times.instant(key.startMicros()))
        .setWindowEnd(Times.instant(key.startMicros() + Windows.micros(key.window())))
        .setCost(cell.cost.toBigDecimal())
        .setListCost(cell.listCost.toBigDecimal())
        .setUnpricedBound(cell.bound.toBigDecimal())
        .setCurrency(currency)
        .setSpans(cell.spans)
        .setLlmCalls(cell.llmCalls)
        .setToolCalls(cell.toolCalls)
        .setErrors(cell.errors)
        .setUnpricedSpans(cell.unpricedSpans)
        .setTokens(cell.tokens)
        .setRevision(cell.revision)
        .setIsFinal(cell.closed)
        .setSuccesses(cell.successes())
        .setFailures(cell.failures())
        .setOutcomeValue(cell.outcomes == null ? null : cell.outcomes(null).value.toBigDecimal())
        .build();
  }

  /** Key of the record: dimension, tenant, value, window size and start. */
  public static String recordKey(CellKey key) {
    return key.scope().dimension()
        + "/"
        + key.scope().tenant()
        + "/"
        + key.scope().value()
        + "/"
        + key.window()
        + "/"
        + Times.instant(key.startMicros());
  }
}
