package io.fuseline.deploy.backtest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one set of policies would have done.
 *
 * @param source where the policies came from, as it was given
 * @param total the whole set
 * @param policies every policy, also those that did nothing, by id
 * @param detectors the same by type of rule, by name
 * @param stops in the order in which they were commanded
 */
public record SideReport(
    String source,
    Tally total,
    List<Tally> policies,
    List<Tally> detectors,
    List<StopReport> stops) {

  static SideReport of(String source, Side side) {
    List<StopReport> stops =
        side.stops().stream().map(stop -> StopReport.of(stop, side.runs())).toList();
    List<Tally> policies = new ArrayList<>();
    SortedMap<String, List<Side.Counts>> byDetector = new TreeMap<>();
    side.counts()
        .forEach(
            (id, counts) -> {
              policies.add(
                  Tally.of(
                      id,
                      counts.detector,
                      counts.mode.name().toLowerCase(Locale.ROOT),
                      List.of(counts),
                      stops.stream().filter(stop -> stop.policyId().equals(id)).toList()));
              byDetector.computeIfAbsent(counts.detector, d -> new ArrayList<>()).add(counts);
            });
    List<Tally> detectors = new ArrayList<>();
    byDetector.forEach(
        (detector, counts) ->
            detectors.add(
                Tally.of(
                    detector,
                    "",
                    "",
                    counts,
                    stops.stream().filter(stop -> stop.detector().equals(detector)).toList())));
    return new SideReport(
        source, Tally.of("", "", "", side.counts().values(), stops), policies, detectors, stops);
  }

  /** Root runs that ended well and were cut short. */
  Set<String> runsThatEndedWell() {
    Set<String> runs = new TreeSet<>();
    for (StopReport stop : stops) {
      for (StopReport.CutRun run : stop.runs()) {
        if (run.ending() == Ending.WELL) {
          runs.add(run.rootRunId());
        }
      }
    }
    return runs;
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("policies_from", source);
    json.set("total", total.toJson());
    array(json.putArray("policies"), policies);
    array(json.putArray("detectors"), detectors);
    ArrayNode list = json.putArray("stops");
    stops.forEach(stop -> list.add(stop.toJson()));
    return json;
  }

  private static void array(ArrayNode array, List<Tally> tallies) {
    tallies.forEach(tally -> array.add(tally.toJson()));
  }
}
