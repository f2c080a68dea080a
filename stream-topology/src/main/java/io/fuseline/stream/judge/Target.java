package io.fuseline.stream.judge;

import io.fuseline.schemas.TargetType;
import java.util.List;

/**
 * Whom a command or alert is about.
 *
 * @param id root run id for RUN, or the id of a run below it, agent id for AGENT, and so on
 * @param agent agent concerned; null when there is no single one
 * @param rootRuns active root runs of the target, oldest first
 */
record Target(TargetType type, String tenant, String id, String agent, List<String> rootRuns) {
  private static final char SEPARATOR = '\u0000';

  /** The run of a tree that is meant, when it is not the root run; else null. */
  String part() {
    return type == TargetType.RUN && !rootRuns.contains(id) ? id : null;
  }

  /** What makes ids of this target's episodes and commands unique and repeatable. */
  String identity(String policyId, int ordinal) {
    return policyId + SEPARATOR + type + SEPARATOR + tenant + SEPARATOR + id + SEPARATOR + ordinal;
  }
}
