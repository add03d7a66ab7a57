import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isCubeError } from '../../src/errors.js';
import { createSources } from '../../src/io/sources.js';
import type { RasterLevel } from '../../src/raster/level.js';
import { openZarr } from '../../src/raster/zarr/open.js';
import { readWholeArray } from '../../src/raster/zarr/read-array.js';
import { pythonWithOracles, runPython } from '../python.js';
import { hasShared, sharedPath } from '../shared.js';
import { updateSupported } from '../supported-section.js';
import { formatZarrTable, type ArrayResult } from './zarr-table.js';

const SCRIPT = fileURLToPath(new URL('zarr_expected.py', import.meta.url));
const expectedArray = z.union([
  z.object({ error: z.string() }),
  z.object({ shape: z.array(z.number()), dtype: z.string(), sha256: z.string() }),
]);
const expectedAnswer = z.object({ zarr: z.string(), arrays: z.record(z.string(), expectedArray) });

const sources = createSources();
afterAll(() => sources.close());

/** Open and read one array, and say what became of it. */
async function compare(folder: string, name: string, expected: z.infer<typeof expectedArray>): Promise<ArrayResult> {
  const peerReads = !('error' in expected);
  try {
    const [level] = (await openZarr(sources, join(folder, name))).levels;
    const samples = await readWholeArray(level!, sources, { maxSamples: 2 ** 26 });
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const same = !('error' in expected) && sha256 === expected.sha256 && level!.dtype === expected.dtype;
    if (!same) return { name, kind: 'different', what: JSON.stringify(expected), peerReads };
    expect(level!.shape).toEqual(expected.shape);
    return { name, kind: 'exact', what: describeLevel(level!), peerReads };
  } catch (error) {
    if (isCubeError(error, 'unsupported')) return { name, kind: 'refused', what: error.problem.feature, peerReads };
    return { name, kind: 'error', what: String(error), peerReads };
  }
}

function describeLevel({ dtype, codecs, refs }: RasterLevel): string {
  const chain = codecs.filter(({ name }) => name !== 'bytes').map(({ name }) => name);
  const stored = chain.length === 0 ? 'uncompressed' : chain.toReversed().join(', ');
  return `${refs.kind === 'shards' ? `shards; ${stored}` : stored} | ${dtype}`;
}

async function compareAll(mode: 'read' | 'matrix', folder: string): Promise<ArrayResult[]> {
  const { arrays } = expectedAnswer.parse(await runPython(SCRIPT, [mode, folder]));
  const results: ArrayResult[] = [];
  for (const [name, expected] of Object.entries(arrays)) results.push(await compare(folder, name, expected));
  return results;
}

const failed = (results: readonly ArrayResult[]) =>
  results.filter(({ kind, peerReads }) => kind === 'different' || (kind === 'error' && peerReads));

describe.skipIf(pythonWithOracles() === null)(
  'arrays that zarr-python writes, of every type, codec, order and shard',
  () => {
    let folder = '';
    let results: ArrayResult[] = [];
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'zarr-matrix-'));
      results = await compareAll('matrix', folder);
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it('are exact or refused by name', () => {
      expect(results.length).toBeGreaterThan(90);
      expect(failed(results)).toEqual([]);
    });

    it('are refused only where we say so', () => {
      const refused = results.filter(({ kind }) => kind === 'refused').map(({ name, what }) => `${name}: ${what}`);
      expect(refused.toSorted()).toEqual([
        'v2-bz2: Zarr codec bz2',
        'v2-complex: Zarr data type <c8',
        'v2-datetime: Zarr data type datetime64',
        'v2-lzma: Zarr codec lzma',
        'v2-text: Zarr data type <U5',
        'v3-complex: Zarr data type complex64',
        'v3-lzma: Zarr codec lzma',
        'v3-shard-nested: Zarr nested sharding_indexed',
      ]);
    });
  },
);

describe.skipIf(!hasShared || pythonWithOracles() === null)('real Zarr stores against zarr-python', () => {
  it('every array is exact or refused by name, and the table says so', async () => {
    const results = await compareAll('read', sharedPath('data/conformance/zarr'));
    expect(failed(results)).toEqual([]);
    const readable = results.filter(({ peerReads }) => peerReads);
    const exact = readable.filter(({ kind }) => kind === 'exact');
    expect(exact.length / readable.length).toBeGreaterThanOrEqual(0.9);
    updateSupported('zarr', formatZarrTable(results));
  });
});
