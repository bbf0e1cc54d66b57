const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const LOWER = 32;
const E = 101;
const WORDS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
};
/** Powers of ten that a double holds exactly: one multiplication or division by them rounds once, hence correctly. */
const POWERS = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
/** Beyond it every result is 0 or Infinity; keeps an endless exponent from overflowing. */
const MAX_EXPONENT = 100_000;

/**
 * Reads a decimal number (`12`, `1.5`, `1.9392065536e+010`, `+Inf`, `NaN`; no hexadecimal, no underscores) at `at` and puts
 * it into `out[0]`.
 *
 * @returns where the number ends, or -1 when none stands there. What follows is the caller's to judge.
 */
export function readNumber(bytes: Buffer, at: number, out: Float64Array): number {
  let i = at;
  const sign = bytes[i];
  if (sign === MINUS || sign === PLUS) i++;
  const start = i;
  let mantissa = 0;
  let digit = (bytes[i] as number) - ZERO;
  while (digit >= 0 && digit <= 9) {
    mantissa = mantissa * 10 + digit;
    digit = (bytes[++i] as number) - ZERO;
  }
  let digits = i - start;
  let scale = 0;
  if (bytes[i] === POINT) {
    const point = ++i;
    digit = (bytes[i] as number) - ZERO;
    while (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digit = (bytes[++i] as number) - ZERO;
    }
    scale = point - i;
    digits -= scale;
  }
  if (digits === 0) return readWord(bytes, at, start, out);
  if (((bytes[i] as number) | LOWER) === E) {
    const end = endOfExponent(bytes, i + 1);
    if (end < 0) return -1;
    scale += exponent(bytes, i + 1, end);
    i = end;
  }
  out[0] = scaled(mantissa, scale, sign === MINUS) ?? Number(bytes.toString('latin1', at, i));
  return i;
}

/** The exact result of few digits and a small exponent (Clinger's fast path), else null. */
function scaled(mantissa: number, scale: number, negative: boolean): number | null {
  if (mantissa > Number.MAX_SAFE_INTEGER || scale < -22 || scale > 22) return null;
  const value = scale < 0 ? mantissa / (POWERS[-scale] as number) : mantissa * (POWERS[scale] as number);
  return negative ? -value : value;
}

function endOfExponent(bytes: Buffer, at: number): number {
  const start = bytes[at] === PLUS || bytes[at] === MINUS ? at + 1 : at;
  let i = start;
  while ((bytes[i] as number) >= ZERO && (bytes[i] as number) <= ZERO + 9) i++;
  return i > start ? i : -1;
}

function exponent(bytes: Buffer, at: number, end: number): number {
  let value = 0;
  for (let i = at; i < end; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit >= 0) value = Math.min(value * 10 + digit, MAX_EXPONENT);
  }
  return bytes[at] === MINUS ? -value : value;
}

function readWord(bytes: Buffer, at: number, start: number, out: Float64Array): number {
  let end = start;
  while (
    end - start <= 8 &&
    ((bytes[end] as number) | LOWER) >= 97 &&
    ((bytes[end] as number) | LOWER) <= 122
  )
    end++;
  const value = WORDS[bytes.toString('latin1', start, end).toLowerCase()];
  if (value === undefined) return -1;
  out[0] = bytes[at] === MINUS ? -value : value;
  return end;
}
