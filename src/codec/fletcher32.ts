/** Sums of 16-bit words stay below 2^32 for so many words. */
const WORDS = 360;

/**
 * The Fletcher-32 checksums that HDF5's filter 3 accepts, unsigned: sums modulo 65,535 over big-endian 16-bit words (an odd
 * last byte is a word's high half), and the same with the bytes of both halves exchanged, which HDF5 before 1.6.3 wrote on
 * little-endian machines.
 */
export function fletcher32(bytes: Uint8Array): readonly [number, number] {
  let low = 0;
  let high = 0;
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 2 * WORDS);
    for (; at < end; at += 2) {
      low += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
      high += low;
    }
    low = fold(low);
    high = fold(high);
  }
  [low, high] = [fold(low), fold(high)];
  return [((high << 16) | low) >>> 0, ((exchange(high) << 16) | exchange(low)) >>> 0];
}

/** One step of the modulus: 65,536 counts as 1. */
function fold(sum: number): number {
  return (sum & 0xffff) + Math.floor(sum / 65_536);
}

function exchange(half: number): number {
  return ((half & 0xff) << 8) | (half >> 8);
}
