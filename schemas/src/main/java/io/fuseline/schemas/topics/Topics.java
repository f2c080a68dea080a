package io.fuseline.schemas.topics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;

/**
 * Every topic of a deployment, by the part it plays. Immutable.
 *
 * <p>The defaults stand in {@code topics.json} beside this class; a deployment changes what it
 * wants to with a file of the same form that names only the differences, see {@link #load}.
 */
public final class Topics {
  private static final String AGENT_SPANS = "agent-spans";
  private static final String PRICES = "prices";
  private static final String POLICIES = "policies";
  private static final String OUTCOMES = "outcomes";
  private static final String DECISIONS = "decisions";
  private static final String COMMAND_ACKS = "command-acks";
  private static final String AGENT_COMMANDS = "agent-commands";
  private static final String COST_ALERTS = "cost-alerts";
  private static final String PRICED_SPANS = "priced-spans";
  private static final String COST_ROLLUPS = "cost-rollups";
  private static final String OTLP_SPANS = "otlp-spans";
  private static final String COST_CORRECTIONS = "cost-corrections";
  private static final String AGENT_BASELINES = "agent-baselines";
  private static final String SINK_DELIVERIES = "sink-deliveries";
  private static final String DEAD_LETTERS = "dead-letters";

  private static final String DEFAULTS_RESOURCE = "topics.json";
  private static final String RECORDS_PACKAGE = "io.fuseline.schemas.";

  /** What a deployment may change; what a topic means, it may not. */
  private static final Set<String> CHANGEABLE =
      Set.of("name", "partitions", "cleanup", "retention");

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Map<String, TopicSpec> byRole;

  private Topics(Map<String, TopicSpec> byRole) {
    this.byRole = byRole;
  }

  /** The topics as shipped. */
  public static Topics defaults() {
    return fromJson(shipped(), DEFAULTS_RESOURCE);
  }

  /**
   * The topics as shipped, with the differences a file states: a JSON object of topic to {@code
   * name}, {@code partitions}, {@code cleanup} ({@code delete}, {@code compact} or {@code
   * compact,delete}) and {@code retention} (ISO 8601, such as {@code P7D} or {@code PT12H}), each
   * optional.
   *
   * @throws IllegalArgumentException when the file is malformed; the message names the file, the
   *     place and what was expected
   * @throws UncheckedIOException when it cannot be read
   */
  public static Topics load(Path file) {
    JsonNode changes;
    try {
      changes = JSON.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s, line %d: %s"
              .formatted(
                  file,
                  e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
                  e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read topics from " + file, e);
    }
    ObjectNode merged = shipped();
    if (!changes.isObject()) {
      throw fault(file.toString(), "", "expected an object of topic to settings");
    }
    for (var topic : changes.properties()) {
      if (!(merged.get(topic.getKey()) instanceof ObjectNode settings)) {
        throw fault(
            file.toString(),
            topic.getKey(),
            "no such topic; expected one of "
                + merged.propertyStream().map(Map.Entry::getKey).collect(Collectors.joining(", ")));
      }
      if (!topic.getValue().isObject()) {
        throw fault(file.toString(), topic.getKey(), "expected an object of settings");
      }
      for (var setting : topic.getValue().properties()) {
        if (!CHANGEABLE.contains(setting.getKey())) {
          throw fault(
              file.toString(),
              topic.getKey() + "." + setting.getKey(),
              "cannot be set; expected name, partitions, cleanup or retention");
        }
        settings.set(setting.getKey(), setting.getValue());
      }
      if (settings.path("cleanup").asText().equals(CleanupPolicy.COMPACT.config())
          && !topic.getValue().has("retention")) {
        settings.remove("retention");
      }
    }
    return fromJson(merged, file.toString());
  }

  /**
   * The same topics with a prefix before each name, for several deployments on one cluster.
   *
   * @param prefix such as {@code acme.}; empty for none
   * @throws IllegalArgumentException when a name would not be one Kafka takes
   */
  public Topics withPrefix(String prefix) {
    Map<String, TopicSpec> prefixed = new LinkedHashMap<>();
    byRole.forEach((role, spec) -> prefixed.put(role, spec.named(prefix + spec.name())));
    return new Topics(prefixed);
  }

  /** All topics, inputs first. */
  public Collection<TopicSpec> all() {
    return Collections.unmodifiableCollection(byRole.values());
  }

  /** What agents did; in. */
  public TopicSpec agentSpans() {
    return byRole.get(AGENT_SPANS);
  }

  /** What a unit of a model or tool costs; in. */
  public TopicSpec prices() {
    return byRole.get(PRICES);
  }

  /** Which limits hold; in. */
  public TopicSpec policies() {
    return byRole.get(POLICIES);
  }

  /** What runs achieved; in. */
  public TopicSpec outcomes() {
    return byRole.get(OUTCOMES);
  }

  /** What people decided; in. */
  public TopicSpec decisions() {
    return byRole.get(DECISIONS);
  }

  /** What agent runtimes did about commands; in. */
  public TopicSpec commandAcks() {
    return byRole.get(COMMAND_ACKS);
  }

  /** What agent runtimes must do; out. */
  public TopicSpec agentCommands() {
    return byRole.get(AGENT_COMMANDS);
  }

  /** What people should know; out. */
  public TopicSpec costAlerts() {
    return byRole.get(COST_ALERTS);
  }

  /** What each span cost; out. */
  public TopicSpec pricedSpans() {
    return byRole.get(PRICED_SPANS);
  }

  /** What each agent, tool, team and so on cost per window; out. */
  public TopicSpec costRollups() {
    return byRole.get(COST_ROLLUPS);
  }

  /** OpenTelemetry batches as the Collector's Kafka exporter writes them (in, optional). */
  public TopicSpec otlpSpans() {
    return byRole.get(OTLP_SPANS);
  }

  /** Signed adjustments of booked costs after late and corrected prices (out). */
  public TopicSpec costCorrections() {
    return byRole.get(COST_CORRECTIONS);
  }

  /** How often agents usually call their tools; written and read by the pipeline itself. */
  public TopicSpec agentBaselines() {
    return byRole.get(AGENT_BASELINES);
  }

  /** What became of each alert and command at each destination of the sink, as JSON; out. */
  public TopicSpec sinkDeliveries() {
    return byRole.get(SINK_DELIVERIES);
  }

  /** Records that could not be processed, bytes as they came; out. */
  public TopicSpec deadLetters() {
    return byRole.get(DEAD_LETTERS);
  }

  private static ObjectNode shipped() {
    try (InputStream in = Topics.class.getResourceAsStream(DEFAULTS_RESOURCE)) {
      return (ObjectNode) JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot read " + DEFAULTS_RESOURCE + " from the class path", e);
    }
  }

  private static Topics fromJson(ObjectNode topics, String source) {
    Map<String, TopicSpec> byRole = new LinkedHashMap<>();
    for (var topic : topics.properties()) {
      byRole.put(topic.getKey(), spec(topic.getKey(), topic.getValue(), source));
    }
    Map<String, String> roleByName = new LinkedHashMap<>();
    byRole.forEach(
        (role, spec) -> {
          String other = roleByName.put(spec.name(), role);
          if (other != null) {
            throw fault(source, role + ".name", "is also the name of " + other);
          }
        });
    return new Topics(byRole);
  }

  private static TopicSpec spec(String role, JsonNode settings, String source) {
    try {
      return new TopicSpec(
          settings.has("name") ? text(settings, "name", role, source) : role,
          text(settings, "key", role, source),
          settings.has("record")
              ? Optional.of(recordClass(text(settings, "record", role, source)))
              : Optional.empty(),
          partitions(settings.path("partitions"), role, source),
          cleanup(text(settings, "cleanup", role, source), role, source),
          settings.hasNonNull("retention")
              ? Optional.of(retention(text(settings, "retention", role, source), role, source))
              : Optional.empty());
    } catch (IllegalArgumentException e) {
      throw e.getMessage().startsWith(source) ? e : fault(source, role, e.getMessage());
    }
  }

  private static String text(JsonNode settings, String name, String role, String source) {
    JsonNode value = settings.path(name);
    if (!value.isTextual()) {
      throw fault(source, role + "." + name, "expected text, found " + value.getNodeType());
    }
    return value.asText();
  }

  private static int partitions(JsonNode value, String role, String source) {
    if (!value.isInt()) {
      throw fault(source, role + ".partitions", "expected a whole number, found " + value);
    }
    return value.asInt();
  }

  private static CleanupPolicy cleanup(String value, String role, String source) {
    return Arrays.stream(CleanupPolicy.values())
        .filter(policy -> policy.config().equals(value))
        .findFirst()
        .orElseThrow(
            () ->
                fault(
                    source,
                    role + ".cleanup",
                    "expected delete, compact or compact,delete, found '" + value + "'"));
  }

  private static Duration retention(String value, String role, String source) {
    try {
      return Duration.parse(value);
    } catch (DateTimeParseException e) {
      throw fault(
          source,
          role + ".retention",
          "expected an ISO 8601 duration such as P7D or PT12H, found '" + value + "'");
    }
  }

  private static Class<? extends SpecificRecord> recordClass(String name) {
    try {
      return Class.forName(RECORDS_PACKAGE + name).asSubclass(SpecificRecord.class);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(DEFAULTS_RESOURCE + " names an unknown record " + name, e);
    }
  }

  private static IllegalArgumentException fault(String source, String place, String what) {
    return new IllegalArgumentException(
        source + (place.isEmpty() ? "" : ", " + place) + ": " + what);
  }
}
