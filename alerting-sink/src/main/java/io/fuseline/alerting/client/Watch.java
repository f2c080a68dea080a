package io.fuseline.alerting.client;

import io.fuseline.schemas.TargetType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A run or an agent that this runtime answers for.
 *
 * @param type RUN or AGENT
 * @param id root run id, or agent id
 * @param attributes every target that concerns it, by type, its own included
 */
record Watch(TargetType type, String id, Map<TargetType, String> attributes) {

  Watch {
    attributes = Map.copyOf(attributes);
  }

  static Watch ofRun(
      String tenant, String rootRunId, String agentId, Map<TargetType, String> attributes) {
    var all = new EnumMap<TargetType, String>(TargetType.class);
    all.putAll(attributes);
    all.put(TargetType.TENANT, tenant);
    all.put(TargetType.AGENT, agentId);
    all.put(TargetType.RUN, rootRunId);
    return new Watch(TargetType.RUN, rootRunId, all);
  }

  static Watch ofAgent(String tenant, String agentId) {
    return new Watch(
        TargetType.AGENT, agentId, Map.of(TargetType.TENANT, tenant, TargetType.AGENT, agentId));
  }

  boolean isConcernedBy(Target target) {
    return target.id().equals(attributes.get(target.type()));
  }

  Subject subject() {
    return new Subject(type, id);
  }

  /** Who answers a command: a run, or an agent as a whole. */
  record Subject(TargetType type, String id) {

    /** Root runs an answer of this subject is about. */
    List<String> rootRunIds() {
      return type == TargetType.RUN ? List.of(id) : List.of();
    }
  }
}
