package io.fuseline.deploy.chaos;

import io.fuseline.schemas.AgentSpan;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * What spans cost, computed from the spans alone with four prices and exact decimals.
 *
 * @param spans how many
 * @param byAgent cost of each agent, USD without trailing zeros
 * @param byDay cost of each agent and UTC day
 */
record Ledger(int spans, Map<String, BigDecimal> byAgent, Map<String, BigDecimal> byDay) {
  private static final Map<String, BigDecimal> USD =
      Map.of(
          "input_tokens", new BigDecimal("0.000005"),
          "output_tokens", Script.OUTPUT_USD,
          "cache_read_tokens", new BigDecimal("0.0000005"),
          "cache_write_5m_tokens", new BigDecimal("0.00000625"));

  static Ledger of(Collection<AgentSpan> spans) {
    Map<String, BigDecimal> byAgent = new TreeMap<>();
    Map<String, BigDecimal> byDay = new TreeMap<>();
    for (AgentSpan span : spans) {
      BigDecimal cost = cost(span);
      LocalDate day = LocalDate.ofInstant(span.getEndTime(), ZoneOffset.UTC);
      byAgent.merge(span.getAgentId(), cost, BigDecimal::add);
      byDay.merge(span.getAgentId() + "@" + day, cost, BigDecimal::add);
    }
    byAgent.replaceAll((agent, cost) -> plain(cost));
    byDay.replaceAll((agent, cost) -> plain(cost));
    return new Ledger(spans.size(), byAgent, byDay);
  }

  BigDecimal total() {
    return plain(byAgent.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add));
  }

  /** Without zeros at the end, and never in powers of ten, so that equal amounts read the same. */
  static BigDecimal plain(BigDecimal amount) {
    BigDecimal stripped = amount.stripTrailingZeros();
    return stripped.setScale(Math.max(0, stripped.scale()));
  }

  private static BigDecimal cost(AgentSpan span) {
    BigDecimal cost = BigDecimal.ZERO;
    if (Script.MODEL.equals(span.getResponseModel())) {
      for (Map.Entry<String, Long> bucket : span.getUsage().entrySet()) {
        cost = cost.add(USD.get(bucket.getKey()).multiply(BigDecimal.valueOf(bucket.getValue())));
      }
    }
    return cost;
  }
}
