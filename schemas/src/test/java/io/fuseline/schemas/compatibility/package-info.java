/**
 * Holds the schemas to their promises: what was written by any release can be read by this one, and
 * every schema says what it means.
 */
package io.fuseline.schemas.compatibility;
