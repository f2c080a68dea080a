package io.fuseline.alerting.client;

import io.fuseline.schemas.Command;
import io.fuseline.schemas.TargetType;

/** What a command is about, and the scope of its epochs. */
record Target(String tenant, TargetType type, String id) {

  static Target of(Command command) {
    return new Target(
        KillSwitchSettings.tenantOrDefault(command.getTenantId()),
        command.getTargetType(),
        command.getTarget());
  }
}
