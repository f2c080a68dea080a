/**
 * Policies as code: the YAML form, its checks, and the compiled form that the deciding core reads.
 */
package io.fuseline.stream.policy;
