/**
 * What an analyst may ask the state stores, as one interface: {@link
 * io.fuseline.stream.query.CostQueries}. The service answers it from its own stores, asks other
 * instances through it, and shows it over HTTP.
 */
package io.fuseline.stream.query;
