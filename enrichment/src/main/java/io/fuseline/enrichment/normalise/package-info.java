/**
 * Spans of any convention become {@link io.fuseline.schemas.AgentSpan}s: {@link
 * io.fuseline.enrichment.normalise.Normaliser} reads OpenTelemetry GenAI, OpenInference,
 * OpenLLMetry, Vercel AI SDK and others by tables that are data, and turns their counters into
 * disjoint usage. Pure functions: no clock, no I/O but the tables on the class path, no content
 * kept. What is accepted is told in {@code docs/dialects.md}.
 */
package io.fuseline.enrichment.normalise;
