package io.fuseline.stream.judge;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Caps;
import io.fuseline.schemas.TargetType;

/**
 * What a target was told and has not been let go from.
 *
 * @param action THROTTLE, REQUIRE_APPROVAL, PAUSE or KILL
 * @param policyId null when it is not known any more
 * @param policyVersion likewise
 * @param commandId newest command of the episode; null when it is not known any more
 * @param reason one sentence
 * @param caps of a THROTTLE; else null
 */
public record Order(
    Action action,
    TargetType type,
    String scope,
    String policyId,
    String policyVersion,
    String commandId,
    String reason,
    Caps caps) {}
