package io.fuseline.stream.policy;

import io.fuseline.schemas.PolicyMode;
import java.util.List;

/**
 * A policy: whom it is for, what it watches and what happens at each rung.
 *
 * @param version first 12 hexadecimal digits of the SHA-256 of the compiled form
 * @param ladder rungs by rising threshold, at least one
 */
public record Policy(
    String id,
    String version,
    String description,
    PolicyMode mode,
    Selector match,
    Rule rule,
    List<Rung> ladder) {}
