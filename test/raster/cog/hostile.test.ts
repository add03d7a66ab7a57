import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../../src/errors.js';
import { MemorySource } from '../../../src/io/memory-source.js';
import { openGeoTiff } from '../../../src/raster/cog/open-geotiff.js';
import { readPlane } from '../../../src/raster/read-plane.js';
import { factoryOf } from './recording-source.js';
import { seededRandom, seededValue } from './seeded.js';
import { writeTiff, type ImageSpec, type TagSpec, type TiffSpec } from './tiff-writer.js';

const SEED = 20_260_101;
const MUTANTS = 5000;
/** Far above what a sound file of this size takes (a millisecond), far below what a loop over a hostile count would. */
const LONGEST_MS = 10_000;
/** Larger chunks are legal; reading them is a matter of the caller's memory. */
const LARGEST_CHUNK = 2 ** 22;

const ground: readonly TagSpec[] = [
  { tag: 33_550, type: 12, values: [10, 10, 0] },
  { tag: 33_922, type: 12, values: [0, 0, 0, 399_960, 5_200_020, 0] },
  { tag: 34_735, type: 3, values: [1, 1, 0, 3, 1024, 0, 1, 1, 3072, 0, 1, 32_633, 1026, 34_737, 5, 0] },
  { tag: 34_737, type: 2, values: 'name|\0' },
  { tag: 42_112, type: 2, values: '<GDALMetadata><Item name="S" sample="0" role="scale">0.1</Item></GDALMetadata>\0' },
  { tag: 42_113, type: 2, values: '-9999\0' },
];
const image: ImageSpec = { width: 40, height: 30, value: seededValue(3, 200), tags: ground };
const overview: ImageSpec = { width: 20, height: 15, subfileType: 1, value: seededValue(4, 200), bands: 2 };
const mask: ImageSpec = { width: 40, height: 30, subfileType: 4, bits: 1, value: () => 1, compression: 'deflate' };
const BASES: readonly TiffSpec[] = [
  {
    images: [
      { ...image, bands: 2, tile: { width: 16, height: 16 }, compression: 'deflate', predictor: 2, dtype: 'int16' },
      { ...overview, dtype: 'int16' },
      mask,
    ],
  },
  { images: [{ ...image, bands: 2, planar: true, rowsPerStrip: 7, compression: 'lzw' }, overview], big: true },
  {
    images: [
      { ...image, dtype: 'float32', compression: 'deflate', predictor: 3 },
      { ...overview, bands: 1 },
    ],
    littleEndian: false,
    subImages: [1],
  },
  {
    images: [{ ...image, bits: 5, compression: 'packbits', rowsPerStrip: 4 }],
    big: true,
    littleEndian: false,
    pixels: 'first',
  },
];
const EXTREMES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff];

/** Some bytes changed, words set to extremes, or the end cut off. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  const pick = (range: number) => Math.floor(random() * range);
  for (let i = 1 + pick(6); i > 0; i--) {
    const at = pick(random() < 0.5 ? Math.min(1200, changed.length - 8) : changed.length - 8);
    const kind = pick(3);
    if (kind === 0) changed[at] = pick(256);
    else if (kind === 1) view.setUint16(at, EXTREMES[pick(8)]!, random() < 0.5);
    else view.setUint32(at, EXTREMES[pick(EXTREMES.length)]!, random() < 0.5);
  }
  return random() < 0.1 ? changed.subarray(0, pick(changed.length)) : changed;
}

/** Open a file and read a corner of every level and mask. */
async function readAll(bytes: Uint8Array): Promise<void> {
  const source = new MemorySource(bytes);
  const raster = await openGeoTiff(source);
  for (const level of [...raster.levels, ...raster.masks]) {
    if (level === null || level.chunkShape.reduce((product, size) => product * size, 1) > LARGEST_CHUNK) continue;
    const { x, y } = level.axes!;
    const window = { col: 0, row: 0, width: Math.min(50, level.shape[x]!), height: Math.min(50, level.shape[y]!) };
    const at = level.shape.map(() => 0);
    await readPlane(level, { at, window }, factoryOf(source));
  }
}

describe('hostile files', () => {
  it(`${MUTANTS} mutated TIFFs give samples or a CubeError, soon (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const bases = BASES.map(writeTiff);
    const outcomes: Record<string, number> = { read: 0 };
    let slowest = 0;
    for (let i = 0; i < MUTANTS; i++) {
      const bytes = mutate(bases[i % bases.length]!, random);
      const start = performance.now();
      try {
        await readAll(bytes);
        outcomes['read']!++;
      } catch (error) {
        if (!isCubeError(error)) throw new Error(`mutant ${i} of seed ${SEED}`, { cause: error });
        outcomes[error.problem.kind] = (outcomes[error.problem.kind] ?? 0) + 1;
      }
      slowest = Math.max(slowest, performance.now() - start);
    }
    expect(slowest).toBeLessThan(LONGEST_MS);
    expect(Object.keys(outcomes).sort()).toEqual(['invalid-data', 'read', 'unsupported']);
  });

  it('a cut at every byte gives samples or a CubeError', async () => {
    const whole = writeTiff(BASES[0]!);
    for (let length = 0; length < whole.length; length += 3) {
      const failure = await readAll(whole.subarray(0, length)).catch((error: unknown) => error);
      expect(failure === undefined || isCubeError(failure)).toBe(true);
    }
  });

  it('asks for no more bytes than the file has, whatever counts it claims', async () => {
    const bytes = writeTiff({ images: [image], big: true });
    const view = new DataView(bytes.buffer);
    const first = Number(view.getBigUint64(8, true));
    for (let entry = 0; entry < 20; entry++) {
      const mutant = bytes.slice();
      new DataView(mutant.buffer).setBigUint64(first + 8 + entry * 20 + 4, 2n ** 52n, true);
      const failure = await readAll(mutant).catch((error: unknown) => error);
      expect(failure === undefined || isCubeError(failure)).toBe(true);
    }
  });
});
