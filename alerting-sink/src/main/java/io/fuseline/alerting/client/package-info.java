/**
 * The kill switch for agent runtimes: watch your runs, obey commands, answer them, and ask before
 * they spend.
 *
 * <pre>{@code
 * var settings = KillSwitchSettings.builder("localhost:9092", "http://localhost:8081").build();
 * try (var killSwitch = KillSwitch.open(settings);
 *     var run = killSwitch.watchRun(runId, "researcher", command -> stopTheRun(command))) {
 *   while (agent.hasNextStep()) {
 *     killSwitch.checkpoint(runId); // throws RunStopped, waits while paused
 *     agent.step();
 *   }
 * }
 * }</pre>
 *
 * <p>{@link io.fuseline.alerting.client.KillSwitch} is the way in, and {@link
 * io.fuseline.alerting.client.SpendGuards} for those without Kafka; {@code docs/kill-switch.md}
 * tells the semantics, also for runtimes in other languages.
 */
package io.fuseline.alerting.client;
