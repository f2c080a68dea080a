package io.fuseline.deploy.bench;

import io.fuseline.deploy.bench.BenchCluster.Load;
import io.fuseline.deploy.bench.LadderRun.Climb;
import java.io.PrintWriter;
import java.nio.file.Path;

/**
 * What a span costs when more and more root runs are under way: the same number of measured spans,
 * after a warm-up of one span for each run and then as many spans as are measured, so that the
 * compiler has seen the same whatever the number of runs. Spans come to whichever run.
 */
final class FlatnessRun {
  private final BenchCluster cluster;
  private final Path folder;
  private final BenchSettings settings;
  private final PrintWriter err;

  FlatnessRun(BenchCluster cluster, Path folder, BenchSettings settings, PrintWriter err) {
    this.cluster = cluster;
    this.folder = folder;
    this.settings = settings;
    this.err = err;
  }

  /**
   * @param runs under way at a time
   */
  Scale.Flatness of(int runs) {
    WorkloadShape shape =
        new WorkloadShape(runs, settings.shape().agents(), settings.shape().skew());
    int measured = settings.spans() / 2;
    String spans = "bench-spans-of-" + runs;
    Load load = cluster.load(spans, runs + 2 * measured, runs + measured, shape, err);
    Climb climb =
        new LadderRun(cluster, load, folder, settings.pipeline(), settings.othersClassPath(), err)
            .climb(Rung.L4, Watch.COUNTERS);
    cluster.removeTopic(spans);
    return new Scale.Flatness(
        runs,
        climb.measurement(),
        climb.operations().orElseThrow(),
        climb.memory().orElseThrow(),
        (long) (climb.measurement().written(Written.STATE_BYTES) * load.records()));
  }
}
