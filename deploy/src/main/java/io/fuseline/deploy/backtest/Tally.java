package io.fuseline.deploy.backtest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a policy, all policies with one detector, or a whole set would have done.
 *
 * @param name policy id, or detector; empty for the whole set
 * @param detector type of the policy's rule; else empty
 * @param mode of the policy, in lower case; empty for more than one
 * @param alerts alerts people would have had; not those that close an episode
 * @param throttles THROTTLE commands; they save nothing by themselves
 * @param stops episodes in which the target was told to rest for approval, to pause or to end
 * @param stopsNotSent alerts that say so, by policies in shadow or warn
 * @param runsStopped root runs cut short, each once
 * @param runsThatEndedWell of them those that ended well
 * @param saved see {@link StopReport}
 * @param workLost likewise
 */
public record Tally(
    String name,
    String detector,
    String mode,
    long alerts,
    long throttles,
    long stops,
    long stopsNotSent,
    long runsStopped,
    long runsThatEndedWell,
    BigDecimal saved,
    BigDecimal workLost) {

  static Tally of(
      String name,
      String detector,
      String mode,
      Collection<Side.Counts> counts,
      List<StopReport> stops) {
    Set<String> runs = new HashSet<>();
    Set<String> well = new HashSet<>();
    BigDecimal saved = BigDecimal.ZERO;
    BigDecimal workLost = BigDecimal.ZERO;
    for (StopReport stop : stops) {
      saved = saved.add(stop.saved());
      workLost = workLost.add(stop.workLost());
      for (StopReport.CutRun run : stop.runs()) {
        runs.add(run.rootRunId());
        if (run.ending() == Ending.WELL) {
          well.add(run.rootRunId());
        }
      }
    }
    return new Tally(
        name,
        detector,
        mode,
        counts.stream().mapToLong(of -> of.alerts).sum(),
        counts.stream().mapToLong(of -> of.throttles).sum(),
        stops.size(),
        counts.stream().mapToLong(of -> of.stopsNotSent).sum(),
        runs.size(),
        well.size(),
        saved,
        workLost);
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (!name.isEmpty()) {
      json.put("name", name);
    }
    if (!detector.isEmpty()) {
      json.put("detector", detector);
    }
    if (!mode.isEmpty()) {
      json.put("mode", mode);
    }
    return json.put("alerts", alerts)
        .put("throttles", throttles)
        .put("stops", stops)
        .put("stops_not_sent", stopsNotSent)
        .put("runs_stopped", runsStopped)
        .put("runs_that_ended_well", runsThatEndedWell)
        .put("saved", Money.plain(saved))
        .put("work_lost", Money.plain(workLost));
  }
}
