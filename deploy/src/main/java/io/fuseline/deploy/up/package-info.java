/**
 * Fuseline on one machine, to look at: {@link io.fuseline.deploy.up.Up} starts everything, shows
 * what happens as read from the topics and over HTTP, and says at the end what it cost and what was
 * stopped.
 */
package io.fuseline.deploy.up;
