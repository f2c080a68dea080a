/**
 * A real Kafka broker and a real schema registry on this machine, each in a process of its own: for
 * trying Fuseline out, for tests and for measurements. Not for production.
 *
 * <p>Start with {@link io.fuseline.deploy.stack.LocalStack}. Everything binds to 127.0.0.1 only.
 */
package io.fuseline.deploy.stack;
