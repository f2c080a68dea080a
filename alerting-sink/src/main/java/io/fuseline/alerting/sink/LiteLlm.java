package io.fuseline.alerting.sink;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fuseline.alerting.sink.HttpCaller.NoReplyException;
import io.fuseline.alerting.sink.HttpCaller.Reply;
import io.fuseline.alerting.sink.LiteLlmSettings.Step;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.TargetType;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;

/**
 * Stops agents at a LiteLLM proxy, by its admin API: fires an agent's kill switch ({@code POST
 * /v1/agents/{id}/kill_switch}), blocks its virtual keys ({@code POST /key/block}), or blocks a
 * team ({@code POST /team/block}). Each can be repeated without harm. A RESTORE lifts the blocks.
 */
final class LiteLlm implements SinkTarget {
  private final LiteLlmSettings settings;
  private final HttpCaller http;

  LiteLlm(LiteLlmSettings settings, HttpCaller http) {
    this.settings = settings;
    this.http = http;
  }

  @Override
  public Answer attempt(Event event, int attempt) throws InterruptedException {
    var kill = event.command().getAction() == Action.KILL;
    var done = new ArrayList<String>();
    Answer failure = null;
    for (var step : settings.steps()) {
      var answer = step(step, event, kill);
      if (answer == null) {
        continue;
      }
      if (answer.delivered()) {
        done.add(answer.what());
      } else if (failure == null || (!failure.mayChange() && answer.mayChange())) {
        // The other steps are done all the same: better half stopped than not at all.
        failure = answer;
      }
    }
    if (failure != null) {
      return failure;
    }
    return done.isEmpty()
        ? Answer.unfit("none of the steps is for a command like this")
        : Answer.delivered(String.join(", ", done));
  }

  /** Null when the step is not for such a command. */
  private Answer step(Step step, Event event, boolean kill) throws InterruptedException {
    var team =
        event.command().getTargetType() == TargetType.TEAM ? event.command().getTarget() : null;
    var agent = event.scope().get(Template.AGENT);
    try {
      return switch (step) {
        case KILL_SWITCH -> kill && agent != null ? fire(agent) : null;
        case BLOCK_KEYS -> agent != null ? keys(agent, kill) : null;
        case BLOCK_TEAM -> team != null ? team(team, kill) : null;
      };
    } catch (NoReplyException e) {
      return e.answer().saying(word(step) + ": " + e.getMessage());
    }
  }

  private Answer fire(String agent) throws NoReplyException, InterruptedException {
    var reply = post(agentPath(agent) + "/kill_switch", null);
    return named("kill switch", reply.answer());
  }

  private Answer keys(String agent, boolean kill) throws NoReplyException, InterruptedException {
    var found = call("GET", agentPath(agent), null);
    if (found.status() != 200) {
      return named("agent", found.answer());
    }
    var keys = found.json().path("keys");
    for (var key : keys) {
      // The token is the key's hash, which these calls take in place of the key.
      var reply =
          post(kill ? "/key/block" : "/key/unblock", json("key", key.path("token").asText()));
      if (!reply.answer().delivered()) {
        return named(kill ? "key block" : "key unblock", reply.answer());
      }
    }
    return Answer.delivered(keys.size() + " keys " + (kill ? "blocked" : "unblocked"));
  }

  private Answer team(String team, boolean kill) throws NoReplyException, InterruptedException {
    var reply = post(kill ? "/team/block" : "/team/unblock", json("team_id", team));
    return named(kill ? "team block" : "team unblock", reply.answer());
  }

  private static Answer named(String name, Answer answer) {
    return answer.saying(name + " " + answer.what());
  }

  private static String word(Step step) {
    return step.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private String agentPath(String agent) {
    return "/v1/agents/" + Template.inUrl(settings.agents().getOrDefault(agent, agent));
  }

  private static byte[] json(String name, String value) {
    return JsonNodeFactory.instance
        .objectNode()
        .put(name, value)
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  private Reply post(String path, byte[] json) throws NoReplyException, InterruptedException {
    return call("POST", path, json);
  }

  private Reply call(String method, String path, byte[] json)
      throws NoReplyException, InterruptedException {
    URI url = Urls.below(settings.url(), path);
    var bearer = "Bearer " + settings.key().value();
    return json == null
        ? http.call(method, url, Map.of("Authorization", bearer), null)
        : http.post(url, Map.of("Authorization", bearer), json);
  }

  @Override
  public void close() {
    http.close();
  }
}
