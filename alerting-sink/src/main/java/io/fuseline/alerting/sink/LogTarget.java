package io.fuseline.alerting.sink;

import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * Writes each event as one line of {@code key=value} to the logger {@value #LOGGER}. Values that
 * are not plain words are quoted, and control characters escaped, so that a text from a span can
 * neither end the line nor pretend to be another field.
 */
final class LogTarget implements SinkTarget {
  static final String LOGGER = "io.fuseline.alerts";

  private final Consumer<String> lines;

  LogTarget() {
    this(LoggerFactory.getLogger(LOGGER)::info);
  }

  LogTarget(Consumer<String> lines) {
    this.lines = lines;
  }

  @Override
  public Answer attempt(Event event, int attempt) {
    lines.accept(line(event));
    return Answer.delivered("written");
  }

  static String line(Event event) {
    var line = new StringBuilder("event=").append(event.type());
    append(line, "id", event.id());
    event.summary().forEach((key, value) -> append(line, key, value));
    return line.toString();
  }

  private static void append(StringBuilder line, String key, String value) {
    line.append(' ').append(key).append('=');
    if (value.chars().allMatch(LogTarget::isPlain) && !value.isEmpty()) {
      line.append(value);
    } else {
      appendQuoted(line, value);
    }
  }

  private static boolean isPlain(int c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  }

  private static void appendQuoted(StringBuilder line, String value) {
    line.append('"');
    value
        .chars()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                line.append('\\').append((char) c);
              } else if (c == '\n') {
                line.append("\\n");
              } else if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                line.append("\\u%04x".formatted(c));
              } else {
                line.append((char) c);
              }
            });
    line.append('"');
  }
}
