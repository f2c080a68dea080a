package io.fuseline.alerting.sink;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fuseline.alerting.sink.A2aSettings.Version;
import io.fuseline.alerting.sink.HttpCaller.NoReplyException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Set;

/**
 * Cancels the tasks of killed runs: the root run's id is the task's id. A task that is not known,
 * or over, needs no cancelling. Method names and error codes as in the A2A specification.
 */
final class A2a implements SinkTarget {
  private static final int TASK_NOT_FOUND = -32001;
  private static final int TASK_NOT_CANCELABLE = -32002;
  private static final int VERSION_NOT_SUPPORTED = -32009;
  private static final int METHOD_NOT_FOUND = -32601;
  private static final int INTERNAL_ERROR = -32603;
  private static final Set<Integer> OTHER_VERSION = Set.of(METHOD_NOT_FOUND, VERSION_NOT_SUPPORTED);

  private final A2aSettings settings;
  private final HttpCaller http;

  A2a(A2aSettings settings, HttpCaller http) {
    this.settings = settings;
    this.http = http;
  }

  @Override
  public Answer attempt(Event event, int attempt) throws InterruptedException {
    var agent = event.scope().get(Template.AGENT);
    var answer = Answer.delivered("no active task");
    for (var run : Template.runs(event.command())) {
      var url = url(event, agent, run);
      if (url == null) {
        return Answer.unfit(
            agent == null
                ? "the command names no agent"
                : "agent " + Text.oneLine(agent, 100) + " has no address in the routes file");
      }
      answer = cancel(event, url, run);
      if (!answer.delivered()) {
        return answer;
      }
    }
    return answer;
  }

  private URI url(Event event, String agent, String run) {
    if (agent != null && settings.agents().containsKey(agent)) {
      return settings.agents().get(agent);
    }
    if (settings.url() == null || (agent == null && settings.url().names(Template.AGENT))) {
      return null;
    }
    return URI.create(settings.url().filled(Template.values(event, run), Template::inUrl));
  }

  private Answer cancel(Event event, URI url, String task) throws InterruptedException {
    return switch (settings.version()) {
      case V1_0 -> cancel(event, url, task, Version.V1_0).answer();
      case V0_3 -> cancel(event, url, task, Version.V0_3).answer();
      case AUTO -> {
        var outcome = cancel(event, url, task, Version.V1_0);
        yield OTHER_VERSION.contains(outcome.error())
            ? cancel(event, url, task, Version.V0_3).answer()
            : outcome.answer();
      }
    };
  }

  /**
   * @param error code of the JSON-RPC error; 0 for none
   */
  private record Outcome(Answer answer, int error) {}

  private Outcome cancel(Event event, URI url, String task, Version version)
      throws InterruptedException {
    var request = JsonNodeFactory.instance.objectNode();
    request.put("jsonrpc", "2.0");
    request.put("id", event.id() + ":" + task);
    request.put("method", version == Version.V1_0 ? "CancelTask" : "tasks/cancel");
    var params = request.putObject("params").put("id", task);
    params
        .putObject("metadata")
        .put("fuseline.command_id", event.command().getCommandId())
        .put("fuseline.reason", event.command().getReason());
    var headers = new LinkedHashMap<String, String>();
    if (version == Version.V1_0) {
      headers.put("A2A-Version", "1.0");
    }
    if (settings.token() != null) {
      headers.put("Authorization", "Bearer " + settings.token().value());
    }
    headers.put(Webhook.EVENT_ID_HEADER, Webhook.headerText(event.id()));
    try {
      var reply = http.post(url, headers, request.toString().getBytes(StandardCharsets.UTF_8));
      var json = reply.json();
      var error = json.path("error").path("code").asInt();
      if (error != 0) {
        return new Outcome(
            ofError(error, Text.oneLine(json.path("error").path("message").asText(), 200)), error);
      }
      var answer = reply.answer();
      if (answer.delivered() && !json.has("result")) {
        answer = Answer.refused("HTTP " + reply.status() + " without a JSON-RPC result");
      } else if (answer.delivered()) {
        answer =
            answer.saying(
                "task is "
                    + Text.oneLine(
                        json.path("result").path("status").path("state").asText("stopped"), 40));
      }
      return new Outcome(answer, 0);
    } catch (NoReplyException e) {
      return new Outcome(e.answer(), 0);
    }
  }

  private static Answer ofError(int code, String said) {
    var what = "JSON-RPC error " + code + " " + said;
    return switch (code) {
      case TASK_NOT_FOUND, TASK_NOT_CANCELABLE -> Answer.delivered("nothing to stop: " + what);
      case INTERNAL_ERROR -> Answer.failed(what);
      default -> Answer.refused(what);
    };
  }

  @Override
  public void close() {
    http.close();
  }
}
