/**
 * The bench: what a span costs, step by step, on a real broker, and how soon a command follows a
 * span. Each step runs in a process of its own.
 */
package io.fuseline.deploy.bench;
