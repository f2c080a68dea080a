/**
 * What one pipeline instance tells a monitoring system: its own meters ({@link
 * io.fuseline.stream.metrics.FuselineMetrics}) and the Prometheus registry that shows them beside a
 * chosen few of Kafka Streams and the JVM ({@link io.fuseline.stream.metrics.PrometheusMetrics}).
 */
package io.fuseline.stream.metrics;
