package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.alerting.sink.A2aSettings.Version;
import io.fuseline.alerting.sink.LiteLlmSettings.Step;
import io.fuseline.alerting.sink.Receiver.Request;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.TargetType;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Against servers that answer as LiteLLM's proxy and A2A agents are documented to do, and any
 * other.
 */
class KillVerbsTest {
  private static final String MASTER_KEY = "sk-1234";
  private static final Event KILL_AGENT =
      Events.kill(TargetType.AGENT, "researcher", "researcher", "run-1", "run-2");

  @Test
  void shouldFireTheKillSwitchAndBlockEveryKeyOfTheAgent() throws Exception {
    try (var proxy = Receiver.of(KillVerbsTest::liteLlm)) {
      var answer = liteLlm(proxy, KILL_AGENT, Step.KILL_SWITCH, Step.BLOCK_KEYS);

      assertThat(answer.delivered()).isTrue();
      assertThat(answer.what()).isEqualTo("kill switch HTTP 200, 2 keys blocked");
      assertThat(calls(proxy))
          .containsExactly(
              "POST /v1/agents/123e4567/kill_switch ",
              "GET /v1/agents/123e4567 ",
              "POST /key/block {\"key\":\"hash-1\"}",
              "POST /key/block {\"key\":\"hash-2\"}");
      assertThat(proxy.requests())
          .allMatch(request -> request.header("Authorization").equals("Bearer " + MASTER_KEY));
    }
  }

  @Test
  void shouldUnblockWhenRestoredAndFireNothing() throws Exception {
    try (var proxy = Receiver.of(KillVerbsTest::liteLlm)) {
      var restore = Events.command(Action.RESTORE, TargetType.AGENT, "researcher", "researcher");

      assertThat(liteLlm(proxy, restore, Step.KILL_SWITCH, Step.BLOCK_KEYS).what())
          .isEqualTo("2 keys unblocked");
      assertThat(calls(proxy))
          .containsExactly(
              "GET /v1/agents/123e4567 ",
              "POST /key/unblock {\"key\":\"hash-1\"}",
              "POST /key/unblock {\"key\":\"hash-2\"}");
    }
  }

  @Test
  void shouldBlockTheKeysOfAnAgentWhoseRunDidNotStop() throws Exception {
    try (var proxy = Receiver.of(KillVerbsTest::liteLlm)) {
      var answer = liteLlm(proxy, Events.revocation(), Step.BLOCK_KEYS);

      assertThat(answer.what()).isEqualTo("2 keys blocked");
    }
  }

  @Test
  void shouldBlockATeam() throws Exception {
    try (var proxy = Receiver.of(KillVerbsTest::liteLlm)) {
      var answer = liteLlm(proxy, Events.kill(TargetType.TEAM, "support", null), Step.BLOCK_TEAM);

      assertThat(answer.delivered()).isTrue();
      assertThat(calls(proxy)).containsExactly("POST /team/block {\"team_id\":\"support\"}");
    }
  }

  @Test
  void shouldBlockTheKeysEvenWhenTheAgentsWebhookFails() throws Exception {
    try (var proxy =
        Receiver.of(
            request ->
                request.path().endsWith("/kill_switch")
                    ? Receiver.Answer.of(502, "{\"detail\":{\"status_code\":500}}")
                    : liteLlm(request))) {
      var answer = liteLlm(proxy, KILL_AGENT, Step.KILL_SWITCH, Step.BLOCK_KEYS);

      assertThat(answer.delivered()).isFalse();
      assertThat(answer.mayChange()).isTrue();
      assertThat(answer.what()).startsWith("kill switch HTTP 502");
      assertThat(calls(proxy)).anyMatch(call -> call.contains("/key/block"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, has no kill_switch configured, false",
    "403, Only proxy admins, false",
    "404, not found, false",
    "503, , true"
  })
  void shouldTryAgainOnlyWhenTheProxysErrorMayPass(int status, String said, boolean mayChange)
      throws Exception {
    try (var proxy =
        Receiver.counting(n -> Receiver.Answer.of(status, "{\"detail\":\"" + said + "\"}"))) {
      var answer = liteLlm(proxy, KILL_AGENT, Step.KILL_SWITCH);

      assertThat(answer.delivered()).isFalse();
      assertThat(answer.mayChange()).isEqualTo(mayChange);
      assertThat(answer.what()).doesNotContain(MASTER_KEY);
    }
  }

  @Test
  void shouldStopAWholeAgentForARunOnlyWhenThatIsAskedFor() {
    var run = Events.kill(TargetType.RUN, "run-1", "researcher", "run-1");

    assertThat(liteLlm(URI.create("http://x"), Set.of(TargetType.AGENT)).takes(run)).isFalse();
    assertThat(liteLlm(URI.create("http://x"), Set.of(TargetType.RUN)).takes(run)).isTrue();
    assertThat(
            liteLlm(URI.create("http://x"), Set.of(TargetType.AGENT))
                .takes(Events.command(Action.PAUSE, TargetType.AGENT, "a", "a")))
        .isFalse();
  }

  @Test
  void shouldCancelTheTaskOfEachRunInTheWayOfA2aOne() throws Exception {
    try (var agent = Receiver.of(KillVerbsTest::a2aOne)) {
      var answer = a2a(agent, Version.AUTO, KILL_AGENT);

      assertThat(answer.delivered()).isTrue();
      assertThat(answer.what()).isEqualTo("task is TASK_STATE_CANCELED");
      assertThat(agent.requests())
          .extracting(request -> request.json().path("params").path("id").asText())
          .containsExactly("run-1", "run-2");
      var request = agent.requests().get(0);
      assertThat(request.header("A2A-Version")).isEqualTo("1.0");
      assertThat(request.header("Authorization")).isEqualTo("Bearer agent-token");
      assertThat(request.json().path("id").asText())
          .as("the same when it is sent again")
          .isEqualTo("command:KILL-researcher-1:run-1");
      assertThat(request.json().path("params").path("metadata").path("fuseline.reason").asText())
          .startsWith("Run loops");
    }
  }

  @Test
  void shouldFallBackToTasksCancelWhenTheAgentIsOlder() throws Exception {
    try (var agent = Receiver.of(KillVerbsTest::a2aZeroThree)) {
      var answer =
          a2a(agent, Version.AUTO, Events.kill(TargetType.RUN, "run-1", "researcher", "run-1"));

      assertThat(answer.what()).isEqualTo("task is canceled");
      assertThat(agent.requests())
          .extracting(request -> request.json().path("method").asText())
          .containsExactly("CancelTask", "tasks/cancel");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-32001, true, false",
    "-32002, true, false",
    "-32603, false, true",
    "-32602, false, false",
    "-32004, false, false"
  })
  void shouldReadA2aErrors(int code, boolean delivered, boolean mayChange) throws Exception {
    try (var agent =
        Receiver.of(
            request ->
                Receiver.Answer.of(
                    200,
                    "{\"jsonrpc\":\"2.0\",\"id\":"
                        + request.json().path("id")
                        + ",\"error\":{\"code\":"
                        + code
                        + ",\"message\":\"no\"}}"))) {
      var answer = a2a(agent, Version.V0_3, KILL_AGENT);

      assertThat(answer.delivered()).isEqualTo(delivered);
      assertThat(answer.mayChange()).isEqualTo(mayChange);
      assertThat(answer.what()).contains("JSON-RPC error " + code);
    }
  }

  @Test
  void shouldSayThatAnAgentHasNoAddress() throws Exception {
    try (var agent = Receiver.of(KillVerbsTest::a2aOne)) {
      var answer = a2a(agent, Version.AUTO, Events.kill(TargetType.RUN, "run-1", "other", "run-1"));

      assertThat(answer.ofEvent()).isTrue();
      assertThat(answer.what()).isEqualTo("agent other has no address in the routes file");
      assertThat(agent.requests()).isEmpty();
    }
  }

  @Test
  void shouldFillTheTemplateSoThatNoValueLeavesItsPlace() throws Exception {
    try (var runtime = Receiver.answering(202)) {
      var hostile = "../../admin?x=1#\"},{\"all\":true";
      var event = Events.kill(TargetType.RUN, "run-1", hostile, "run-1");
      var answer =
          verb(
              runtime,
              "/agents/{{agent}}/runs/{{ run }}/stop?why={{reason}}",
              "{\"agent\": \"{{agent}}\", \"epoch\": {{epoch}}}",
              event);

      assertThat(answer.delivered()).isTrue();
      var request = runtime.requests().get(0);
      assertThat(request.method()).isEqualTo("DELETE");
      assertThat(request.path())
          .startsWith(
              "/agents/..%2F..%2Fadmin%3Fx%3D1%23%22%7D%2C%7B%22all%22%3Atrue/runs/run-1/stop?why=Run%20loops");
      assertThat(request.json().path("agent").asText()).isEqualTo(hostile);
      assertThat(request.json().size()).isEqualTo(2);
      assertThat(request.header("X-Api-Key")).isEqualTo("k3y");
      assertThat(request.header("Idempotency-Key")).isEqualTo("command:KILL-run-1-1:run-1");
      assertThat(request.isSignedWith(Receiver.SECRET)).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({".", ".."})
  void shouldNotClimbOutOfThePath(String agent) throws Exception {
    try (var runtime = Receiver.answering(200)) {
      var event = Events.kill(TargetType.AGENT, agent, agent);

      assertThatThrownBy(() -> verb(runtime, "/agents/{{agent}}/stop", null, event))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("'" + agent + "' cannot stand in an address");
      assertThat(runtime.requests()).isEmpty();
    }
  }

  @Test
  void shouldCallOnceForTheCommandWhenNoRunIsNamed() throws Exception {
    try (var runtime = Receiver.answering(200)) {
      verb(runtime, "/kill", null, KILL_AGENT);

      assertThat(runtime.requests()).hasSize(1);
      assertThat(runtime.requests().get(0).header("Idempotency-Key"))
          .isEqualTo("command:KILL-researcher-1");
    }
  }

  private static List<String> calls(Receiver receiver) {
    return receiver.requests().stream()
        .map(request -> request.method() + " " + request.path() + " " + request.text())
        .toList();
  }

  private static LiteLlmSettings liteLlm(URI url, Set<TargetType> targets, Step... steps) {
    return new LiteLlmSettings(
        url,
        new Secret(MASTER_KEY),
        List.of(steps),
        targets,
        Map.of("researcher", "123e4567"),
        Events.LOCAL);
  }

  private static Answer liteLlm(Receiver proxy, Event event, Step... steps)
      throws InterruptedException {
    var settings = liteLlm(proxy.url("/"), Set.of(TargetType.AGENT, TargetType.TEAM), steps);
    try (var target = new LiteLlm(settings, Events.caller())) {
      return target.attempt(event, 1);
    }
  }

  /** As the proxy's reference says; an unknown call is 404. */
  private static Receiver.Answer liteLlm(Request request) {
    return switch (request.method() + " " + request.path()) {
      case "POST /v1/agents/123e4567/kill_switch" ->
          Receiver.Answer.of(200, "{\"agent_id\":\"123e4567\",\"status_code\":200}");
      case "GET /v1/agents/123e4567" ->
          Receiver.Answer.of(
              200,
              "{\"agent_id\":\"123e4567\",\"keys\":[{\"token\":\"hash-1\",\"key_alias\":null},{\"token\":\"hash-2\"}]}");
      case "POST /key/block", "POST /key/unblock" ->
          request.json().path("key").isTextual()
              ? Receiver.Answer.of(200, "{\"blocked\":true}")
              : Receiver.Answer.of(422, "{\"detail\":[]}");
      case "POST /team/block", "POST /team/unblock" ->
          request.json().path("team_id").isTextual()
              ? Receiver.Answer.of(200, "{}")
              : Receiver.Answer.of(422, "{\"detail\":[]}");
      default -> Receiver.Answer.of(404, "{\"detail\":\"Not Found\"}");
    };
  }

  private static Answer a2a(Receiver agent, Version version, Event event)
      throws InterruptedException {
    var settings =
        new A2aSettings(
            Map.of("researcher", agent.url("/a2a")),
            null,
            version,
            new Secret("agent-token"),
            Events.LOCAL);
    try (var target = new A2a(settings, Events.caller())) {
      return target.attempt(event, 1);
    }
  }

  private static Receiver.Answer a2aOne(Request request) {
    return request.json().path("method").asText().equals("CancelTask")
            && "1.0".equals(request.header("A2A-Version"))
        ? result(request, "TASK_STATE_CANCELED")
        : methodNotFound(request);
  }

  private static Receiver.Answer a2aZeroThree(Request request) {
    return request.json().path("method").asText().equals("tasks/cancel")
        ? result(request, "canceled")
        : methodNotFound(request);
  }

  private static Receiver.Answer result(Request request, String state) {
    return Receiver.Answer.of(
        200,
        "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"id\":%s,\"status\":{\"state\":\"%s\"}}}"
            .formatted(request.json().path("id"), request.json().path("params").path("id"), state));
  }

  private static Receiver.Answer methodNotFound(Request request) {
    return Receiver.Answer.of(
        200,
        "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}"
            .formatted(request.json().path("id")));
  }

  private static Answer verb(Receiver runtime, String path, String body, Event event)
      throws InterruptedException {
    var base = "http://127.0.0.1:" + runtime.port();
    var settings =
        new VerbSettings(
            "DELETE",
            new Template(base + path),
            URI.create(base),
            Map.of("X-Api-Key", new Secret("k3y")),
            body == null ? null : new Template(body),
            "application/json",
            new Secret(Receiver.SECRET),
            Set.of(Action.KILL),
            Events.LOCAL);
    try (var target = new Verb(settings, Events.NOON, Events.caller())) {
      return target.attempt(event, 1);
    }
  }
}
