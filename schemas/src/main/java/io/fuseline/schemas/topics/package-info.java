/**
 * Which topics there are: names, keys, records, partition counts and retention, read from one file.
 * Start with {@link io.fuseline.schemas.topics.Topics#defaults()}.
 */
package io.fuseline.schemas.topics;
