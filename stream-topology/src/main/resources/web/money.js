// Money arrives as decimal strings and is added up exactly, in pico-units (10^-12) as BigInt. Rounding happens only
// when it is shown, half to even.

const SCALE = 12;

/** A decimal string such as "-1.25" as a BigInt of pico-units. */
export function toPico(decimal) {
  const negative = decimal.startsWith('-');
  const [whole, fraction = ''] = (negative ? decimal.slice(1) : decimal).split('.');
  const pico = BigInt(whole + fraction.padEnd(SCALE, '0').slice(0, SCALE));
  return negative ? -pico : pico;
}

/** Pico-units as a decimal string. */
export function fromPico(pico) {
  const digits = (pico < 0n ? -pico : pico).toString().padStart(SCALE + 1, '0');
  return `${pico < 0n ? '-' : ''}${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`;
}

/** The exact sum of decimal strings, as a decimal string. */
export function sum(decimals) {
  return fromPico(decimals.reduce((total, decimal) => total + toPico(decimal), 0n));
}

/** For drawing only: where on an axis an amount lies, or how long its bar is. */
export function position(decimal) {
  return Number(decimal);
}

const formats = new Map();

function format(currency, digits) {
  const key = `${currency}/${digits}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.NumberFormat(undefined, {
      style: 'currency', currency, currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: digits, maximumFractionDigits: digits, roundingMode: 'halfEven',
    }));
  }
  return formats.get(key);
}

/** An amount for people: two decimals, or as many as show the first digits of an amount below a cent. */
export function show(decimal, currency) {
  const pico = toPico(decimal);
  const size = pico < 0n ? -pico : pico;
  let digits = 2;
  if (size > 0n && size < 10_000_000_000n) {
    digits = size >= 100_000_000n ? 4 : size >= 1_000_000n ? 6 : SCALE;
  }
  return format(currency, digits).format(decimal);
}
