package io.fuseline.deploy.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How one rung stands to another, in the same round: 0.5 is half as fast.
 *
 * @param rate records per second of the one by those of the other
 * @param cpu CPU per record of the other by that of the one: what the rate would be if only the
 *     process's own CPU time counted, and not what else runs on the machine
 */
record Ratio(Rung of, Rung to, Spread rate, Spread cpu) {
  private record Pair(Rung of, Rung to) {}

  /**
   * The ratios worth a look: what each step costs, and what the whole costs beside simpler work.
   */
  private static final List<Pair> PAIRS =
      List.of(
          new Pair(Rung.L1, Rung.L0),
          new Pair(Rung.L2, Rung.L0),
          new Pair(Rung.L3, Rung.L2),
          new Pair(Rung.L4, Rung.L1),
          new Pair(Rung.L4, Rung.L2),
          new Pair(Rung.L4, Rung.L3),
          new Pair(Rung.L4P, Rung.L1),
          new Pair(Rung.L4P, Rung.L3),
          new Pair(Rung.L4P, Rung.L4),
          new Pair(Rung.L4, Rung.DSL),
          new Pair(Rung.L4P, Rung.DSL),
          new Pair(Rung.L4, Rung.PG),
          new Pair(Rung.L4, Rung.PGS),
          new Pair(Rung.L4, Rung.FLINK));

  /**
   * Ratios of all pairs that were measured.
   *
   * @param rounds the measurements of each round
   */
  static List<Ratio> of(List<List<Measurement>> rounds) {
    List<Ratio> ratios = new ArrayList<>();
    for (Pair pair : PAIRS) {
      List<Double> rates = new ArrayList<>();
      List<Double> cpus = new ArrayList<>();
      for (List<Measurement> round : rounds) {
        Optional<Measurement> of = find(round, pair.of());
        Optional<Measurement> to = find(round, pair.to());
        if (of.isPresent() && to.isPresent()) {
          rates.add(of.get().recordsPerSecond() / to.get().recordsPerSecond());
          cpus.add(to.get().cpuMicros() / of.get().cpuMicros());
        }
      }
      if (!rates.isEmpty()) {
        ratios.add(new Ratio(pair.of(), pair.to(), Spread.of(rates), Spread.of(cpus)));
      }
    }
    return ratios;
  }

  private static Optional<Measurement> find(List<Measurement> round, Rung rung) {
    return round.stream().filter(each -> each.rung() == rung).findFirst();
  }
}
