import { widenHalves } from '../../codec/half.js';

/** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. */

/** The exact value of a half's bits. */
export function halfToNumber(bits: number): number {
  return widenHalves(Uint16Array.of(bits))[0]!;
}

/** The bits of the nearest half; ties go to the even one, what is too large to infinity, any NaN to 0x7e00. */
export function numberToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65_520) return sign | 0x7c00; // half way between the largest half and 2^16
  const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size));
  const step = 2 ** (exponent - 10);
  const steps = roundHalfToEven(size / step);
  // 1024 steps are one exponent, so a carry out of the fraction moves the exponent up by itself.
  return sign | (steps + (exponent + 14) * 1024);
}

function roundHalfToEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest !== 0.5) return rest > 0.5 ? low + 1 : low;
  return low % 2 === 0 ? low : low + 1;
}
