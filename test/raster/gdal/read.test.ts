import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemOf } from '../../../src/errors.js';
import type { Samples } from '../../../src/grid/dtype.js';
import { createSources } from '../../../src/io/sources.js';
import { gdalStatus } from '../../../src/native/load.js';
import { bytesOf } from '../../../src/native/sample-bytes.js';
import { askGdal } from '../../../src/raster/gdal/ask-gdal.js';
import { openAllRasters } from '../../../src/raster/open-all.js';
import { openNamedRaster } from '../../../src/raster/open-named.js';
import { openRaster } from '../../../src/raster/open.js';
import type { Raster } from '../../../src/raster/raster.js';
import type { RasterLevel } from '../../../src/raster/level.js';
import { readPlane } from '../../../src/raster/read-plane.js';
import { runPython } from '../../python.js';
import { GDAL_ORACLE, gdalAbsent, gdalSuite } from './gdal-suite.js';

type Facts = {
  readonly nodata: number | null;
  readonly dtypes: readonly string[];
  readonly epsg: number | null;
  readonly transform: readonly number[];
  readonly scales: readonly number[];
  readonly levels: readonly { readonly shape: readonly number[]; readonly sha256: string }[];
};

const sources = createSources();
let folder = '';

async function planes(level: RasterLevel): Promise<Samples[]> {
  const [bands, height, width] = level.shape;
  const window = { col: 0, row: 0, width: width!, height: height! };
  return Promise.all(Array.from({ length: bands! }, (_, b) => readPlane(level, { at: [b, 0, 0], window }, sources)));
}

async function hashOf(level: RasterLevel): Promise<string> {
  const hash = createHash('sha256');
  for (const plane of await planes(level)) hash.update(bytesOf(plane));
  return hash.digest('hex');
}

async function expectSame(raster: Raster, facts: Facts): Promise<void> {
  const [level] = raster.levels;
  expect(level!.crs).toEqual(facts.epsg === null ? null : { kind: 'epsg', code: facts.epsg });
  expect(level!.transform).toEqual(facts.transform);
  expect(raster.bands.map(({ dtype }) => dtype)).toEqual(facts.dtypes);
  expect(raster.levels.map(({ shape }) => shape)).toEqual(facts.levels.map(({ shape }) => shape));
  for (const [i, each] of raster.levels.entries())
    expect(await hashOf(each), `level ${i}`).toBe(facts.levels[i]!.sha256);
}

describe.skipIf(gdalAbsent !== null)(gdalSuite('files that GDAL reads'), () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heliocube-gdal-'));
    await runPython(GDAL_ORACLE, ['make', folder]);
  }, 120_000);
  afterAll(async () => {
    await sources.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['image.jp2', 'tiled.jp2', 'image.vrt', 'small.grib'])(
    '%s is what rasterio reads: levels, samples, place',
    async (name) => {
      const path = join(folder, name);
      const [facts] = (await runPython(GDAL_ORACLE, ['facts', path])) as Facts[];
      const raster = await openRaster(sources, path);
      await expectSame(raster, facts!);
      // What lies in a file beside it (.aux.xml) is not read, and said so.
      if (name.endsWith('.jp2')) expect(raster.problems).toEqual([`${path}.aux.xml is not read`]);
      else expect(raster.bands.map(({ nodata }) => nodata)).toEqual(raster.bands.map(() => [facts!.nodata]));
    },
    60_000,
  );

  it('each variable of a NetCDF classic file is a raster', async () => {
    const path = join(folder, 'classic.nc');
    const names = ['Band1', 'Band2'];
    const facts = (await runPython(GDAL_ORACLE, ['facts', ...names.map((n) => `netcdf:${path}:${n}`)])) as Facts[];
    const all = await openAllRasters(sources, path);
    for (const [i, variable] of names.entries()) {
      await expectSame(await openRaster(sources, path, { variable }), facts[i]!);
      await expectSame(all[i]!, facts[i]!);
    }
    expect(await openRaster(sources, path).catch(problemOf)).toMatchObject({
      kind: 'invalid-argument',
      what: expect.stringContaining('has 2 rasters: Band1, Band2'),
    });
    expect(await openRaster(sources, path, { variable: 'x' }).catch(problemOf)).toMatchObject({ kind: 'not-found' });
    const image = join(folder, 'tiled.jp2');
    expect((await openRaster(sources, image, { variable: 'x' })).driver).toBe('gdal');
    const named = await openNamedRaster(sources, image, { variable: 'x' }).catch(problemOf);
    expect(named).toMatchObject({ kind: 'invalid-argument' });
  });

  it('both bands of an HDF4 file are what was written', async () => {
    const path = join(folder, 'image.hdf');
    const script = fileURLToPath(new URL('write-hdf4.cjs', import.meta.url));
    const status = gdalStatus();
    const run = spawnSync(process.execPath, [script, status.kind === 'loaded' ? status.path : '', path]);
    expect(run.status, String(run.stderr)).toBe(0);
    const { levels } = await openRaster(sources, path);
    expect(levels[0]).toMatchObject({ shape: [2, 70, 90], dtype: 'int16', crs: { kind: 'epsg', code: 32_633 } });
    const expected = [1, 2].map((band) => Int16Array.from({ length: 6300 }, (_, i) => ((i * band * 13) % 3000) - 500));
    expect(await planes(levels[0]!)).toEqual(expected);
  });

  it('windows over the edges of chunks are the parts of the whole', async () => {
    const { levels } = await openRaster(sources, join(folder, 'tiled.jp2'));
    const level = levels[0]!;
    const whole = (await planes(level))[1]!;
    const window = { col: 500, row: 1000, width: 530, height: 300 };
    const part = await readPlane(level, { at: [1, 0, 0], window }, sources);
    for (let row = 0; row < window.height; row += 37) {
      const from = (window.row + row) * 1500 + window.col;
      const own = part.subarray(row * window.width, (row + 1) * window.width);
      expect(own).toEqual(whole.subarray(from, from + window.width));
    }
  });

  it('a file that was changed since it was opened, or is cut off, is an error', async () => {
    const path = join(folder, 'changed.jp2');
    copyFileSync(join(folder, 'tiled.jp2'), path);
    const raster = await openRaster(sources, path);
    utimesSync(path, 1, 1);
    expect(await hashOf(raster.levels[0]!).catch(problemOf)).toMatchObject({ kind: 'changed' });
    truncateSync(path, 400_000);
    const cut = await openRaster(sources, path).catch(problemOf);
    const problem = 'levels' in cut ? await hashOf(cut.levels[0]!).catch(problemOf) : cut;
    expect(problem).toMatchObject({ kind: 'invalid-data' });
  });

  it('GDAL itself makes no request, whatever a VRT says', async () => {
    let requests = 0;
    const server = createServer((_, response) => void (requests++, response.writeHead(404).end()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `/vsicurl/http://127.0.0.1:${port}/a.tif`;
    const path = join(folder, 'remote.vrt');
    writeFileSync(
      path,
      readFileSync(join(folder, 'image.vrt'), 'utf8').replaceAll('relativeToVRT="1">image.tif', `>${url}`),
    );
    try {
      // Past the check that `openRaster` makes, which refuses the file.
      const place = { url: path, name: path, driver: 'VRT' };
      const window = { col: 0, row: 0, width: 8, height: 8 };
      const read = await askGdal('read', { ...place, version: '', band: 1, overview: null, window }, path).catch(
        problemOf,
      );
      expect(read).toMatchObject({ kind: 'invalid-data' });
      expect(await openRaster(sources, path).catch(problemOf)).toMatchObject({ kind: 'forbidden' });
      expect(requests).toBe(0);
    } finally {
      server.close();
    }
  });

  it('damaged files end in a problem or in samples, never in a crash of ours', async () => {
    for (const name of ['tiled.jp2', 'small.grib', 'classic.nc', 'image.vrt']) {
      const bytes = readFileSync(join(folder, name));
      for (let seed = 1; seed <= 6; seed++) {
        const damaged = Uint8Array.from(bytes);
        for (let i = 0; i < 40; i++)
          damaged[16 + ((i * 7919 * seed) % Math.min(damaged.length - 16, 3000))]! ^= seed * 37;
        const path = join(folder, `damaged-${seed}-${name}`);
        writeFileSync(path, damaged);
        const opened = await openAllRasters(sources, path).catch(problemOf);
        const problem = 'kind' in opened ? opened : await hashOf(opened[0]!.levels[0]!).catch(problemOf);
        expect(typeof problem === 'string' ? 'samples' : problem.kind).toMatch(
          /^(samples|invalid-data|unsupported|no-data|forbidden|not-found)$/,
        );
      }
    }
  }, 120_000);
});
