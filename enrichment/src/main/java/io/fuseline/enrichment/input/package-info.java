/** Internal: how files are opened. Not for use outside this module. */
package io.fuseline.enrichment.input;
