package io.fuseline.stream.policy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Policies for the common cases, as files to be copied and changed. */
public final class Presets {
  private static final String FOLDER = "/io/fuseline/policies/presets/";

  private static final List<String> NAMES =
      List.of(
          "support-agent-daily",
          "data-analysis-agent-daily",
          "procurement-execution",
          "ticket-unit-cost",
          "dear-tool-approval",
          "premium-calls-approval",
          "high-value-action-approval",
          "over-cap-page",
          "tool-call-rate",
          "task-tokens",
          "tools-by-tier");

  private Presets() {}

  /**
   * One preset.
   *
   * @param text its YAML as shipped
   */
  public record Preset(String name, String text) {
    /** What it is for: the first comment of the file. */
    public String title() {
      return text.lines().findFirst().orElse("").replaceFirst("^#\\s*", "");
    }

    /** The policies in it. */
    public List<ParsedPolicy> policies() {
      return PolicyFile.parse(text, name + ".yaml");
    }
  }

  /** All of them, in the order of the guide. */
  public static List<Preset> all() {
    return NAMES.stream().map(name -> new Preset(name, text(name))).toList();
  }

  public static Optional<Preset> named(String name) {
    return all().stream().filter(preset -> preset.name().equals(name)).findFirst();
  }

  private static String text(String name) {
    try (InputStream in = Presets.class.getResourceAsStream(FOLDER + name + ".yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
