/**
 * The Kafka Streams shell around the deciding core: processors load state, ask the core, store and
 * forward.
 */
package io.fuseline.stream.topology;
