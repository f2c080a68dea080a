/**
 * The second shell around the deciding core: spans from a file instead of a topic, maps instead of
 * state stores, event time instead of the wall clock. Start with {@link
 * io.fuseline.deploy.replay.Replay}.
 */
package io.fuseline.deploy.replay;
