import { seededRandom, terrain } from '../../src/sample/random.js';

export type TextureOptions = {
  readonly width: number;
  readonly height: number;
  /** Place of the first pixel in the endless scene; scenes of neighbours agree but for the sensor's noise. */
  readonly col: number;
  readonly row: number;
  /** Sensor noise of this recording. */
  readonly noiseSeed: number;
  /** Fraction of the side that a wedge without data (0) takes in the upper left corner. */
  readonly wedge: number;
};

const SCENE_SEED = 71;
const PARCEL = 37;
/** Terrain is smooth: it is computed this far apart and interpolated between. */
const STEP = 16;
/** Sensor noise, in digital numbers: enough that DEFLATE with predictor 2 gets a ratio near 1.7, as Sentinel-2 does. */
const NOISE = 90;

/** Reflectances × 10,000 that look like a satellite's: relief, parcels with sharp edges, sensor noise. Seeded. */
export function makeTexture(options: TextureOptions): Uint16Array {
  const { width, height, col, row, wedge } = options;
  const data = new Uint16Array(width * height);
  const random = seededRandom(options.noiseSeed);
  const line = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    terrainLine(line, col, row + y);
    const empty = Math.max(0, Math.ceil(wedge * width) - y);
    for (let x = 0; x < width; x++) {
      const noise = NOISE * (random() + random() - 1);
      if (x < empty) continue;
      data[y * width + x] = Math.max(1, Math.round(500 + 3000 * line[x]! + parcel(col + x, row + y) + noise));
    }
  }
  return data;
}

function terrainLine(line: Float64Array, col: number, row: number): void {
  const v = (row % STEP) / STEP;
  const height = (at: number) =>
    (1 - v) * terrain(at / 900, Math.floor(row / STEP) * (STEP / 900), SCENE_SEED) +
    v * terrain(at / 900, (Math.floor(row / STEP) + 1) * (STEP / 900), SCENE_SEED);
  let at = Math.floor(col / STEP) * STEP;
  let [left, right] = [height(at), height(at + STEP)];
  for (let x = 0; x < line.length; x++) {
    if (col + x >= at + STEP) {
      at += STEP;
      [left, right] = [right, height(at + STEP)];
    }
    const u = (col + x - at) / STEP;
    line[x] = (1 - u) * left + u * right;
  }
}

/** One tone for each field of a slanted pattern. */
function parcel(col: number, row: number): number {
  const hash =
    Math.imul(Math.floor((col + row / 4) / PARCEL), 0x27d4eb2d) ^
    Math.imul(Math.floor((row - col / 6) / PARCEL), 0x165667b1);
  return ((hash >>> 13) & 0x3ff) - 300;
}
