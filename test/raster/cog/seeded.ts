/** A value in [0, range) that depends on nothing but the pixel and the seed. */
export function seededValue(
  seed: number,
  range: number,
): (pixel: { band: number; row: number; col: number }) => number {
  return ({ band, row, col }) => {
    let hash =
      Math.imul(seed + 1, 0x9e3779b1) ^
      Math.imul(band + 1, 0x85ebca6b) ^
      Math.imul(row + 1, 0xc2b2ae35) ^
      (col * 0x27d4eb2f);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return ((hash ^ (hash >>> 13)) >>> 0) % range;
  };
}

/** Mulberry32: a seeded generator of numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
