/**
 * Commands as they are written, for those who cannot read the command topic: kept for a while, and
 * handed to subscribers.
 */
package io.fuseline.stream.command;
