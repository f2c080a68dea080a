/**
 * A fleet of simulated agents that produces spans and obeys commands, for trying Fuseline out and
 * for tests. What the fleet does is decided by a seed, in plain Java; {@link
 * io.fuseline.deploy.simulate.Simulation} plays it against a real cluster.
 */
package io.fuseline.deploy.simulate;
