/**
 * The deciding core: pure functions over bounded state. A span is booked, a run and a scope are
 * judged, and the commands and alerts that follow come out; time and state come in as arguments. No
 * Kafka type, no clock, no I/O, so that the topology, {@code fuseline replay} and the tests run the
 * same code.
 */
package io.fuseline.stream.judge;
