package io.fuseline.deploy.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** How much to say on standard error. Results are on standard output. */
final class LogOptions {
  /** Read by {@code logback.xml}, so it must be set before the first logger is made. */
  private static final String LEVEL_PROPERTY = "fuseline.log.level";

  private static final String CLIENT_LEVEL_PROPERTY = "fuseline.client.log.level";

  @Option(
      names = {"-v", "--verbose"},
      description = "Say more; -vv says most.")
  private boolean[] verbose = {};

  private final boolean service;

  private LogOptions(boolean service) {
    this.service = service;
  }

  /** For a command that ends by itself: quiet unless asked. */
  static LogOptions ofTool() {
    return new LogOptions(false);
  }

  /** For a command that runs until it is stopped: says what it does. */
  static LogOptions ofService() {
    return new LogOptions(true);
  }

  /** Those of the command that will run; the quiet ones when it has none. */
  static LogOptions of(ParseResult parsed) {
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    return last.commandSpec().mixins().values().stream()
        .map(mixin -> mixin.userObject())
        .filter(LogOptions.class::isInstance)
        .map(LogOptions.class::cast)
        .findFirst()
        .orElseGet(LogOptions::ofTool);
  }

  boolean isVerbose() {
    return verbose.length > 0;
  }

  void apply() {
    int volume = verbose.length + (service ? 1 : 0);
    setUnlessSet(LEVEL_PROPERTY, volume == 0 ? "WARN" : volume == 1 ? "INFO" : "DEBUG");
    // Kafka's clients warn about every attempt to connect; a tool says once that it failed.
    setUnlessSet(CLIENT_LEVEL_PROPERTY, volume == 0 ? "ERROR" : volume < 3 ? "WARN" : "DEBUG");
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
