package io.fuseline.stream.policy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The policies that come with Fuseline. */
public final class DefaultPolicies {
  private static final String RESOURCE = "/io/fuseline/policies/default-policies.yaml";

  private DefaultPolicies() {}

  public static List<ParsedPolicy> load() {
    return PolicyFile.parse(text(), "default-policies.yaml");
  }

  /** The YAML as shipped, to be copied and changed. */
  public static String text() {
    try (InputStream in = DefaultPolicies.class.getResourceAsStream(RESOURCE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
