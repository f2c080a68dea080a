/**
 * The HTTP face of one pipeline instance: cost queries, health, metrics and the web page ({@link
 * io.fuseline.stream.http.HttpServer}), and the client by which instances ask each other ({@link
 * io.fuseline.stream.http.InstanceClient}). It knows {@link io.fuseline.stream.query.CostQueries}
 * and nothing of the stores behind it. The routes are documented in {@code openapi.yaml}, which the
 * server also serves.
 */
package io.fuseline.stream.http;
