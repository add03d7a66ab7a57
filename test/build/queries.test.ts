import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import { buildReferences } from '../../src/build/build-references.js';
import { openRaster } from '../../src/build/raster-handle.js';
import { startFaultServer, type FaultServer } from '../fault-server.js';
import { temporaryFolder } from '../lake/temporary.js';
import { fixture } from '../raster/hdf5/fixtures.js';
import { buildSmall, samplesOf, SIDE, writeItems } from './small-items.js';

const folder = temporaryFolder();
const QUERY = 'sig=s3cr3t%2Fkey';
let server: FaultServer;

/** A server that answers nothing without the signature in the query. */
beforeAll(async () => {
  mkdirSync(join(folder, 'served'));
  writeFileSync(join(folder, 'served', 'cube.nc'), readFileSync(fixture('cube.nc')));
  server = await startFaultServer({
    root: join(folder, 'served'),
    intercept: ({ path }, response) => {
      if (path.includes(QUERY)) return false;
      response.writeHead(403).end();
      return true;
    },
  });
});
afterAll(() => server.close());

/** Items whose images lie on the server; gives the items, once with paths and once with signed addresses. */
function signedItems(name: string): { readonly plain: string; readonly signed: string } {
  const value = ({ row, col }: { row: number; col: number }) => row * SIDE + col;
  const plain = writeItems(join(folder, 'served'), name, [{ id: 'a', images: { v: { value } } }]);
  const text = readFileSync(plain, 'utf8').replace(/"href":\s*"[^"]*?([^"/]+\.tif)"/g, (_, file: string) => {
    return `"href": "${server.url}${file}?${QUERY}"`;
  });
  const signed = join(folder, `${name}-signed.json`);
  writeFileSync(signed, text);
  return { plain, signed };
}

/** Files below a folder that hold the signature. */
function leaks(place: string): string[] {
  return readdirSync(place, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => /s3cr3t/.test(readFileSync(path).toString('latin1')));
}

describe('files whose address has a signature in its query', () => {
  it('are read through it: GeoTIFF', async () => {
    signedItems('geotiff');
    const file = readdirSync(join(folder, 'served')).find(
      (name) => name.startsWith('geotiff') && name.endsWith('.tif'),
    )!;
    const raster = await openRaster(`${server.url}${file}?${QUERY}`);
    const { data } = await raster.read({});
    expect(Array.from(data as Uint16Array)).toEqual(Array.from({ length: SIDE ** 2 }, (_, i) => i));
    expect(raster.info.url).not.toContain('s3cr3t');
    await raster.close();
  });

  it('are read through it: NetCDF-4', async () => {
    const [near, far] = await Promise.all(
      [fixture('cube.nc'), `${server.url}cube.nc?${QUERY}`].map(async (place) => {
        const raster = await openRaster(place, { variable: 'packed' });
        const { data } = await raster.read({});
        await raster.close();
        return data;
      }),
    );
    expect(far).toEqual(near);
  });

  it.each([0, 2])('are built from with %i workers, and the signature is written nowhere', async (workers) => {
    const name = `build${workers}`;
    const { plain, signed } = signedItems(name);
    const grid = { extent: 'items', chunk: 16 };
    await buildSmall(folder, `${name}-plain`, plain, { grid });
    const out = join(folder, `${name}-out`);
    const spec = { name: 'small', source: { stac: signed }, bands: ['v'], grid };
    const { status } = await buildCube({ spec: spec as never, folder, out, workers });
    expect(status).toBe('complete');
    expect(await samplesOf(folder, `${name}-out`)).toEqual(await samplesOf(folder, `${name}-plain`));
    expect(leaks(out)).toEqual([]);
    const resumed = await buildCube({ spec: spec as never, folder, out, workers, resume: true });
    expect(resumed.counts.resumed).toBe(resumed.counts.tasks);
  });

  it('are referred to without it', async () => {
    const { signed } = signedItems('refs');
    const place = join(folder, 'refs-out');
    mkdirSync(place);
    const spec = { name: 'refs', source: { stac: signed }, bands: ['v'] };
    await buildReferences({ spec: spec as never, kerchunk: join(place, 'refs.json'), zarr: join(place, 'refs.zarr') });
    expect(leaks(place)).toEqual([]);
  });
});
