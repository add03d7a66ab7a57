import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReferences } from '../../src/build/build-references.js';
import { openRaster } from '../../src/build/raster-handle.js';
import { createSources } from '../../src/io/sources.js';
import { openAllRasters } from '../../src/raster/open-all.js';
import { hasShared, sharedPath } from '../shared.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'references-netcdf-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function bits(place: string, variable: string): Promise<Buffer> {
  const raster = await openRaster(place, { variable });
  try {
    const { data } = await raster.read({});
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  } finally {
    await raster.close();
  }
}

describe.skipIf(!hasShared)('NetCDF cubes as virtual arrays', () => {
  it.each(['s2.nc', 's1.nc', 'base_features.nc'])(
    '%s: every variable, bit by bit',
    { timeout: 120_000 },
    async (name) => {
      const file = sharedPath('data', 'imagery', 's2-cube-belgium-nc', name);
      const sources = createSources();
      const rasters = await openAllRasters(sources, file);
      await sources.close();
      const bands = rasters.map(({ url }) => url.split('/').at(-1)!);
      expect(bands.length).toBeGreaterThan(1);
      const assets = Object.fromEntries(bands.map((band) => [band, { href: file }]));
      const fields = { type: 'Feature', stac_version: '1.0.0', id: name, geometry: null, links: [] };
      const item = { ...fields, properties: { datetime: '2020-01-01T00:00:00Z' }, assets };
      await writeFile(join(folder, `${name}.json`), JSON.stringify({ type: 'FeatureCollection', features: [item] }));
      const place = join(folder, `${name}.refs.json`);
      const spec = { name: 'netcdf', source: { stac: join(folder, `${name}.json`) }, bands };
      const { groups, refused } = await buildReferences({ spec, kerchunk: place });
      expect(refused).toEqual([]);
      expect(groups).toHaveLength(1);
      expect(groups[0]!.times).toBe(rasters[0]!.dimensions[0]!.size);
      for (const band of bands) expect((await bits(place, band)).equals(await bits(file, band))).toBe(true);
    },
  );
});
