/**
 * What a unit of work costs: the {@link io.fuseline.enrichment.price.PriceBook} prices spans as of
 * their event time in exact arithmetic; {@link io.fuseline.enrichment.price.PriceFile} and the
 * importers fill it.
 *
 * <p>Money is a {@code long} of pico-units (10<sup>-12</sup> of the book's currency) inside, and a
 * decimal of scale 12 at the edges. Nothing here knows Kafka, a clock, or a network.
 */
package io.fuseline.enrichment.price;
