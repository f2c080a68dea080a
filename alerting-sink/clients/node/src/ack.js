/** @typedef {import("../index.d.ts").Ack} Ack */

/**
 * The work has ended (KILL) or rests (PAUSE).
 *
 * @param {string} [spend] what it had spent by then, as decimal text
 * @param {string} [currency] ISO 4217
 * @returns {Ack}
 */
export const stopped = (spend, currency = "USD") => ({ result: "STOPPED", spend, currency });

/**
 * Caps are set, or lifted.
 *
 * @returns {Ack}
 */
export const applied = () => ({ result: "APPLIED" });

/**
 * Some of it was done.
 *
 * @param {string} message says what was not
 * @returns {Ack}
 */
export const partial = (message) => ({ result: "PARTIAL", message });

/**
 * Nothing was done.
 *
 * @param {string} message says why
 * @returns {Ack}
 */
export const refused = (message) => ({ result: "REFUSED", message });

/** This runtime serves the agent, but has no such run. @param {string} message @returns {Ack} */
export const unknownTarget = (message) => ({ result: "UNKNOWN_TARGET", message });
