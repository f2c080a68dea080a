package io.fuseline.deploy.chaos;

import java.time.Duration;
import java.util.List;

/**
 * What a run with crashes has shown.
 *
 * @param settings of the run
 * @param metWork crashes that met records not yet committed
 * @param spans distinct spans
 * @param sent records written to the topic of spans, repeated ones included
 * @param took from the first start of the pipeline to the last check
 * @param checks all that was checked
 */
public record ChaosReport(
    ChaosSettings settings, int metWork, int spans, long sent, Duration took, List<Check> checks) {

  /** What was not as it had to be; empty when all is well. */
  public List<Check> failures() {
    return checks.stream().filter(check -> !check.holds()).toList();
  }

  /** A line for each check, and the seed to do it again with. */
  public String toText() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%d crashes, %d of them with work in progress; %d spans, %d records; %d s; seed %d%n"
            .formatted(
                settings.crashes(), metWork, spans, sent, took.toSeconds(), settings.seed()));
    checks.forEach(check -> text.append(check).append(System.lineSeparator()));
    return text.append(
            failures().isEmpty()
                ? "All %d checks hold.".formatted(checks.size())
                : "%d of %d checks FAILED.".formatted(failures().size(), checks.size()))
        .toString();
  }
}
