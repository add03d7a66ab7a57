/** Seeded generator of numbers in [0, 1): mulberry32, so that a sample is the same everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Smooth noise in [0, 1] over the plane: values at lattice points, cosine interpolation between them. */
export function smoothNoise(x: number, y: number, seed: number): number {
  const [col, row] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [ease(x - col), ease(y - row)];
  const upper = mix(lattice(col, row, seed), lattice(col + 1, row, seed), u);
  const lower = mix(lattice(col, row + 1, seed), lattice(col + 1, row + 1, seed), u);
  return mix(upper, lower, v);
}

/** Three octaves of smooth noise. */
export function terrain(x: number, y: number, seed: number): number {
  return (
    (4 * smoothNoise(x, y, seed) + 2 * smoothNoise(2 * x, 2 * y, seed + 1) + smoothNoise(4 * x, 4 * y, seed + 2)) / 7
  );
}

function ease(t: number): number {
  return (1 - Math.cos(Math.PI * t)) / 2;
}

function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

function lattice(col: number, row: number, seed: number): number {
  let h = Math.imul(col, 0x27d4eb2d) ^ Math.imul(row, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}
