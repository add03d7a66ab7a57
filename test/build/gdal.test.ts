import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import { buildReferences } from '../../src/build/build-references.js';
import { openRaster } from '../../src/build/raster-handle.js';
import { scanReferences } from '../../src/build/scan-references.js';
import { problemOf } from '../../src/errors.js';
import { temporaryFolder } from '../lake/temporary.js';
import { runPython } from '../python.js';
import { GDAL_ORACLE, gdalAbsent, gdalSuite } from '../raster/gdal/gdal-suite.js';

const folder = temporaryFolder();
const NAMES = { jp2: 'image.jp2', tiff: 'image.tif' };

/** An item whose one asset is the image in this format. */
function specOf(format: keyof typeof NAMES, more: object = {}): object {
  const fields = { type: 'Feature', stac_version: '1.0.0', geometry: null, links: [] };
  const properties = { datetime: '2024-06-01T10:00:00Z' };
  const item = {
    ...fields,
    id: 'one',
    properties,
    assets: { v: { href: `./${NAMES[format]}`, 'raster:bands': [{ nodata: 0 }] } },
  };
  const stac = join(folder, `${format}.json`);
  writeFileSync(stac, JSON.stringify({ type: 'FeatureCollection', features: [item] }));
  return { name: 'gdal', source: { stac }, bands: ['v'], ...more };
}

async function build(format: keyof typeof NAMES, out: string, workers: number): Promise<string> {
  const extent = [501_005, 5_290_005, 512_005, 5_299_005];
  // At 20 m the overviews of JPEG 2000 would be read, which the GeoTIFF has not.
  const grid = { crs: 'EPSG:32633', resolution: 10, extent };
  const spec = specOf(format, { grid, resampling: 'bilinear', output: { lake: 'none' } });
  await buildCube({ spec: spec as never, out: join(folder, out), workers });
  return join(folder, out, 'cube.zarr');
}

/** Hash of the files of an array. */
function hashOf(path: string): string {
  const hash = createHash('sha256');
  for (const name of (readdirSync(path, { recursive: true }) as string[]).sort()) {
    const file = join(path, name);
    if (statSync(file).isFile()) hash.update(name).update(readFileSync(file));
  }
  return hash.digest('hex');
}

describe.skipIf(gdalAbsent !== null)(gdalSuite('builds of files that GDAL reads'), () => {
  beforeAll(async () => {
    await runPython(GDAL_ORACLE, ['make', folder]);
  }, 120_000);

  it('are the same bytes in threads and serial, and those of the GeoTIFF', async () => {
    const serial = hashOf(join(await build('jp2', 'serial', 0), 'v'));
    expect(hashOf(join(await build('jp2', 'threads', 2), 'v'))).toBe(serial);
    expect(hashOf(join(await build('tiff', 'tiff', 0), 'v'))).toBe(serial);
  }, 120_000);

  it('the API reads windows of them', async () => {
    const [jp2, tiff] = await Promise.all([NAMES.jp2, NAMES.tiff].map((name) => openRaster(join(folder, name))));
    const window = { col: 300, row: 700, width: 900, height: 400 };
    expect((await jp2!.read({ window })).data).toEqual((await tiff!.read({ window })).data);
    await Promise.all([jp2!.close(), tiff!.close()]);
  });

  it('references to them are refused by name', async () => {
    const kerchunk = join(folder, 'refs.json');
    const built = await buildReferences({ spec: specOf('jp2') as never, kerchunk }).catch(problemOf);
    expect(JSON.stringify(built)).toContain('windows that GDAL reads (JP2OpenJPEG)');
    const lake = join(folder, 'lake.ducklake');
    const report = await scanReferences({ hrefs: [join(folder, NAMES.jp2)], lake }).catch(problemOf);
    expect(JSON.stringify(report)).toContain('windows that GDAL reads (JP2OpenJPEG)');
  });
});
