package io.fuseline.stream.policy;

/**
 * A policy with the text it came from.
 *
 * @param source the YAML text of this policy alone
 * @param compiled canonical JSON with every default filled in
 * @param file where it stood
 * @param line where it begins in the file, from 1
 */
public record ParsedPolicy(Policy policy, String source, String compiled, String file, int line) {}
