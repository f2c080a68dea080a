package io.fuseline.deploy.bench;

import com.sun.management.OperatingSystemMXBean;
import io.fuseline.deploy.stack.Distribution;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.AppInfoParser;

/**
 * What the figures were measured on.
 *
 * @param kafka version of clients and Streams, and of the broker
 * @param load average number of running threads in the minute before; above {@code cores} the
 *     machine was busy with something else
 */
record Machine(
    String cpu,
    int cores,
    long memoryBytes,
    String system,
    String java,
    String kafka,
    double load) {

  static Machine current() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new Machine(
        cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        system.getTotalMemorySize(),
        system.getName() + " " + system.getVersion() + " " + system.getArch(),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        AppInfoParser.getVersion() + " (broker " + Distribution.find().brokerVersion() + ")",
        system.getSystemLoadAverage());
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s, %d cores, %.0f GiB; %s; %s; Kafka %s; load average %.1f before",
        cpu,
        cores,
        memoryBytes / (double) (1 << 30),
        system,
        java,
        kafka,
        load);
  }

  private static String cpuModel() {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(info)) {
      return "CPU unknown";
    }
    try (Stream<String> lines = Files.lines(info)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("CPU unknown");
    } catch (IOException e) {
      return "CPU unknown";
    }
  }
}
