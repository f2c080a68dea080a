package io.fuseline.deploy.clients;

import io.fuseline.deploy.pipeline.Deployment;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostLine;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.SpanKind;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What a span was booked as.
 *
 * @param name model or tool
 * @param usage quantity by unit, without zeros
 * @param cost list cost, without trailing zeros
 */
record Spent(
    String agent,
    SpanKind kind,
    String name,
    Map<String, Long> usage,
    CostStatus status,
    BigDecimal cost) {

  /** Usage that has a price throughout. */
  static Spent priced(
      String agent, SpanKind kind, String name, Map<String, Long> usage, String cost) {
    return new Spent(agent, kind, name, new TreeMap<>(usage), CostStatus.PRICED, plain(cost));
  }

  /**
   * Everything booked for a team, wrappers included; spans written twice would stand here twice.
   */
  static List<Spent> byTeam(Deployment deployment, String team) {
    return priced(deployment, team).stream().map(Spent::of).toList();
  }

  /** The records themselves. */
  static List<PricedSpan> priced(Deployment deployment, String team) {
    Set<String> spans =
        agentSpans(deployment, team).stream().map(AgentSpan::getSpanId).collect(Collectors.toSet());
    return deployment
        .readAll(deployment.topics().pricedSpans(), PricedSpan.class, "read_committed")
        .stream()
        .map(ConsumerRecord::value)
        .filter(span -> spans.contains(span.getSpanId()))
        .toList();
  }

  /** A team's spans as they came in. */
  static List<AgentSpan> agentSpans(Deployment deployment, String team) {
    return deployment
        .readAll(deployment.topics().agentSpans(), AgentSpan.class, "read_committed")
        .stream()
        .map(ConsumerRecord::value)
        .filter(span -> team.equals(span.getTeam()))
        .toList();
  }

  static Spent of(PricedSpan span) {
    Map<String, Long> usage = new TreeMap<>();
    for (CostLine line : span.getLines()) {
      if (line.getQuantity() != 0) {
        usage.merge(line.getUnit(), line.getQuantity(), Long::sum);
      }
    }
    return new Spent(
        span.getAgentId(),
        span.getKind(),
        span.getName(),
        usage,
        span.getStatus(),
        plain(span.getListCost().toString()));
  }

  private static BigDecimal plain(String cost) {
    return new BigDecimal(cost).stripTrailingZeros();
  }

  boolean isLeaf() {
    return kind == SpanKind.LLM || kind == SpanKind.EMBEDDING;
  }
}
