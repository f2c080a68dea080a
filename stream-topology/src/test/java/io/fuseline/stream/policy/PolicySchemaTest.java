package io.fuseline.stream.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The published schema and the parser are of one mind. */
class PolicySchemaTest {
  private static final String FOLDER = "/io/fuseline/policies/";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonSchema schema =
      JsonSchemaFactory.getInstance(VersionFlag.V202012)
          .getSchema(resource(FOLDER + "policy.schema.json"));

  @Test
  void shouldAcceptTheDefaultPolicies() {
    String text = resource(FOLDER + "default-policies.yaml");

    assertThat(PolicyFile.parse(text, "default-policies.yaml")).isNotEmpty();
    for (Object document : yaml().loadAll(text)) {
      assertThat(schema.validate(JSON.valueToTree(document))).isEmpty();
    }
  }

  @Test
  void shouldAcceptEveryPolicyInTheGuide() throws IOException {
    String guide = Files.readString(Path.of("../docs/policies.md"));
    Matcher blocks = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(guide);
    int examples = 0;
    while (blocks.find()) {
      assertThat(PolicyFile.parse(blocks.group(1), "docs/policies.md")).isNotEmpty();
      for (Object document : yaml().loadAll(blocks.group(1))) {
        assertThat(schema.validate(JSON.valueToTree(document))).as(blocks.group(1)).isEmpty();
        examples++;
      }
    }
    assertThat(examples).isGreaterThan(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{id: a, rule: {type: exact-cycle}, ladder: [{at: 2, action: alert}]}",
        "{id: a, rule: {type: exact-cycle, max_period: 1, ignore_tools: [a, b]}, ladder: [{at: '15', action: require_approval}]}",
        "{id: a, rule: {type: tool-call-explosion, window: 300s, floor_calls: 1}, ladder: [{at: 1.001x, action: kill}]}",
        "{id: a, mode: shadow, match: {agent: x}, rule: {type: budget, per: run, limit: 0.05}, ladder: [{at: 0.5%, action: kill}]}",
        "{id: a, match: {tenant: x, team: y}, rule: {type: budget, per: team, limit: '1000000'}, ladder: [{at: 80%, action: alert}, {at: 100%, within: 1d, action: pause, severity: page}]}",
        "{id: a, match: {cost_centre: y}, rule: {type: budget, per: cost-centre, window: life, limit: '0.000000000001'}, ladder: [{at: 100%, action: throttle, caps: {max_steps_remaining: 0, tool_allowlist: []}}]}",
        "{id: a, rule: {type: budget, per: run, window: life, limit: 7, currency: USD}, ladder: [{at: 100%, action: require-approval}]}",
        "{id: a, rule: {type: run-bound, of: fan-out}, ladder: [{at: 50, action: pause}]}",
        "{id: a, match: {tool: web_*, tags: {budget_tier: basic}}, when: 'role.startsWith(\"r\")', rule: {type: exact-cycle}, ladder: [{at: 2, action: alert}]}",
        "{id: a, match: {agent: x}, rule: {type: budget, per: subtree, limit: 10}, ladder: [{at: 100%, action: kill}]}",
        "{id: a, rule: {type: budget, per: agent, of: tokens, window: 24h, limit: 5000000}, ladder: [{rising: 80%, falling: 50%, cooldown: 5m, renotify: 1h, action: alert}]}",
        "{id: a, rule: {type: budget, per: team, window: quarter, zone: Europe/Berlin, limit: 5}, ladder: [{at: 80%, action: alert}]}",
        "{id: a, rule: {type: budget, per: run, of: calls-of-one-tool, min_unit_price: '0.10', limit: 50}, ladder: [{at: 100%, action: require-approval}]}",
        "{id: a, rule: {type: budget, per: run, of: tool_calls, other_than: ['read_*'], limit: '1'}, ladder: [{at: 100%, action: pause}]}",
        "{id: a, match: {tool: browser}, rule: {type: budget, per: tool, limit: 5}, ladder: [{at: 100%, action: alert}]}",
        "{id: a, match: {workflow: support}, rule: {type: budget, per: workflow, of: cost-per-outcome, outcome: ticket_resolved, window: 7d, limit: '2', min_spend: '50', min_attempts: 20}, ladder: [{at: 100%, action: throttle, caps: {cooldown_ms: 5}}]}",
        "{id: a, rule: {type: budget, per: outcome, of: cost_per_outcome, window: life, limit: 2}, ladder: [{at: 100%, action: alert}]}",
        "{id: a, rule: {type: budget, per: outcome, limit: 2}, ladder: [{at: 100%, action: alert}]}",
        "{id: a, rule: {type: budget, per: run, limit: 2}, ladder: [{at: 100%, action: require-approval, approval_timeout: 30m, denied: kill, approvers: 2}, {at: 150%, action: kill, approvers: 2}]}",
        "{id: a, match: {model: '*opus*'}, rule: {type: budget, per: model, limit: 5}, ladder: [{at: 100%, action: alert}]}",
        "{id: a, match: {tags: {tier: x}}, rule: {type: budget, per: agent, limit: 5}, ladder: [{at: 100%, action: alert}]}",
        "{id: a, rule: {type: loop, ignore_tools: [wait]}, ladder: [{at: 20, action: alert}, {at: '60', action: pause}]}",
        "{id: a, rule: {type: repeated-call, within_calls: 32}, ladder: [{at: 10, action: alert}]}",
        "{id: a, rule: {type: near-cycle, within_calls: 64, ignore_tools: []}, ladder: [{at: 10, action: alert}]}",
        "{id: a, rule: {type: growing-input}, ladder: [{at: 8, action: alert}]}",
        "{id: a, rule: {type: reasoning-share, floor_tokens: 1}, ladder: [{at: 0.5%, action: alert}, {at: 100%, action: pause}]}",
        "{id: a, rule: {type: abandoned-run}, ladder: [{at: 1, action: alert}]}",
        "{id: a, rule: {type: spend-burst}, ladder: [{at: 2x, action: alert}]}",
        "{id: a, rule: {type: spend-burst, window: 10m, floor: '0.05', confidence: 99.9%}, ladder: [{at: 1.5x, action: alert}, {at: 10x, action: alert, severity: page}]}",
        "{id: a, rule: {type: spend-drift, floor: 2}, ladder: [{at: 8, action: alert}]}",
        "{id: a, match: {agent: x}, rule: {type: cost-shift, least_calls: 10}, ladder: [{at: 1.5x, action: alert}]}"
      })
  void shouldAcceptWhatTheParserAccepts(String text) {
    assertThat(PolicyFile.parse(text, "test.yaml")).hasSize(1);
    assertThat(schema.validate(json(text))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}",
        "{id: A B, rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}",
        "{id: a, owner: me, rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}",
        "{id: a, mode: Enforce, rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}",
        "{id: a, match: {planet: mars}, rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}",
        "{id: a, ladder: [{at: 3, action: kill}]}",
        "{id: a, rule: {type: magic}, ladder: [{at: 3, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, of: cost-per-outcome, limit: 2}, ladder: [{at: 100%, action: alert}]}",
        "{id: a, rule: {type: budget, per: tool, of: cost-per-outcome, limit: 2}, ladder: [{at: 100%, action: alert}]}",
        "{id: a, rule: {type: budget, per: agent, outcome: x, limit: 2}, ladder: [{at: 100%, action: alert}]}",
        "{id: a, rule: {type: budget, per: agent, of: cost-per-outcome, outcome: '*', limit: 2}, ladder: [{at: 100%, action: alert}]}",
        "{id: a, rule: {type: budget, per: agent, of: cost-per-outcome, min_attempts: 0, limit: 2}, ladder: [{at: 100%, action: alert}]}",
        "{id: a, rule: {type: budget, per: outcome, limit: 2}, ladder: [{at: 100%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, limit: 2}, ladder: [{at: 100%, action: pause, approval_timeout: 30m}]}",
        "{id: a, rule: {type: budget, per: run, limit: 2}, ladder: [{at: 100%, action: pause, denied: kill}]}",
        "{id: a, rule: {type: budget, per: run, limit: 2}, ladder: [{at: 100%, action: require-approval, denied: throttle}]}",
        "{id: a, rule: {type: budget, per: run, limit: 2}, ladder: [{at: 100%, action: require-approval, approval_timeout: 0s}]}",
        "{id: a, rule: {type: budget, per: run, limit: 2}, ladder: [{at: 100%, action: pause, approvers: 0}]}",
        "{id: a, rule: {type: budget, per: run, limit: 2}, ladder: [{at: 100%, action: alert, approvers: 2}]}",
        "{id: a, match: {team: x}, rule: {type: budget, per: outcome, limit: 2}, ladder: [{at: 100%, action: alert}]}",
        "{id: a, rule: {type: exact-cycle, max_period: 9}, ladder: [{at: 3, action: kill}]}",
        "{id: a, rule: {type: exact-cycle, window: 5m}, ladder: [{at: 3, action: kill}]}",
        "{id: a, rule: {type: exact-cycle}, ladder: []}",
        "{id: a, rule: {type: exact-cycle}, ladder: [kill]}",
        "{id: a, rule: {type: exact-cycle}, ladder: [{at: 1, action: kill}]}",
        "{id: a, rule: {type: exact-cycle}, ladder: [{at: 3x, action: kill}]}",
        "{id: a, rule: {type: exact-cycle}, ladder: [{at: 3}]}",
        "{id: a, rule: {type: exact-cycle}, ladder: [{at: 3, action: restore}]}",
        "{id: a, rule: {type: exact-cycle}, ladder: [{at: 3, within: 1h, action: kill}]}",
        "{id: a, rule: {type: exact-cycle}, ladder: [{at: 3, action: alert}, {at: 4, within: 0h, action: kill}]}",
        "{id: a, rule: {type: exact-cycle}, ladder: [{at: 3, action: throttle}]}",
        "{id: a, rule: {type: exact-cycle}, ladder: [{at: 3, action: throttle, caps: {}}]}",
        "{id: a, rule: {type: exact-cycle}, ladder: [{at: 3, action: throttle, caps: {max_tokens: 0}}]}",
        "{id: a, rule: {type: exact-cycle}, ladder: [{at: 3, action: kill, caps: {max_tokens: 1}}]}",
        "{id: a, rule: {type: tool-call-explosion, window: 11m}, ladder: [{at: 3x, action: kill}]}",
        "{id: a, rule: {type: tool-call-explosion, window: 90s}, ladder: [{at: 3x, action: kill}]}",
        "{id: a, rule: {type: tool-call-explosion}, ladder: [{at: 1.000x, action: kill}]}",
        "{id: a, rule: {type: tool-call-explosion}, ladder: [{at: 0.5x, action: kill}]}",
        "{id: a, rule: {type: budget, limit: 5}, ladder: [{at: 80%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run}, ladder: [{at: 80%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, limit: 0}, ladder: [{at: 80%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, limit: 1000001}, ladder: [{at: 80%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, limit: '5 USD'}, ladder: [{at: 80%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, limit: '0.0000000000001'}, ladder: [{at: 80%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, window: day, limit: 5}, ladder: [{at: 80%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, limit: 5, currency: EUR}, ladder: [{at: 80%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, limit: 5}, ladder: [{at: 0%, action: kill}]}",
        "{id: a, match: {agent: x}, rule: {type: budget, per: team, limit: 5}, ladder: [{at: 80%, action: kill}]}",
        "{id: a, match: {team: x}, rule: {type: budget, per: project, limit: 5}, ladder: [{at: 80%, action: kill}]}",
        "{id: a, rule: {type: run-bound}, ladder: [{at: 50, action: pause}]}",
        "{id: a, rule: {type: run-bound, of: money}, ladder: [{at: 50, action: pause}]}",
        "{id: a, rule: {type: run-bound, of: runs}, ladder: [{at: 50%, action: pause}]}",
        "{id: a, match: {role: x}, rule: {type: budget, per: subtree, limit: 10}, ladder: [{at: 100%, action: kill}]}",
        "{id: a, rule: {type: budget, per: subtree, of: tokens, limit: 10}, ladder: [{at: 100%, action: kill}]}",
        "{id: a, rule: {type: budget, per: agent, of: action-value, limit: 10}, ladder: [{at: 100%, action: kill}]}",
        "{id: a, rule: {type: budget, per: agent, window: year, limit: 10}, ladder: [{at: 100%, action: kill}]}",
        "{id: a, rule: {type: budget, per: agent, window: 101d, limit: 10}, ladder: [{at: 100%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, of: tokens, limit: 1.5}, ladder: [{at: 100%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, zone: UTC, limit: 1}, ladder: [{at: 100%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, min_unit_price: 1, limit: 1}, ladder: [{at: 100%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, limit: 1}, ladder: [{at: 100%, rising: 100%, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, limit: 1}, ladder: [{at: 100%, cooldown: 0s, action: kill}]}",
        "{id: a, rule: {type: budget, per: run, limit: 1}, ladder: [{at: 100%, falling: low, action: kill}]}",
        "{id: a, match: {tool: x}, rule: {type: budget, per: agent, limit: 5}, ladder: [{at: 80%, action: kill}]}",
        "{id: a, match: {model: x}, rule: {type: budget, per: run, limit: 5}, ladder: [{at: 80%, action: kill}]}",
        "{id: a, match: {model: x}, rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}",
        "{id: a, match: {tags: {x: y}}, rule: {type: budget, per: team, limit: 5}, ladder: [{at: 80%, action: kill}]}",
        "{id: a, match: {tags: {}}, rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}",
        "{id: a, when: ' ', rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}",
        "{id: a, match: {tool: x}, rule: {type: growing-input}, ladder: [{at: 8, action: alert}]}",
        "{id: a, match: {tool: x}, rule: {type: spend-burst}, ladder: [{at: 2x, action: alert}]}",
        "{id: a, match: {model: x}, rule: {type: loop}, ladder: [{at: 8, action: alert}]}",
        "{id: a, rule: {type: loop, max_period: 8}, ladder: [{at: 50, action: pause}]}",
        "{id: a, rule: {type: loop}, ladder: [{at: 1, action: pause}]}",
        "{id: a, rule: {type: alternation, within_calls: 65}, ladder: [{at: 50, action: pause}]}",
        "{id: a, rule: {type: no-progress, within_calls: 1}, ladder: [{at: 50, action: pause}]}",
        "{id: a, rule: {type: growing-input, within_calls: 9}, ladder: [{at: 50, action: pause}]}",
        "{id: a, rule: {type: reasoning-share}, ladder: [{at: 100.1%, action: pause}]}",
        "{id: a, rule: {type: reasoning-share}, ladder: [{at: 0%, action: pause}]}",
        "{id: a, rule: {type: reasoning-share, floor_tokens: 0}, ladder: [{at: 90%, action: pause}]}",
        "{id: a, rule: {type: abandoned-run}, ladder: [{at: 0, action: pause}]}",
        "{id: a, rule: {type: spend-burst, window: 11m}, ladder: [{at: 2x, action: alert}]}",
        "{id: a, rule: {type: spend-burst, floor: 0}, ladder: [{at: 2x, action: alert}]}",
        "{id: a, rule: {type: spend-burst, confidence: 98%}, ladder: [{at: 2x, action: alert}]}",
        "{id: a, rule: {type: spend-burst}, ladder: [{at: 2, action: alert}]}",
        "{id: a, rule: {type: spend-drift, floor: much}, ladder: [{at: 8, action: alert}]}",
        "{id: a, rule: {type: spend-drift}, ladder: [{at: 8x, action: alert}]}",
        "{id: a, rule: {type: cost-shift, least_calls: 9}, ladder: [{at: 2x, action: alert}]}",
        "{id: a, rule: {type: cost-shift}, ladder: [{at: 1x, action: alert}]}"
      })
  void shouldRefuseWhatTheParserRefuses(String text) {
    assertThat(parserAccepts(text)).isFalse();
    assertThat(schema.validate(json(text))).isNotEmpty();
  }

  private static boolean parserAccepts(String text) {
    try {
      return !PolicyFile.parse(text, "test.yaml").isEmpty();
    } catch (PolicyFileException e) {
      return false;
    }
  }

  private static JsonNode json(String text) {
    return JSON.valueToTree(yaml().load(text));
  }

  private static Yaml yaml() {
    return new Yaml(new SafeConstructor(new LoaderOptions()));
  }

  private static String resource(String path) {
    try (InputStream in = PolicySchemaTest.class.getResourceAsStream(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(path, e);
    }
  }
}
