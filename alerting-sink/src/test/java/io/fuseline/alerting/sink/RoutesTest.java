package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.fuseline.alerting.Records;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.TargetType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

class RoutesTest {
  private static final Path EXAMPLE = Path.of("../docs/sink-routes.yaml");
  private static final String ROUTES_LINE = "\nroutes: [{to: hook}]\n";

  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "FUSELINE_WEBHOOK_SECRET", Receiver.SECRET,
          "SLACK_SUPPORT_URL", "https://hooks.slack.com/services/T0/B0/s3cret",
          "SLACK_TOKEN", "xoxb-s3cret",
          "SMTP_PASSWORD", "s3cret-password",
          "LITELLM_MASTER_KEY", "sk-s3cret",
          "A2A_TOKEN", "s3cret-token",
          "RUNTIME_AUTHORIZATION", "Bearer s3cret",
          "EMPTY", "");

  @TempDir private Path folder;

  @BeforeEach
  void keepASecret() throws IOException {
    Files.createDirectory(folder.resolve("secrets"));
    Files.writeString(folder.resolve("secrets/pagerduty"), "e93facc04764012d7bfb002500d5d1a6\n");
  }

  @Test
  void shouldReadTheExampleAndShowNoSecret() throws IOException {
    var routes = read(Files.readString(EXAMPLE));

    assertThat(routes.destinations())
        .extracting(one -> one.settings().type())
        .containsExactly(
            "webhook", "pagerduty", "slack", "slack", "email", "litellm", "a2a", "http");
    assertThat(routes.describe())
        .contains(
            "destination  oncall (pagerduty https://events.pagerduty.com)",
            "destination  support-channel (slack https://hooks.slack.com)",
            "route        page or louder -> oncall",
            "route        team support -> support-channel, below critical every 15m");
    var shown = routes.describe() + routes.destinations().toString();
    for (var destination : routes.destinations()) {
      shown += destination.settings().toString();
    }
    assertThat(shown)
        .doesNotContain("xoxb", "sk-s3cret", "s3cret-password", "s3cret-token", Receiver.SECRET)
        .doesNotContain("e93facc04764012d7bfb002500d5d1a6");
    assertThat(routes.destinations()).extracting(Destination::startAt).containsOnly("latest");
  }

  @ParameterizedTest
  @CsvSource({
    "PAGE, researcher, ops-webhook oncall platform-channel finance",
    "CRITICAL, researcher, ops-webhook platform-channel",
    "WARNING, researcher, ops-webhook",
    "CRITICAL, support-7, ops-webhook support-channel platform-channel",
    "WARNING, ticket-bot, ops-webhook"
  })
  void shouldRouteBySeverityAndTeam(Severity severity, String agent, String expected)
      throws IOException {
    var alert = Events.alert(severity, agent);

    assertThat(String.join(" ", direct(read(Files.readString(EXAMPLE)), alert)))
        .isEqualTo(expected);
  }

  @Test
  void shouldSendKillsToWhoeverStopsAgents() throws IOException {
    var routes = read(Files.readString(EXAMPLE));

    assertThat(direct(routes, Events.kill(TargetType.AGENT, "researcher", "researcher", "run-1")))
        .containsExactly("ops-webhook", "proxy", "agents", "runtime");
    assertThat(direct(routes, Events.kill(TargetType.RUN, "run-1", "researcher", "run-1")))
        .as("a run does not stop the whole agent at the proxy")
        .containsExactly("ops-webhook", "agents", "runtime");
    assertThat(direct(routes, Events.command(Action.PAUSE, TargetType.RUN, "run-1", "a", "run-1")))
        .containsExactly("ops-webhook", "runtime");
    assertThat(direct(routes, Events.command(Action.RESTORE, TargetType.AGENT, "a", "a")))
        .containsExactly("ops-webhook", "proxy");
  }

  @Test
  void shouldLeadRevocationsOnlyWhereARouteAsksForThem() throws IOException {
    var routes =
        read(
            """
            destinations:
              keys: {type: litellm, url: "https://litellm.example.com", key: {env: LITELLM_MASTER_KEY}, do: [block_keys]}
              kills: {type: litellm, url: "https://litellm.example.com", key: {env: LITELLM_MASTER_KEY}, do: [kill_switch]}
              people: {type: slack, webhook_url: {env: SLACK_SUPPORT_URL}}
            routes:
              - {to: keys, match: {event: revocation}}
              - {to: kills}
              - {to: people, match: {team: support}}
            """);

    assertThat(direct(routes, Events.revocation())).containsExactly("keys", "people");
    assertThat(direct(routes, Events.kill(TargetType.AGENT, "researcher", "researcher")))
        .containsExactly("kills");
    assertThat(direct(routes, Events.alert(Severity.CRITICAL, "researcher"))).isEmpty();
    assertThat(routes.destinations())
        .filteredOn(routes::revokeAt)
        .extracting(Destination::name)
        .containsExactly("keys");
  }

  @Test
  void shouldCloseAnIncidentWhereItWasOpened() throws IOException {
    var routes = read(Files.readString(EXAMPLE));

    assertThat(direct(routes, Events.closed(Severity.PAGE))).contains("oncall");
    assertThat(direct(routes, Events.closed(Severity.WARNING))).doesNotContain("oncall");
    assertThat(direct(routes, Events.closed(null)))
        .as("better one message too many than an incident that stays open")
        .contains("oncall");
  }

  @Test
  void shouldDigestOnlyWhatIsNotToldAtOnce() throws IOException {
    var routes =
        read(
            webhook()
                + """
                routes:
                  - to: hook
                    digest: {below: critical, every: 5m, max: 3}
                  - to: hook
                    match: {agent: vip}
                """);
    var hook = routes.destinations().get(0);
    var route = routes.digestsTo(hook).get(0);

    assertThat(route.digest().max()).isEqualTo(3);
    var warning = Events.alert(Severity.WARNING, "researcher");
    assertThat(routes.isDirect(hook, warning)).isFalse();
    assertThat(routes.isDigested(route, hook, warning)).isTrue();
    var critical = Events.alert(Severity.CRITICAL, "researcher");
    assertThat(routes.isDirect(hook, critical)).isTrue();
    assertThat(routes.isDigested(route, hook, critical)).isFalse();
    var important = Events.alert(Severity.WARNING, "vip");
    assertThat(routes.isDirect(hook, important)).isTrue();
    assertThat(routes.isDigested(route, hook, important)).isFalse();
  }

  @Test
  void shouldTellEveryoneButItselfThatADestinationIsDisabled() throws IOException {
    var routes = read(Files.readString(EXAMPLE));
    var told = new ArrayList<Alert>();
    new OwnAlerts(told::add, Events.NOON)
        .tell(routes.destination("ops-webhook").orElseThrow(), true, "HTTP 500");
    var event = Event.of(told.get(0));

    assertThat(direct(routes, event))
        .as("whatever scope they select, by their severity")
        .containsExactly("support-channel", "platform-channel");
  }

  @Test
  void shouldMatchEveryScope() {
    var alert =
        Event.of(
            Alert.newBuilder(Records.alert("a1", EpisodeState.OPEN))
                .setTargetType(TargetType.COST_CENTRE)
                .setTarget("4711")
                .setRootRunId("run-9")
                .setAgentId("bot")
                .build());

    assertThat(alert.scope())
        .containsEntry("cost_centre", "4711")
        .containsEntry("run", "run-9")
        .containsEntry("agent", "bot")
        .containsEntry("tenant", "acme")
        .containsEntry("policy", "loops");
    assertThat(match("cost_centre", "47*").takes(alert)).isTrue();
    assertThat(match("cost_centre", "48*").takes(alert)).isFalse();
    assertThat(match("team", "*").takes(alert)).as("it has no team").isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "destinations: {hook: {type: fax}} | 1: destinations.hook.type: 'fax' is not known. Use one of a2a,",
        "destinations: {hook: {url: https://x}} | 1: destinations.hook.type: is missing",
        "destinations: {Hook: {type: webhook}} | 1: destinations.Hook: is no name",
        "destinations: {log: {type: webhook}} | 1: destinations.log: is the name of the log",
        "destinations: {hook: {type: webhook, url: https://x, secret: abc}} | destinations.hook.secret: is a secret, which does not belong into this file",
        "destinations: {hook: {type: webhook, url: https://x, secret: {env: NOPE}}} | destinations.hook.secret.env: the environment variable NOPE is not set",
        "destinations: {hook: {type: webhook, url: https://x, secret: {env: EMPTY}}} | destinations.hook.secret: is empty",
        "destinations: {hook: {type: webhook, url: https://x, secret: {file: none}}} | destinations.hook.secret.file:",
        "destinations: {hook: {type: webhook, url: https://x, secret: {env: A2A_TOKEN}}} | destinations.hook.secret: secret is too short",
        "destinations: {hook: {type: webhook, url: 'ftp://x', secret: {env: FUSELINE_WEBHOOK_SECRET}}} | destinations.hook.url: address has the scheme 'ftp'",
        "destinations: {hook: {type: webhook, uri: https://x}} | destinations.hook.uri: is not known here. Known:",
        "destinations: {hook: {type: pagerduty, routing_key: {env: SLACK_TOKEN}}} | destinations.hook.routing_key: routing_key has 11 characters, expected the 32",
        "destinations: {hook: {type: slack, token: {env: SLACK_TOKEN}}} | destinations.hook.channel: is missing",
        "destinations: {hook: {type: slack}} | destinations.hook.webhook_url: is missing. Give it, or a token",
        "destinations: {hook: {type: email, host: h, from: x, to: [a@b.c]}} | destinations.hook.from: 'x' is no mail address",
        "destinations: {hook: {type: email, host: h, from: a@b.c, to: ['a@b.c', 'x y@b']}} | destinations.hook.to: 'x y@b' is no mail address",
        "destinations: {hook: {type: email, host: h, from: a@b.c, to: a@b.c, user: u, password: {env: A2A_TOKEN}, security: none}} | destinations.hook.security: none would send the password in the clear",
        "destinations: {hook: {type: a2a}} | destinations.hook.agents: is missing",
        "destinations: {hook: {type: a2a, url: 'https://{{agent}}.example.com/'}} | destinations.hook.url: has a name in braces before its path",
        "destinations: {hook: {type: http, url: 'https://x/{{host}}'}} | destinations.hook.url: 'host' is no name of a value",
        "destinations: {hook: {type: http, url: 'https://x/', method: BREW}} | destinations.hook.method: 'BREW' is not known",
        "destinations: {hook: {type: http, url: 'https://x/', actions: [stop]}} | destinations.hook.actions: 'stop' is not known",
        "destinations: {hook: {type: http, url: 'https://x/', headers: {'a b': c}}} | destinations.hook.headers.a b: is no name of a header",
        "destinations: {hook: {type: http, url: 'https://x/', allow_addresses: [ten]}} | destinations.hook.allow_addresses: 'ten' is no range",
        "destinations: {hook: {type: http, url: 'https://x/', retry: {first: 9s, max: 2s}}} | destinations.hook.retry.max: is shorter than first",
        "destinations: {hook: {type: http, url: 'https://x/', timeout: soon}} | destinations.hook.timeout: 'soon' must be a duration",
      })
  void shouldSayWhatIsWrongWithADestination(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml + ROUTES_LINE))
        .isInstanceOf(RoutesFileException.class)
        .hasMessageContaining("routes.yaml:1")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "routes: [{to: nobody}] | routes.yaml:3: routes[0].to: 'nobody' is no destination. Use one of hook",
        "routes: [{to: nobody}] | routes.yaml:2: destinations.hook: no route leads to it",
        "routes: [{match: {}}] | routes.yaml:3: routes[0].to: must name at least one",
        "routes: [{to: hook, match: {severity: loud}}] | routes.yaml:3: routes[0].match.severity: 'loud' is not known. Use one of critical, info, page, warning",
        "routes: [{to: hook, match: {squad: a}}] | routes.yaml:3: routes[0].match.squad: is not known here",
        "routes: [{to: hook, digest: {below: critical}}] | routes.yaml:3: routes[0].digest.every: is missing",
        "routes: [{to: hook, digest: {every: 2d}}] | routes.yaml:3: routes[0].digest.every: '2d' must be a duration",
        "routes: hook | routes.yaml:3: routes: must be a list",
        "routes: [{to: hook}, {to: hook, to: hook}] | routes.yaml:3: routes[1].to: stands twice",
        "routs: [] | routes.yaml:3: routs: is not known here",
        "routes: [ | is not valid YAML",
      })
  void shouldSayWhatIsWrongWithARoute(String yaml, String message) {
    assertThatThrownBy(() -> read(webhook() + yaml))
        .isInstanceOf(RoutesFileException.class)
        .hasMessageContaining(message);
  }

  @Test
  void shouldRefuseRoutesThatWouldDeliverNothing() {
    var pagerDuty =
        "destinations:\n  p: {type: pagerduty, routing_key: {file: secrets/pagerduty}}\n";

    assertThatThrownBy(() -> read(pagerDuty + "routes: [{to: p, digest: {every: 1h}}]"))
        .hasMessageContaining("routes[0].digest: 'p' takes events one by one");
    assertThatThrownBy(() -> read(pagerDuty + "routes: [{to: p, match: {event: command}}]"))
        .hasMessageContaining("routes[0].match: 'p' takes no commands");
  }

  @Test
  void shouldListEveryFaultAtOnce() {
    assertThatThrownBy(
            () -> read("destinations: {a: {type: fax}, b: {type: slack}}\nroutes: [{to: c}]"))
        .isInstanceOfSatisfying(RoutesFileException.class, e -> assertThat(e.faults()).hasSize(5));
  }

  @Test
  void shouldSayThatThereIsNoFile() {
    assertThatThrownBy(() -> Routes.read(folder.resolve("none.yaml"), ENVIRONMENT))
        .hasMessageEndingWith("none.yaml: does not exist.");
  }

  @Test
  void shouldPublishASchemaThatTakesTheExampleAndRefusesWhatIsRefused() throws IOException {
    var schema = schema();

    assertThat(schema.validate(json(Files.readString(EXAMPLE)))).isEmpty();
    for (var wrong :
        List.of(
            "destinations: {hook: {type: fax}}" + ROUTES_LINE,
            "destinations: {hook: {type: webhook, url: https://x, secret: abc}}" + ROUTES_LINE,
            "destinations: {hook: {type: webhook, uri: https://x}}" + ROUTES_LINE,
            "destinations: {hook: {type: slack, token: {env: X}}}" + ROUTES_LINE,
            "destinations: {log: {type: http, url: 'https://x/'}}\nroutes: []",
            webhook() + "routes: [{match: {}}]",
            webhook() + "routes: [{to: hook, match: {severity: loud}}]")) {
      assertThat(schema.validate(json(wrong))).as(wrong).isNotEmpty();
    }
  }

  private static JsonSchema schema() throws IOException {
    try (var in = Routes.class.getResourceAsStream("/io/fuseline/sink/routes.schema.json")) {
      return JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(in);
    }
  }

  private static JsonNode json(String yaml) {
    return new ObjectMapper().valueToTree(new Yaml().load(yaml));
  }

  private static Match match(String scope, String glob) {
    return new Match(null, null, Map.of(scope, new Glob(glob)));
  }

  private static List<String> direct(Routes routes, Event event) {
    return routes.destinations().stream()
        .filter(destination -> routes.isDirect(destination, event))
        .map(Destination::name)
        .toList();
  }

  private static String webhook() {
    return "destinations:\n"
        + "  hook: {type: webhook, url: https://x, secret: {env: FUSELINE_WEBHOOK_SECRET}}\n";
  }

  private Routes read(String yaml) throws IOException {
    return Routes.read(
        Files.writeString(folder.resolve("routes.yaml"), yaml), new HashMap<>(ENVIRONMENT));
  }
}
