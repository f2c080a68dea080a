/**
 * The sink service: delivers alerts and commands to people and their tools, by log line and by
 * signed webhook. {@link io.fuseline.alerting.sink.SinkService} is the way in.
 *
 * <p>At least once: an offset is committed when the record was delivered, or was given up on and
 * stands in the dead letters. Each event has an id by which a receiver recognises a repetition.
 */
package io.fuseline.alerting.sink;
