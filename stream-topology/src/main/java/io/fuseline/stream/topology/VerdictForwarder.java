package io.fuseline.stream.topology;

import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.stream.judge.Amount;
import io.fuseline.stream.judge.Verdicts;
import io.fuseline.stream.metrics.FuselineMetrics;
import java.math.BigDecimal;
import java.time.Duration;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Sends verdicts on their way: commands first, keyed by target, stamped with the wall clock. */
final class VerdictForwarder {
  private VerdictForwarder() {}

  static void forward(
      ProcessorContext<Object, Object> context,
      Verdicts verdicts,
      long causeTimestamp,
      FuselineMetrics metrics) {
    long now = context.currentSystemTimeMs();
    for (Command command : verdicts.commands()) {
      context.forward(new Record<>(command.getTarget(), command, now));
      metrics.command(command.getAction());
      metrics.spanToCommand(Duration.ofMillis(now - causeTimestamp));
    }
    if (verdicts.leakPico() > 0) {
      metrics.stopLeak(BigDecimal.valueOf(verdicts.leakPico(), Amount.SCALE));
    }
    for (Alert alert : verdicts.alerts()) {
      context.forward(new Record<>(alert.getTarget(), alert, now));
      metrics.alert(alert.getSeverity());
    }
  }
}
