import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { kerchunkDocuments } from '../../src/cube/virtual/kerchunk-metadata.js';
import type { VirtualArray, VirtualGroup } from '../../src/cube/virtual/virtual-store.js';
import { writeIcechunk } from '../../src/cube/virtual/write-icechunk.js';
import { virtualArrayJson } from '../../src/cube/virtual/zarr-metadata.js';
import { metadataBytes } from '../../src/cube/writer/array-json.js';
import { isCubeError } from '../../src/errors.js';
import type { Samples } from '../../src/grid/dtype.js';
import { createSources } from '../../src/io/sources.js';
import { icechunkStatus } from '../../src/native/load.js';
import type { RasterLevel } from '../../src/raster/level.js';
import { openRaster } from '../../src/raster/open.js';
import { parseArrayMetadata } from '../../src/raster/zarr/array-metadata.js';
import { nodesOf } from '../../src/raster/zarr/hierarchy.js';
import { parseMetadataJson, type JsonObject } from '../../src/raster/zarr/json.js';
import { readWholeArray } from '../../src/raster/zarr/read-array.js';
import { ICECHUNK_PYTHON } from '../python.js';
import { hasShared, sharedPath } from '../shared.js';
import { updateSupported } from '../supported-section.js';
import { below, stackFile } from './virtual-stack.js';
import { formatVirtualTable, type VirtualResult } from './virtual-table.js';

/** Larger files are the same codecs once more. */
const MAX_SAMPLES = 2 ** 26;
const FOLDERS = ['data/conformance/geotiff'];

const SCRIPT = fileURLToPath(new URL('virtual_check.py', import.meta.url));

const sources = createSources();
const folder = mkdtempSync(join(tmpdir(), 'virtual-'));
afterAll(async () => {
  await sources.close();
  rmSync(folder, { recursive: true });
});

function files(): string[] {
  return FOLDERS.flatMap((place) => {
    const names = readdirSync(sharedPath(place), { recursive: true, encoding: 'utf8' });
    return names.filter((name) => /\.tiff?$/i.test(name)).map((name) => `${place}/${name}`);
  }).sort();
}

/** Bits, so that NaN equals itself. */
function bits(samples: Samples): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
}

async function readLevel(level: RasterLevel): Promise<Samples> {
  return readWholeArray(level, sources, { maxSamples: MAX_SAMPLES });
}

/** An array of references as a Zarr reader finds it. */
function arrayLevel(array: VirtualArray, documents: ReadonlyMap<string, JsonObject>): RasterLevel {
  const node = { ...nodesOf(documents, 'file:///store').get(array.name)!, refs: array.refs };
  const { shape, chunkShape, dtype, codecs, fill } = parseArrayMetadata(node);
  const stored = { shape, chunkShape, dtype, codecs, fill, refs: array.refs, edge: 'padded' } as const;
  return { url: node.url, identity: null, axes: null, crs: null, transform: null, ...stored };
}

/** One band of samples in (y, x, band) order, or (band, y, x). */
function band(samples: Samples, count: number, index: number, last: boolean): Samples {
  const size = samples.length / count;
  if (!last) return samples.slice(index * size, (index + 1) * size);
  const out = samples.slice(0, size);
  for (let i = 0; i < size; i++) out[i] = samples[i * count + index]!;
  return out;
}

async function compare(group: VirtualGroup, level: RasterLevel): Promise<string | null> {
  const own = { ...group, path: '' };
  const v2 = new Map(kerchunkDocuments({ groups: [own] }).map(({ key, json }) => [key, json as JsonObject]));
  const whole = await readLevel(level);
  const axis = level.axes!.band;
  const bands = axis === null ? 1 : level.shape[axis]!;
  for (const [i, array] of own.arrays.entries()) {
    const v3 = new Map([
      [`${array.name}/zarr.json`, parseMetadataJson(metadataBytes(virtualArrayJson(array)), 'memory:')],
    ]);
    const [two, three] = [await readLevel(arrayLevel(array, v2)), await readLevel(arrayLevel(array, v3))];
    const interleaved = array.dimensions.includes('band');
    for (let b = 0; b < (interleaved ? bands : 1); b++) {
      const expected = bits(band(whole, bands, interleaved ? b : i, axis === level.shape.length - 1));
      if (!bits(interleaved ? band(two, bands, b, true) : two).equals(expected)) return `${array.name} differs in v2`;
      if (!bits(interleaved ? band(three, bands, b, false) : three).equals(expected))
        return `${array.name} differs in v3`;
    }
  }
  return null;
}

async function judge(file: string): Promise<{ result: VirtualResult; groups: VirtualGroup[] } | null> {
  const raster = await openRaster(sources, sharedPath(file)).catch((error: unknown) => {
    if (isCubeError(error)) return null;
    throw error;
  });
  // What cannot be opened has a table of its own.
  if (raster === null) return null;
  const store = stackFile(raster);
  const [refusal] = store.refused;
  if (refusal !== undefined) {
    const why = refusal.what.startsWith('strips of') ? 'compressed strips that do not divide the rows' : refusal.what;
    return { result: { kind: 'refused', file, why }, groups: [] };
  }
  for (const [i, group] of store.groups.entries()) {
    const level = raster.levels[i]!;
    if (level.shape.reduce((product, size) => product * size, 1) > MAX_SAMPLES) continue;
    const wrong = await compare(group, level);
    if (wrong !== null) throw new Error(`${file}, level ${i}: ${wrong}`);
  }
  const stored = store.groups[0]!.arrays[0]!.codecs.v3.map((codec) => String(codec['name'])).join(' → ');
  return { result: { kind: 'exact', file, stored, levels: store.groups.length }, groups: [...store.groups] };
}

describe.skipIf(!hasShared)('real GeoTIFFs as virtual arrays', () => {
  const found: { result: VirtualResult; groups: VirtualGroup[] }[] = [];

  it('hold every sample of the file, or are refused by name, and the table says so', { timeout: 600_000 }, async () => {
    for (const file of files()) {
      const judged = await judge(file);
      if (judged !== null) found.push(judged);
    }
    const results = found.map(({ result }) => result);
    updateSupported('virtual', formatVirtualTable(results));
    expect(results.filter(({ kind }) => kind === 'exact').length).toBeGreaterThan(70);
  });

  it.skipIf(!existsSync(ICECHUNK_PYTHON) || icechunkStatus().kind === 'absent')(
    'are read by Python through Icechunk, equal to rasterio; all that virtual-tiff takes is there',
    { timeout: 900_000 },
    async () => {
      const groups = found.flatMap(({ groups: own, result }, i) =>
        result.kind === 'exact' ? below(`f${i}`, { groups: own, refused: [], notes: [] }) : [],
      );
      const root: VirtualGroup = { path: '', attributes: {}, coordinates: [], arrays: [] };
      await writeIcechunk({ groups: [root, ...groups] }, join(folder, 'all'), {
        overwrite: false,
        message: 'all',
        metadata: {},
      });
      const input = found.map(({ result }, i) => ({
        file: sharedPath(result.file),
        group: result.kind === 'exact' ? `f${i}` : null,
      }));
      const { stdout, stderr } = spawnSync(ICECHUNK_PYTHON, [SCRIPT, join(folder, 'all')], {
        input: JSON.stringify(input),
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      });
      if (stdout === '') throw new Error(stderr);
      const answer = JSON.parse(stdout) as { equal: number; wrong: string[]; onlyTheirs: string[] };
      expect(answer.wrong).toEqual([]);
      expect(answer.onlyTheirs).toEqual([]);
      expect(answer.equal).toBeGreaterThan(70);
    },
  );
});
