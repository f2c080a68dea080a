package io.fuseline.stream.judge;

import io.fuseline.schemas.TargetType;
import io.fuseline.stream.policy.Subject;
import java.util.List;

/**
 * Whom a command or alert is about.
 *
 * @param id root run id for RUN, or the id of a run below it, agent id for AGENT, and so on
 * @param agent agent concerned; null when there is no single one
 * @param rootRuns active root runs of the target
 * @param team team that it belongs to, as spans say; null when not known; likewise the project
 */
record Target(
    TargetType type,
    String tenant,
    String id,
    String agent,
    List<String> rootRuns,
    String team,
    String project) {
  private static final char SEPARATOR = '\u0000';

  /** A target of which it is not known to whom it belongs. */
  Target(TargetType type, String tenant, String id, String agent, List<String> rootRuns) {
    this(type, tenant, id, agent, rootRuns, null, null);
  }

  /** The same, belonging to whom a subject says. */
  Target of(Subject subject) {
    return subject == null
        ? this
        : new Target(type, tenant, id, agent, rootRuns, subject.team(), subject.project());
  }

  /** The run of a tree that is meant, when it is not the root run; else null. */
  String part() {
    return type == TargetType.RUN && !rootRuns.contains(id) ? id : null;
  }

  /** What makes ids of this target's episodes and commands unique and repeatable. */
  String identity(String policyId, int ordinal) {
    return policyId + SEPARATOR + type + SEPARATOR + tenant + SEPARATOR + id + SEPARATOR + ordinal;
  }
}
