/** @typedef {import("../index.d.ts").Caps} Caps */

/**
 * Several THROTTLEs hold at once: of each limit the tightest counts. A limit that is left out or null does not hold.
 *
 * @param {(Caps | null | undefined)[]} all
 * @returns {Caps | null} null when nothing holds
 */
export function tightest(all) {
  const given = all.filter((caps) => caps !== null && caps !== undefined);
  if (given.length === 0) {
    return null;
  }
  /** @type {Caps} */
  const caps = {};
  for (const one of given) {
    merge(caps, one, "max_tokens", Math.min);
    merge(caps, one, "max_steps_remaining", Math.min);
    merge(caps, one, "cooldown_ms", Math.max);
    merge(caps, one, "tool_allowlist", (a, b) => a.filter((/** @type {string} */ tool) => b.includes(tool)));
    merge(caps, one, "tool_denylist", (a, b) => [...new Set([...a, ...b])]);
  }
  return caps;
}

/**
 * @param {any} into
 * @param {any} from
 * @param {keyof Caps} limit
 * @param {(a: any, b: any) => any} tighter
 */
function merge(into, from, limit, tighter) {
  if (from[limit] !== undefined && from[limit] !== null) {
    into[limit] = into[limit] === undefined ? from[limit] : tighter(into[limit], from[limit]);
  }
}
