/** float32 bits of every half, by the half's bits; made when first needed (256 KiB). */
let table: Float32Array<ArrayBuffer> | null = null;

/** IEEE 754 binary16 bit patterns as float32, exactly (subnormals, infinities, NaN payloads). */
export function widenHalves(halves: Uint16Array): Float32Array<ArrayBuffer> {
  table ??= buildTable();
  const bits = new Uint32Array(table.buffer);
  const wide = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) wide[i] = bits[halves[i]!]!;
  return new Float32Array(wide.buffer);
}

function buildTable(): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(65_536);
  for (let half = 0; half < bits.length; half++) bits[half] = floatBits(half);
  return new Float32Array(bits.buffer);
}

/** Five bits of exponent (bias 15) and ten of fraction become eight (bias 127) and 23. */
function floatBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent > 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // Subnormal: shift the first one out of the fraction.
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 1023) << 13)) >>> 0;
}
