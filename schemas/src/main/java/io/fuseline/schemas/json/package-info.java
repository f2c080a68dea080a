/**
 * Records as the JSON a person would write, for files, HTTP and pages. Start with {@link
 * io.fuseline.schemas.json.AvroJson}.
 */
package io.fuseline.schemas.json;
