package io.fuseline.deploy.backtest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.schemas.TargetType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A target that is stopped by one set of policies and not by the other, or by both but otherwise.
 *
 * @param baseline its stops under the baseline, oldest first; empty when there are none
 * @param candidate likewise under the candidate
 */
public record Difference(Kind kind, List<StopReport> baseline, List<StopReport> candidate) {

  /** From baseline to candidate. */
  public enum Kind {
    NEW,
    GONE,
    /** Stopped by both, at another time, by another action or at other cost. */
    CHANGED
  }

  private static final Comparator<Difference> WEIGHTIEST =
      Comparator.comparing(Difference::kind)
          .thenComparing(difference -> difference.moreWorkLost().abs(), Comparator.reverseOrder())
          .thenComparing(difference -> difference.moreSaved().abs(), Comparator.reverseOrder());

  private record Target(TargetType type, String tenant, String id) {
    static Target of(StopReport stop) {
      return new Target(stop.targetType(), stop.tenant(), stop.target());
    }
  }

  /**
   * New ones first, then those gone, then those changed; within a kind those first that change most
   * in work lost, then in money saved.
   */
  static List<Difference> between(SideReport baseline, SideReport candidate) {
    Map<Target, List<StopReport>> before = byTarget(baseline);
    Map<Target, List<StopReport>> after = byTarget(candidate);
    List<Difference> all = new ArrayList<>();
    after.forEach(
        (target, stops) -> {
          List<StopReport> known = before.remove(target);
          if (known == null) {
            all.add(new Difference(Kind.NEW, List.of(), stops));
          } else if (!isAlike(known, stops)) {
            all.add(new Difference(Kind.CHANGED, known, stops));
          }
        });
    before.values().forEach(stops -> all.add(new Difference(Kind.GONE, stops, List.of())));
    all.sort(WEIGHTIEST); // stable: by time where they weigh alike
    return all;
  }

  private static Map<Target, List<StopReport>> byTarget(SideReport side) {
    Map<Target, List<StopReport>> stops = new LinkedHashMap<>();
    for (StopReport stop : side.stops()) {
      stops.computeIfAbsent(Target.of(stop), target -> new ArrayList<>()).add(stop);
    }
    return stops;
  }

  private static boolean isAlike(List<StopReport> some, List<StopReport> others) {
    boolean alike = some.size() == others.size();
    for (int i = 0; alike && i < some.size(); i++) {
      StopReport one = some.get(i);
      StopReport other = others.get(i);
      alike =
          one.action() == other.action()
              && one.at().equals(other.at())
              && one.runs().equals(other.runs());
    }
    return alike;
  }

  /** The first stop under the candidate, else under the baseline: names the target. */
  public StopReport stop() {
    return candidate.isEmpty() ? baseline.get(0) : candidate.get(0);
  }

  /** Saved by the candidate less saved by the baseline. */
  public BigDecimal moreSaved() {
    return saved(candidate).subtract(saved(baseline));
  }

  /** Work lost by the candidate less that by the baseline. */
  public BigDecimal moreWorkLost() {
    return workLost(candidate).subtract(workLost(baseline));
  }

  private static BigDecimal saved(List<StopReport> stops) {
    return stops.stream().map(StopReport::saved).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static BigDecimal workLost(List<StopReport> stops) {
    return stops.stream().map(StopReport::workLost).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  ObjectNode toJson() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("kind", kind.name())
            .put("target_type", stop().targetType().name())
            .put("tenant_id", stop().tenant())
            .put("target", stop().target())
            .put("more_saved", Money.plain(moreSaved()))
            .put("more_work_lost", Money.plain(moreWorkLost()));
    put(json, "baseline", baseline);
    put(json, "candidate", candidate);
    return json;
  }

  private static void put(ObjectNode json, String side, List<StopReport> stops) {
    var array = json.putArray(side);
    stops.forEach(stop -> array.add(stop.toJson()));
  }
}
