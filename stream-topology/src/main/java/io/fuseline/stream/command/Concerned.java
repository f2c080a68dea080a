package io.fuseline.stream.command;

import io.fuseline.schemas.Command;
import io.fuseline.schemas.TargetType;
import java.util.Map;
import java.util.Optional;

/**
 * Whom a subscriber acts for.
 *
 * @param tenant tenant of all of them
 * @param ids root run under {@link TargetType#RUN}, agent under {@link TargetType#AGENT}, and what
 *     they belong to, such as a team; none: everybody of the tenant, as for a runtime that keeps
 *     what holds for runs that start later
 */
public record Concerned(String tenant, Map<TargetType, String> ids) {
  public Concerned {
    ids = Map.copyOf(ids);
  }

  /**
   * True for a command to one of them, to their tenant, or to others if it names their run; for all
   * of the tenant when nobody is named.
   */
  boolean by(Command command) {
    if (!command.getTenantId().equals(tenant)) {
      return false;
    }
    if (ids.isEmpty()
        || command.getTargetType() == TargetType.TENANT
        || command.getTarget().equals(ids.get(command.getTargetType()))) {
      return true;
    }
    return Optional.ofNullable(ids.get(TargetType.RUN))
        .map(run -> command.getRootRunIds().contains(run))
        .orElse(false);
  }
}
