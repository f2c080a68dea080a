package io.fuseline.deploy.cli;

import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** How much to say on standard error. Results are on standard output. */
final class LogOptions {
  /** Both are read by {@code logback.xml}, so they must be set before the first logger is made. */
  private static final String LEVEL_PROPERTY = "fuseline.log.level";

  private static final String CLIENT_LEVEL_PROPERTY = "fuseline.client.log.level";

  @Option(
      names = {"-v", "--verbose"},
      scope = CommandLine.ScopeType.INHERIT,
      description = "Say more on standard error; -vv says most.")
  private boolean[] verbose = {};

  boolean isVerbose() {
    return verbose.length > 0;
  }

  /** A service says by default what it does; any other command is quiet unless asked. */
  void apply(boolean service) {
    int volume = verbose.length + (service ? 1 : 0);
    setUnlessSet(LEVEL_PROPERTY, volume == 0 ? "WARN" : volume == 1 ? "INFO" : "DEBUG");
    // Kafka's clients warn about every attempt to connect; a tool says once that it failed.
    setUnlessSet(CLIENT_LEVEL_PROPERTY, volume == 0 ? "ERROR" : volume < 3 ? "WARN" : "DEBUG");
  }

  /**
   * Sends the log to a file, at level INFO at least. To be called before the first logger is made.
   */
  static void toFile(Path file) {
    System.setProperty("fuseline.log.appender", "FILE");
    System.setProperty("fuseline.log.file", file.toString());
    if (!"DEBUG".equals(System.getProperty(LEVEL_PROPERTY))) {
      System.setProperty(LEVEL_PROPERTY, "INFO");
    }
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
