const DIGITS = 12;
const DECIMAL = /^(\d{1,26})(?:\.(\d{1,12}))?$/;

/**
 * Decimal text as a whole number of 10^-12 currency units. Money must not pass through a double: 0.1 + 0.2 is not 0.3 there.
 *
 * @param {unknown} text such as "0.18", not negative, at most 12 decimals
 * @param {string} name of what it is, for the error
 * @returns {bigint}
 */
export function toPico(text, name) {
  const parts = typeof text === "string" ? DECIMAL.exec(text) : null;
  if (!parts) {
    const found = typeof text === "string" ? `"${text}"` : `${String(text)} (${typeof text})`;
    throw new TypeError(`${name} is ${found}, expected decimal text such as "0.18", at most 12 decimals, not negative`);
  }
  return BigInt(parts[1] + (parts[2] ?? "").padEnd(DIGITS, "0"));
}

/**
 * @param {bigint} pico not negative
 * @returns {string} the shortest decimal text
 */
export function toText(pico) {
  const digits = pico.toString().padStart(DIGITS + 1, "0");
  const fraction = digits.slice(-DIGITS).replace(/0+$/, "");
  return digits.slice(0, -DIGITS) + (fraction ? `.${fraction}` : "");
}
