package io.fuseline.deploy.replay;

import io.fuseline.schemas.CostRollup;
import io.fuseline.stream.judge.Cell;
import io.fuseline.stream.judge.CellKey;
import io.fuseline.stream.judge.Rollups;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code rollups.csv}: one row per window of each scope, as it stands at the end; RFC 4180. */
final class RollupTable {
  private static final String HEADER =
      "dimension,tenant,value,window,window_start,window_end,cost,list_cost,unpriced_bound,currency,spans,"
          + "llm_calls,tool_calls,errors,unpriced_spans,tokens";

  private static final Comparator<CellKey> ORDER =
      Comparator.comparing((CellKey key) -> key.scope().dimension())
          .thenComparing(key -> key.scope().tenant())
          .thenComparing(key -> key.scope().value())
          .thenComparing(CellKey::window)
          .thenComparingLong(CellKey::startMicros);

  private RollupTable() {}

  static void write(OutputFolder folder, Map<CellKey, Cell> cells, String currency)
      throws IOException {
    List<CellKey> keys = cells.keySet().stream().sorted(ORDER).toList();
    try (BufferedWriter table = folder.open("rollups.csv")) {
      table.write(HEADER);
      table.write('\n');
      for (CellKey key : keys) {
        table.write(row(Rollups.next(key, cells.get(key), true, currency)));
        table.write('\n');
      }
    }
  }

  private static String row(CostRollup rollup) {
    return Stream.of(
            rollup.getDimension(),
            rollup.getTenantId(),
            rollup.getValue(),
            rollup.getWindow(),
            rollup.getWindowStart(),
            rollup.getWindowEnd(),
            ReplaySummary.plain(rollup.getCost()),
            ReplaySummary.plain(rollup.getListCost()),
            ReplaySummary.plain(rollup.getUnpricedBound()),
            rollup.getCurrency(),
            rollup.getSpans(),
            rollup.getLlmCalls(),
            rollup.getToolCalls(),
            rollup.getErrors(),
            rollup.getUnpricedSpans(),
            rollup.getTokens())
        .map(value -> quoted(value.toString()))
        .collect(Collectors.joining(","));
  }

  private static String quoted(String value) {
    boolean plain = value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
  }
}
