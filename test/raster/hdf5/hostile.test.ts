import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../../src/errors.js';
import { createMemorySources } from '../../../src/io/memory-source.js';
import { openHdf5Hierarchy } from '../../../src/raster/hdf5/hierarchy.js';
import { lookup3 } from '../../../src/raster/hdf5/lookup3.js';
import { Metadata } from '../../../src/raster/hdf5/metadata.js';
import { openHdf5 } from '../../../src/raster/hdf5/open.js';
import { PageReader } from '../../../src/raster/hdf5/page-reader.js';
import { readWholeArray } from '../../../src/raster/zarr/read-array.js';
import { seededRandom } from '../cog/seeded.js';
import { fixture, FIXTURES } from './fixtures.js';

const SEED = 20_261_125;
const MUTANTS_A_FILE = 150;
/** Far above what a sound file takes (milliseconds), far below what a loop over a hostile count would. */
const LONGEST_MS = 10_000;
/** Of buffers, at any time: the files are small, and so is what they hold. */
const MOST_BYTES = 2 ** 29;
const URL = 'memory:mutant.h5';

type Random = () => number;
/** A block with its checksum behind it. */
type Sealed = { readonly start: number; readonly end: number };

const SIGNATURES = [
  'OHDR',
  'OCHK',
  'BTHD',
  'BTIN',
  'BTLF',
  'FRHP',
  'FHIB',
  'FAHD',
  'FADB',
  'EAHD',
  'EAIB',
  'EASB',
  'EADB',
];
const LONGEST_BLOCK = 1000;

/** Where a file's checksums are: mutants get right ones, so that more than the checksum is put to the test. */
function sealedBlocks(bytes: Buffer): Sealed[] {
  return SIGNATURES.flatMap((signature) => {
    const found: Sealed[] = [];
    for (let at = bytes.indexOf(signature); at >= 0; at = bytes.indexOf(signature, at + 1)) {
      for (let end = at + 6; end + 4 <= Math.min(bytes.length, at + LONGEST_BLOCK); end++) {
        if (lookup3(bytes.subarray(at, end)) !== bytes.readUInt32LE(end)) continue;
        found.push({ start: at, end });
        break;
      }
    }
    return found;
  });
}

const EXTREMES = [0, 1, 2, 7, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff];

function mutate(bytes: Buffer, sealed: readonly Sealed[], random: Random): Buffer {
  const changed = Buffer.from(bytes);
  const pick = (range: number) => Math.floor(random() * range);
  for (let i = 1 + pick(4); i > 0; i--) {
    const block = random() < 0.6 ? sealed[pick(sealed.length)] : undefined;
    const at = block === undefined ? pick(changed.length - 8) : block.start + pick(block.end - block.start);
    const width = [1, 2, 4][pick(3)]!;
    const end = Math.min(at + width, block?.end ?? changed.length);
    const value = EXTREMES[pick(EXTREMES.length)]!;
    for (let j = at; j < end; j++) changed[j] = random() < 0.3 ? pick(256) : (value >>> (8 * (j - at))) & 0xff;
    if (random() < 0.2) changed.copy(changed, at, pick(changed.length - 64), pick(changed.length)); // a piece from elsewhere
    if (block !== undefined) changed.writeUInt32LE(lookup3(changed.subarray(block.start, block.end)), block.end);
  }
  return random() < 0.05 ? changed.subarray(0, pick(changed.length)) : changed;
}

/** Open a file, list it, and read some of its datasets; gives the kinds of the outcomes. */
async function outcomes(bytes: Uint8Array, random: Random): Promise<string[]> {
  const sources = createMemorySources({ [URL]: bytes });
  const attempt = async (job: () => Promise<void>): Promise<string> => {
    try {
      await job();
      return 'read';
    } catch (error) {
      if (isCubeError(error)) return error.problem.kind;
      throw error;
    }
  };
  const read = (variable: string) =>
    attempt(async () => {
      const { levels } = await openHdf5(sources, URL, { variable });
      for (const level of levels) await readWholeArray(level, sources, { maxSamples: 2 ** 14 });
    });
  let known: readonly string[] = [];
  const found = [await attempt(async () => void ({ known } = await openHdf5Hierarchy(sources.open(URL), {})))];
  for (let i = 0; i < Math.min(2, known.length); i++)
    found.push(await read(known[Math.floor(random() * known.length)]!));
  if (random() < 0.2) found.push(await attempt(async () => void (await openHdf5(sources, URL))));
  return found;
}

describe('mutated files', () => {
  it(`give samples or a CubeError, soon and in little memory (${MUTANTS_A_FILE} of each, seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const counts = new Map<string, number>();
    let [longest, most] = [0, 0];
    for (const name of FIXTURES) {
      const bytes = readFileSync(fixture(name));
      const sealed = sealedBlocks(bytes);
      for (let i = 0; i < MUTANTS_A_FILE; i++) {
        const started = performance.now();
        for (const kind of await outcomes(mutate(bytes, sealed, random), random))
          counts.set(kind, (counts.get(kind) ?? 0) + 1);
        longest = Math.max(longest, performance.now() - started);
        most = Math.max(most, process.memoryUsage().arrayBuffers);
      }
    }
    expect(longest).toBeLessThan(LONGEST_MS);
    expect(most).toBeLessThan(MOST_BYTES);
    for (const kind of ['read', 'invalid-data', 'unsupported']) expect(counts.get(kind), kind).toBeGreaterThan(100);
  }, 300_000);

  it('cannot have the same bytes parsed again and again', async () => {
    const bytes = new Uint8Array(2 ** 20);
    const reader = await PageReader.open(createMemorySources({ [URL]: bytes }).open(URL), {});
    const metadata = new Metadata(reader, 0, { offset: 8, length: 8 });
    const parse = async () => {
      for (let i = 0; i < 1000; i++) await metadata.block(0, bytes.length, 'heap');
    };
    await expect(parse()).rejects.toMatchObject({ problem: { kind: 'unsupported' } });
  });

  it('give an error wherever they are cut off', async () => {
    const bytes = readFileSync(fixture('cube.nc'));
    for (let length = 0; length < bytes.length; length += 97) {
      const sources = createMemorySources({ [URL]: bytes.subarray(0, length) });
      await expect(openHdf5(sources, URL, { variable: 'packed' })).rejects.toMatchObject({
        problem: { kind: 'invalid-data' },
      });
    }
  });
});
