/**
 * The ways in that are not Avro: batches of OpenTelemetry spans and log events, spans as JSON, and
 * LiteLLM's logging payloads become {@link io.fuseline.schemas.AgentSpan}s on the span topic.
 *
 * <p>{@link io.fuseline.stream.ingest.SpanIntake} reads and judges a batch, without any I/O; {@link
 * io.fuseline.stream.ingest.SpanSink} is where the result goes. What the intake accepts, the
 * topology's own door accepts too.
 */
package io.fuseline.stream.ingest;
