/**
 * The sink service: delivers alerts and commands to people and machines, as a routes file says:
 * log, webhook, Slack, PagerDuty, e-mail, LiteLLM, A2A agents, any HTTP interface. {@link
 * io.fuseline.alerting.sink.SinkService} is the way in.
 *
 * <p>At least once: an offset is committed when the record was delivered, or was given up on and
 * stands in the dead letters. Each event has an id by which a receiver recognises a repetition.
 *
 * <p>Needs libraries that are optional dependencies of this module: HttpClient 5, Jakarta Mail with
 * Angus Mail, and SnakeYAML.
 */
package io.fuseline.alerting.sink;
