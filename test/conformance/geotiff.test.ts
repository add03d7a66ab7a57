import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isCubeError } from '../../src/errors.js';
import { memoryBytes } from '../../src/grid/dtype.js';
import { createSources } from '../../src/io/sources.js';
import { openRaster } from '../../src/raster/open.js';
import type { RasterLevel } from '../../src/raster/level.js';
import type { Raster } from '../../src/raster/raster.js';
import { readPlane } from '../../src/raster/read-plane.js';
import { pythonWithOracles, runPython } from '../python.js';
import { hasShared, sharedPath } from '../shared.js';
import { updateSupported } from '../supported-section.js';
import { formatTable, JPEG_TOLERANCE, type FileResult } from './geotiff-table.js';

/** Planes are read and hashed in windows of at most so many bytes. */
const WINDOW_BYTES = 64 * 1024 * 1024;

const expectedLevel = z.object({
  width: z.number(),
  height: z.number(),
  dtype: z.string(),
  /** Neither: JPEG samples of a GDAL whose decoder is no yardstick. */
  bands: z.array(z.object({ sha256: z.string().nullable(), raw: z.string().nullable() })),
  mask: z.string().nullable(),
});
const expectedFile = z.union([
  z.object({ error: z.string() }),
  z.object({
    levels: z.array(expectedLevel),
    transform: z.array(z.number()).nullable(),
    epsg: z.number().nullable(),
    hasCrs: z.boolean(),
    nodata: z.string().nullable(),
  }),
]);
const expectedAnswer = z.object({ gdal: z.string(), files: z.record(z.string(), expectedFile) });
type Expected = Exclude<z.infer<typeof expectedFile>, { error: string }>;

const sources = createSources();

/** Every TIFF below a folder of the shared data, by name. */
function tiffsBelow(folder: string): string[] {
  const names = readdirSync(sharedPath(folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\.tiff?$/i.test(name)).map((name) => `${folder}/${name}`);
}

/** The samples of one plane in windows of whole rows, from the top. */
async function* planeParts(level: RasterLevel, band: number): AsyncGenerator<Uint8Array> {
  const { x, y, band: bandAxis } = level.axes!;
  const [width, height] = [level.shape[x]!, level.shape[y]!];
  const chunkRows = level.chunkShape[y]!;
  const wanted = Math.floor(WINDOW_BYTES / (width * memoryBytes(level.dtype)) / chunkRows) * chunkRows;
  const rows = Math.max(chunkRows, wanted);
  const at = level.shape.map((_, d) => (d === bandAxis ? band : NaN));
  for (let row = 0; row < height; row += rows) {
    const window = { col: 0, row, width, height: Math.min(rows, height - row) };
    const { buffer, byteOffset, byteLength } = await readPlane(level, { at, window }, sources);
    yield new Uint8Array(buffer, byteOffset, byteLength);
  }
}

async function planeHash(level: RasterLevel, band: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of planeParts(level, band)) hash.update(part);
  return hash.digest('hex');
}

async function largestDifference(level: RasterLevel, band: number, rawPath: string): Promise<number> {
  const expected = readFileSync(rawPath);
  let [at, largest] = [0, 0];
  for await (const part of planeParts(level, band)) {
    for (let i = 0; i < part.length; i++) largest = Math.max(largest, Math.abs(part[i]! - expected[at + i]!));
    at += part.length;
  }
  expect(at).toBe(expected.length);
  return largest;
}

/** Masks as 0 and 1, as the expected hashes have them. */
async function maskHash(mask: RasterLevel): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of planeParts(mask, 0)) hash.update(part.map((value) => (value === 0 ? 0 : 1)));
  return hash.digest('hex');
}

/** Read all of a file; what is wrong with it, level by level, and the largest difference where a little is allowed. */
async function compare(
  raster: Raster,
  expected: Expected,
  rawFolder: string,
): Promise<{ wrong: string[]; difference: number }> {
  const wrong: string[] = [];
  let difference = 0;
  const sizes = raster.levels.map(({ shape, axes }) => [shape[axes!.x], shape[axes!.y]]);
  const expectedSizes = expected.levels.map(({ width, height }) => [width, height]);
  if (JSON.stringify(sizes) !== JSON.stringify(expectedSizes)) {
    return { wrong: [`levels ${JSON.stringify(sizes)}, expected ${JSON.stringify(expectedSizes)}`], difference };
  }
  for (const [i, level] of raster.levels.entries()) {
    const { bands, mask, dtype } = expected.levels[i]!;
    if (raster.bands.length !== bands.length) wrong.push(`${raster.bands.length} bands, expected ${bands.length}`);
    // GDAL before 3.11 shows half floats as float32; the script makes all versions alike.
    if ((level.dtype === 'float16' ? 'float32' : level.dtype) !== dtype)
      wrong.push(`${level.dtype}, expected ${dtype}`);
    for (const [band, { sha256, raw }] of bands.entries()) {
      if (raw !== null) difference = Math.max(difference, await largestDifference(level, band, join(rawFolder, raw)));
      const hash = await planeHash(level, band);
      if (sha256 !== null && hash !== sha256) wrong.push(`level ${i} band ${band + 1} has other samples`);
    }
    const own = raster.masks[i] ?? null;
    if ((own === null ? null : await maskHash(own)) !== mask) wrong.push(`level ${i} has another mask`);
  }
  return { wrong, difference };
}

function compareGround(raster: Raster, expected: Expected): string[] {
  const wrong: string[] = [];
  const { crs, transform } = raster.levels[0]!;
  const near = transform?.every(
    (value, i) => Math.abs(value - (expected.transform?.[i] ?? NaN)) <= 1e-9 * Math.max(1, Math.abs(value)),
  );
  if (transform === null ? expected.transform !== null : near !== true) {
    wrong.push(`transform ${transform?.join(' ')}, expected ${expected.transform?.join(' ')}`);
  }
  if ((crs === null) === expected.hasCrs)
    wrong.push(`CRS ${JSON.stringify(crs)}, expected ${expected.epsg ?? expected.hasCrs}`);
  const nodata = raster.bands[0]!.nodata.map((value) => (Number.isNaN(value) ? 'nan' : value));
  const expectedNodata = expected.nodata === null ? [] : [expected.nodata === 'nan' ? 'nan' : Number(expected.nodata)];
  if (JSON.stringify(nodata) !== JSON.stringify(expectedNodata))
    wrong.push(`nodata ${nodata}, expected ${expected.nodata}`);
  if (crs?.kind === 'epsg' && crs.code !== expected.epsg)
    wrong.push(`EPSG:${crs.code}, expected EPSG:${expected.epsg}`);
  return wrong;
}

async function readFile(name: string, expected: z.infer<typeof expectedFile>, rawFolder: string): Promise<FileResult> {
  const gdalReads = !('error' in expected);
  try {
    const raster = await openRaster(sources, sharedPath(name));
    if ('error' in expected) return { name, gdalReads, outcome: { kind: 'read', raster, wrong: [], difference: 0 } };
    const { wrong, difference } = await compare(raster, expected, rawFolder);
    return {
      name,
      gdalReads,
      outcome: { kind: 'read', raster, wrong: [...wrong, ...compareGround(raster, expected)], difference },
    };
  } catch (error) {
    if (!isCubeError(error, 'unsupported')) throw error;
    return { name, gdalReads, outcome: { kind: 'refused', feature: error.problem.feature } };
  }
}

describe.skipIf(!hasShared || pythonWithOracles() === null)('every GeoTIFF of the real data', () => {
  const rawFolder = mkdtempSync(join(tmpdir(), 'heliocube-geotiff-'));
  const results: FileResult[] = [];

  beforeAll(async () => {
    const names = [...tiffsBelow('data/conformance/geotiff'), ...tiffsBelow('data/imagery')].sort();
    const script = fileURLToPath(new URL('./geotiff_expected.py', import.meta.url));
    const paths = names.map((name) => sharedPath(name));
    const answer = expectedAnswer.parse(await runPython(script, [rawFolder], JSON.stringify(paths)));
    for (const name of names) results.push(await readFile(name, answer.files[sharedPath(name)]!, rawFolder));
  });

  afterAll(async () => {
    rmSync(rawFolder, { recursive: true, force: true });
    await sources.close();
  });

  it('has the samples, masks and georeferencing that GDAL has, or is refused by name', () => {
    const wrong = results.flatMap(({ name, outcome }) =>
      outcome.kind === 'read' ? outcome.wrong.map((what) => `${name}: ${what}`) : [],
    );
    expect(wrong).toEqual([]);
  });

  it('differs by no more than a JPEG decoder may', () => {
    const differences = results.map(({ outcome }) => (outcome.kind === 'read' ? outcome.difference : 0));
    expect(Math.max(...differences)).toBeLessThanOrEqual(JPEG_TOLERANCE);
  });

  it('is read in at least 90 of 100 cases that GDAL reads', () => {
    const readable = results.filter(({ gdalReads, name }) => gdalReads && name.startsWith('data/conformance/'));
    const read = readable.filter(({ outcome }) => outcome.kind === 'read');
    expect(readable.length).toBeGreaterThan(80);
    expect(read.length / readable.length).toBeGreaterThanOrEqual(0.9);
  });

  it('stands in docs/supported.md as it was found', () => {
    updateSupported('geotiff', formatTable(results));
  });
});
