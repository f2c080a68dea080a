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
 *     they belong to, such as a team; at least one
 */
public record Concerned(String tenant, Map<TargetType, String> ids) {
  public Concerned {
    ids = Map.copyOf(ids);
  }

  /** True for a command to one of them, to their tenant, or to others if it names their run. */
  boolean by(Command command) {
    if (!command.getTenantId().equals(tenant)) {
      return false;
    }
    if (command.getTargetType() == TargetType.TENANT
        || command.getTarget().equals(ids.get(command.getTargetType()))) {
      return true;
    }
    return Optional.ofNullable(ids.get(TargetType.RUN))
        .map(run -> command.getRootRunIds().contains(run))
        .orElse(false);
  }
}
