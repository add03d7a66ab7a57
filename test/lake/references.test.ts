import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import { createSources } from '../../src/io/sources.js';
import { openLake } from '../../src/lake/lake.js';
import { queryLake } from '../../src/lake/query.js';
import { openReferenceLake } from '../../src/lake/reference-lake.js';
import { BLOCK_CHUNKS, storeRaster } from '../../src/lake/store-raster.js';
import { openRaster } from '../../src/raster/open.js';
import { rasterKey } from '../../src/raster/raster-index.js';
import type { Raster } from '../../src/raster/raster.js';
import { hasShared, sharedPath } from '../shared.js';
import { catalogCases } from './catalogs.js';
import { manyTiles, openArray, openTiff, stored, TIFFS } from './reference-rasters.js';
import { sampleRun } from './sample-run.js';
import { temporaryFolder } from './temporary.js';

const root = temporaryFolder();
let lakes = 0;
const newPlace = () => ({ catalog: join(root, `${++lakes}.ducklake`), dataPath: join(root, `${lakes}`) });

/** Through a lake and back. */
async function roundTrip(rasters: readonly Raster[], variable: string | null = null): Promise<(Raster | undefined)[]> {
  const lake = await openReferenceLake(newPlace());
  await lake.commit(
    rasters.map((raster) => stored(raster, variable)),
    { replace: false },
  );
  const names = rasters.map(({ url }) => ({ url, variable }));
  const found = await lake.read(names);
  await lake.close();
  return names.map((name) => found.get(rasterKey(name)));
}

describe('a raster that went through a lake', () => {
  it('is the raster that it was: every GeoTIFF', async () => {
    const rasters = await Promise.all(Object.keys(TIFFS).map(openTiff));
    expect(rasters[0]!.masks.filter((mask) => mask !== null).length).toBe(2);
    expect(rasters.at(-1)!.problems.length).toBeGreaterThan(0);
    expect(await roundTrip(rasters)).toEqual(rasters);
  });

  it.each([false, true])('is the raster that it was: a Zarr array, sharded: %s', async (sharded) => {
    const raster = await openArray(sharded);
    expect(raster.levels[0]!.refs.kind).toBe(sharded ? 'shards' : 'objects');
    expect(raster.dimensions[0]!.timesMs).not.toBeNull();
    expect(await roundTrip([raster], 'v')).toEqual([raster]);
  });

  it('is the raster that it was: odd numbers, a CRS without a code, chunks of several files', async () => {
    const plain = manyTiles('https://data.example/odd', 3);
    const [level] = plain.levels;
    const identity = { size: 9, etag: null, modifiedMs: Date.UTC(2024, 5, 1, 1, 2, 3, 4) };
    const files = [
      { url: 'https://data.example/1', identity },
      { url: 's3://bucket/a b', identity: null },
    ];
    const offsets = Float64Array.of(0, 5, 2 ** 40);
    const lengths = Float64Array.of(9, 0, 3);
    const refs = { kind: 'files', files, file: Uint32Array.of(1, 0, 2), offsets, lengths } as const;
    const odd: Raster = {
      ...plain,
      driver: 'kerchunk',
      bands: [
        {
          name: 'a\nb\u0001',
          dtype: 'uint16',
          nodata: [NaN, -0, Infinity, -Infinity, 1e300],
          scale: 1e-320,
          offset: -0,
          unit: '',
        },
      ],
      levels: [
        { ...level!, identity, refs, fill: -(2n ** 63n), crs: { kind: 'wkt2', text: 'GEOGCRS["x"]' }, transform: null },
        { ...level!, identity: null, refs, fill: NaN, axes: null, crs: null },
      ],
      masks: [null, { ...level!, identity, refs }],
      problems: ['one', 'two "quoted"'],
    };
    expect(await roundTrip([odd])).toEqual([odd]);
  });

  it('keeps more references than one row holds, in order', async () => {
    const rasters = [1, BLOCK_CHUNKS, BLOCK_CHUNKS + 1, 3 * BLOCK_CHUNKS - 1].map((tiles) =>
      manyTiles(`https://data.example/${tiles}.tif`, tiles),
    );
    expect(await roundTrip(rasters)).toEqual(rasters);
  });

  it.skipIf(!hasShared)('is the raster that it was: every real GeoTIFF', async () => {
    const folder = sharedPath('data/conformance/geotiff');
    const sources = createSources();
    const rasters: Raster[] = [];
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) =>
      /\.tiff?$/i.test(one),
    )) {
      try {
        rasters.push(await openRaster(sources, pathToFileURL(join(folder, name)).href));
      } catch (error) {
        expect(isCubeError(error), String(error)).toBe(true);
      }
    }
    await sources.close();
    // A file that was cut off has references that no lake gives back; scanning refuses it.
    const whole = rasters.filter(({ problems }) => !problems.some((text) => text.includes('past the end')));
    expect(whole.length).toBeGreaterThan(50);
    expect(await roundTrip(whole)).toEqual(whole);
  });

  it('is refused where it is no place to read: a list of references, a query, a password', async () => {
    const raster = manyTiles('https://data.example/a.tif', 2);
    const [level] = raster.levels;
    const list: Raster = { ...raster, levels: [{ ...level!, refs: { kind: 'list', refs: [{ kind: 'missing' }] } }] };
    for (const [odd, words] of [
      [list, /list of references/],
      [manyTiles('https://data.example/a.tif?sig=hunter2', 2), /query/],
      [manyTiles('https://me:hunter2@data.example/a.tif', 2), /user info/],
    ] as const) {
      const scanned = { raster: odd, href: odd.url, variable: null, itemId: null, band: null, scannedAt: 0 };
      expect(() => storeRaster(scanned)).toThrow(words);
      expect(() => storeRaster(scanned)).not.toThrow(/hunter2/);
    }
  });
});

describe.each(catalogCases())('the references of a lake with a $name catalog', ({ name, place }) => {
  const folder = join(root, name);
  const location = { catalog: place(folder), dataPath: join(folder, 'data') };
  const url = 'https://data.example/scene.tif';
  const key = rasterKey({ url, variable: null });

  it('are found by the URL, and replaced where it has changed', async () => {
    const lake = await openReferenceLake(location);
    const first = manyTiles(url, 5);
    expect(await lake.known([{ url, variable: null }])).toEqual(new Map());
    await lake.commit([stored(first, null, 1), stored(manyTiles('https://data.example/z.tif', 7))], { replace: false });
    const known = await lake.known([
      { url, variable: null },
      { url: 'https://data.example/none', variable: null },
    ]);
    expect([...known.keys()]).toEqual([key]);
    expect(known.get(key)!.identity).toEqual(first.levels[0]!.identity);
    const second = manyTiles(url, 9);
    await lake.commit([stored(second, null, 2)], { replace: true });
    expect((await lake.find([{ url, variable: null }])).get(key)).toEqual(second);
    await lake.close();
    const { rows } = await queryLake(location, 'SELECT (SELECT count(*) FROM levels), (SELECT count(*) FROM refs)');
    expect(rows).toEqual([[2n, 2n]]);
    const chunks = `SELECT count(*), CAST(sum(length) AS BIGINT) FROM
      (SELECT unnest(r.lengths) AS length FROM refs r JOIN levels l USING (run_id, level_id) WHERE l.href = '${url}')`;
    const { refs } = second.levels[0]!;
    const bytes = refs.kind === 'ranges' ? refs.lengths.reduce((sum, length) => sum + length, 0) : 0;
    expect((await queryLake(location, chunks)).rows).toEqual([[9n, BigInt(bytes)]]);
    const messages = `SELECT author, commit_message FROM ducklake_snapshots('lake') ORDER BY snapshot_id DESC LIMIT 2`;
    expect((await queryLake(location, messages)).rows).toEqual([
      ['heliocube', 'scan references of 1 raster'],
      ['heliocube', 'scan references of 2 rasters'],
    ]);
  });

  it('stand beside the tables of builds, whose geometries they do not touch', async () => {
    const builds = await openLake(location);
    await builds.commit(sampleRun(`beside-${name}`));
    await builds.close();
    const lake = await openReferenceLake(location);
    const beside = manyTiles('https://data.example/beside.tif', 3);
    await lake.commit([stored(beside)], { replace: true });
    const found = await lake.find([{ url: beside.url, variable: null }]);
    expect([...found.values()]).toEqual([beside]);
    await lake.close();
  });

  it('of two scans at once, the newest are taken', async () => {
    const lake = await openReferenceLake(location);
    const twice = 'https://data.example/twice.tif';
    await lake.commit([stored(manyTiles(twice, 3), null, 20)], { replace: false });
    await lake.commit([stored(manyTiles(twice, 4), null, 10)], { replace: false });
    const found = await lake.find([{ url: twice, variable: 'any' }]);
    expect(found.get(rasterKey({ url: twice, variable: 'any' }))).toEqual(manyTiles(twice, 3));
    await lake.close();
  });
});

describe('what may be read unseen', () => {
  it('are rasters whose first read tells a change, and no others', async () => {
    const lake = await openReferenceLake(newPlace());
    const plain = (name: string, identity: { size: number; etag: string | null; modifiedMs?: number } | null) => {
      const raster = manyTiles(`https://data.example/${name}`, 1);
      return { ...raster, levels: raster.levels.map((level) => ({ ...level, identity })) };
    };
    const size = 10 ** 9;
    const elsewhere = plain('elsewhere', { size, etag: '"1"' });
    const moved = elsewhere.levels.map((level) => ({
      ...level,
      refs: { ...level.refs, url: 'https://data.example/b' },
    }));
    const rasters = [
      plain('etag', { size, etag: '"1"' }),
      plain('time', { size, etag: null, modifiedMs: 5 }),
      plain('size', { size, etag: null }),
      plain('none', null),
      { ...elsewhere, levels: moved } as Raster,
    ];
    const array = await openArray(false);
    await lake.commit([...rasters.map((raster) => stored(raster)), stored(array, 'v')], { replace: false });
    const names = [...rasters.map(({ url }) => ({ url, variable: null })), { url: array.url, variable: 'v' }];
    const urls = (found: ReadonlyMap<string, Raster>) => [...found.values()].map(({ url }) => url.split('/').pop());
    expect(urls(await lake.find(names))).toEqual(['etag', 'time']);
    expect((await lake.read(names)).size).toBe(6);
    await lake.close();
  });
});
