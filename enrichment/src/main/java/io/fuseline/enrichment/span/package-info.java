/**
 * Spans as they come in: what is wrong with one, what is mended and noted, and which run, agent and
 * tenant it belongs to. Pure functions; time comes in as an argument.
 */
package io.fuseline.enrichment.span;
