/** Which component of interleaved pixels is stored at half width (`across` 2), half height (`down` 2) or both. */
export type HalfComponent = {
  readonly width: number;
  readonly height: number;
  readonly samplesPerPixel: number;
  readonly component: number;
  readonly across: 1 | 2;
  readonly down: 1 | 2;
};

/**
 * Interpolate a component whose samples were repeated, in place: each output sample is three parts of the nearest stored
 * sample and one of the next nearest, along both axes where both are halved. The roundings alternate as in libjpeg, which
 * leaves very narrow images as they are.
 */
export function interpolateChroma(pixels: Uint8Array, half: HalfComponent): void {
  const { width, height, samplesPerPixel, component, across, down } = half;
  const columns = Math.ceil(width / across);
  if (across === 2 && columns <= 2) return;
  const rows = Math.ceil(height / down);
  const stored = new Uint8Array(columns * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      stored[y * columns + x] = pixels[(y * down * width + across * x) * samplesPerPixel + component]!;
    }
  }
  const sums = new Int32Array(columns);
  for (let y = 0; y < height; y++) {
    sumRows(stored, sums, y, rows, down);
    for (let x = 0; x < width; x++) {
      const value = across === 2 ? sampleAt(sums, x, down) : (sums[x]! + (y % 2 === 0 ? 1 : 2)) >> 2;
      pixels[(y * width + x) * samplesPerPixel + component] = value;
    }
  }
}

/** The stored rows nearest to output row `y`, weighted 3 to 1; a single row where the height is whole. */
function sumRows(stored: Uint8Array, sums: Int32Array, y: number, rows: number, down: 1 | 2): void {
  const columns = sums.length;
  const near = Math.floor(y / down);
  const next = Math.max(0, Math.min(rows - 1, near + (y % 2 === 0 ? -1 : 1)));
  for (let x = 0; x < columns; x++) {
    const value = stored[near * columns + x]!;
    sums[x] = down === 1 ? value : 3 * value + stored[next * columns + x]!;
  }
}

/** The same along the row, with the rounding that makes neighbours differ: 1 and 2 of 4, or 8 and 7 of 16. */
function sampleAt(sums: Int32Array, x: number, down: 1 | 2): number {
  const near = x >> 1;
  const odd = (x & 1) === 1;
  const next = Math.max(0, Math.min(sums.length - 1, near + (odd ? 1 : -1)));
  const sum = 3 * sums[near]! + sums[next]!;
  if (down === 1) return (sum + (odd ? 2 : 1)) >> 2;
  return (sum + (odd ? 7 : 8)) >> 4;
}
