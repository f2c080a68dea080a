/**
 * Checks outcomes before they are counted. Public: whoever writes outcomes can use the same door.
 */
package io.fuseline.enrichment.outcome;
