package io.fuseline.deploy.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.deploy.stack.SharedStack;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same as {@code scripts/chaos}, with one crash in each act: the pipeline is killed with -9
 * while limits are reached, stops are leaked, caps are raised and old spans come again, and no cent
 * is counted wrong and no command lost or said twice. {@code -Dchaos.crashes} and {@code
 * -Dchaos.seed} ask for more.
 */
class ChaosIT {
  @TempDir private Path folder;

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void shouldKeepLedgerAndCommandsExactWhenKilledAtRandomPoints() {
    ChaosSettings settings =
        new ChaosSettings(Integer.getInteger("chaos.crashes", 5), Long.getLong("chaos.seed", 7));

    ChaosReport report =
        Chaos.run(SharedStack.get(), "chaos", folder, settings, new PrintWriter(System.out, true));

    assertThat(report.failures()).as(report.toText()).isEmpty();
    assertThat(report.metWork()).as("crashes that met work in progress").isPositive();
  }
}
