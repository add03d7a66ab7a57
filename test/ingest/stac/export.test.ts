import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDuckDb } from '../../../src/duckdb/connection.js';
import { exportStac } from '../../../src/ingest/stac/export-stac.js';
import { fetchStac } from '../../../src/ingest/stac/fetch-stac.js';
import { searchStac } from '../../../src/ingest/stac/search-stac.js';
import { createSources } from '../../../src/io/sources.js';
import type { Json } from '../../../src/stac/item.js';
import { isObject, type JsonObject } from '../../../src/stac/json.js';
import { harvestItems } from '../../../src/stac/search.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { pythonWithOracles } from '../../python.js';
import { hasShared, sharedPath } from '../../shared.js';
import { makeItem } from '../../stac/make-item.js';

const SCRIPT = fileURLToPath(new URL('read_stac_geoparquet.py', import.meta.url));
const folder = temporaryFolder();
const TIMES = ['datetime', 'created', 'updated', 'start_datetime', 'end_datetime', 'published', 'expires'];

async function readBack(path: string): Promise<JsonObject[]> {
  const sources = createSources();
  const { items } = await harvestItems({ stac: path }, sources);
  await sources.close();
  return items.map(({ json }) => json);
}

/** Without what Parquet cannot tell: nulls and empty objects are absent, times are instants. */
function plain(json: Json, key = ''): Json | undefined {
  if (json === null) return undefined;
  if (typeof json === 'string' && TIMES.includes(key)) return Date.parse(json);
  if (Array.isArray(json)) return json.map((one) => plain(one) ?? null);
  if (!isObject(json)) return json;
  const entries = Object.entries(json).flatMap(([name, one]) => {
    const value = plain(one, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const byId = (items: readonly JsonObject[]) =>
  new Map(items.map((item) => [`${String(item['collection'])} ${String(item['id'])}`, plain(item)]));

describe('stac-geoparquet', () => {
  it('is read back as it was, with assets and properties that differ', async () => {
    const items = [
      makeItem('a', {
        geometry: { type: 'Point', coordinates: [1, 2] },
        bbox: [1, 2, 1, 2],
        properties: {
          'eo:cloud_cover': 5,
          mixed: 'text',
          'x:nested': { a: [1, 2.5], b: null },
          flag: true,
          created: '2024-01-01T00:00:00.25+02:00',
        },
        stac_extensions: ['https://example.com/eo.json'],
        links: [{ rel: 'self', href: 'https://example.com/a.json', type: 'application/json' }],
      }),
      makeItem('b', {
        properties: {
          datetime: null,
          start_datetime: '2024-01-01T00:00:00Z',
          end_datetime: '2024-02-01T00:00:00Z',
          mixed: 7,
          'eo:cloud_cover': 5.5,
        },
        assets: {
          'odd "name"': {
            href: 'https://example.com/b.tif',
            roles: ['data'],
            'raster:bands': [{ nodata: 0 }, { nodata: 'nan' }],
          },
        },
      }),
    ];
    const [lake, out] = [join(folder, 'small.ducklake'), join(folder, 'small.parquet')];
    writeFileSync(join(folder, 'small.json'), JSON.stringify({ type: 'FeatureCollection', features: items }));
    await fetchStac({ from: join(folder, 'small.json'), lake });
    expect(await exportStac({ lake, out })).toMatchObject({ items: 2, warnings: [] });
    const stored = await searchStac({ lake });
    expect(byId(await readBack(out))).toEqual(byId(stored.items));
    // A second lake made of the file has the same items.
    const copy = join(folder, 'copy.ducklake');
    await fetchStac({ from: out, lake: copy });
    expect(byId((await searchStac({ lake: copy })).items)).toEqual(byId(stored.items));
    const lines = join(folder, 'small.ndjson');
    await exportStac({ lake, out: lines });
    const written = readFileSync(lines, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as JsonObject); // prettier-ignore
    expect(byId(written)).toEqual(byId(stored.items));
  });

  it('has proj:geometry as WKB, as stac-geoparquet has it, and reads it again', async () => {
    const square = { type: 'Polygon', coordinates: [[[4e5, 5e6], [5e5, 5e6], [5e5, 5.1e6], [4e5, 5e6]]] }; // prettier-ignore
    const items = [makeItem('a', { properties: { 'proj:geometry': square } }), makeItem('b')];
    const [lake, out] = [join(folder, 'projected.ducklake'), join(folder, 'projected.parquet')];
    writeFileSync(join(folder, 'projected.json'), JSON.stringify({ type: 'FeatureCollection', features: items }));
    await fetchStac({ from: join(folder, 'projected.json'), lake });
    await exportStac({ lake, out });
    expect(byId(await readBack(out))).toEqual(byId((await searchStac({ lake })).items));
    const database = await openDuckDb({ extensions: ['spatial'] });
    const [row] = await database.all(
      `SELECT typeof("proj:geometry") AS type, ST_AsText(ST_GeomFromWKB("proj:geometry")) AS wkt FROM '${out}' WHERE id = 'a'`,
    );
    await database.close();
    expect(row).toEqual({ type: 'BLOB', wkt: 'POLYGON ((400000 5000000, 500000 5000000, 500000 5100000, 400000 5000000))' }); // prettier-ignore
  });

  it('says what it cannot write', async () => {
    const lake = join(folder, 'odd.ducklake');
    writeFileSync(join(folder, 'odd.json'), JSON.stringify(makeItem('a', { properties: { Links: 1, A: 1, a: 2 } })));
    await fetchStac({ from: join(folder, 'odd.json'), lake });
    const { warnings } = await exportStac({ lake, out: join(folder, 'odd.parquet') });
    expect(warnings).toEqual([
      'property "Links" is left out: there is a column of that name',
      'property "a" is left out: there is a column of that name',
    ]);
    await expect(exportStac({ lake, out: join(folder, 'odd.parquet') })).rejects.toMatchObject({
      problem: { kind: 'exists' },
    });
    await expect(searchStac({ lake, datetime: '2024-13' })).rejects.toMatchObject({ problem: { path: 'datetime' } });
    await expect(exportStac({ lake, out: 'x.csv' })).rejects.toThrow(/neither/);
    await expect(exportStac({ lake, out: join(folder, 'no.parquet'), collections: ['none'] })).rejects.toThrow(
      /no item/,
    );
  });

  it.skipIf(!hasShared)(
    'of 1000 real items is read back equal, by Python too',
    async () => {
      const [lake, out] = [join(folder, 'real.ducklake'), join(folder, 'real.parquet')];
      await fetchStac({
        from: [
          sharedPath('data/stac/rustac/1000-sentinel-2-items.parquet'),
          sharedPath('data/stac/rustac/100-landsat-items.parquet'),
        ],
        lake,
      });
      const { items } = await searchStac({ lake });
      expect(await exportStac({ lake, out })).toMatchObject({ items: 1100 });
      expect(byId(await readBack(out))).toEqual(byId(items));
      const python = pythonWithOracles();
      if (python === null || spawnSync(python, ['-c', 'import pyarrow']).status !== 0) return;
      const told = JSON.parse(execFileSync(python, [SCRIPT, out], { encoding: 'utf8', maxBuffer: 2 ** 28 })) as {
        readonly crs: string;
        readonly items: readonly {
          readonly id: string;
          readonly wkt: string;
          readonly datetime: string;
          readonly cloud: number;
          readonly bounds: readonly number[];
          readonly assets: number;
        }[];
        readonly types: Readonly<Record<string, string>>;
        readonly metadata: readonly string[];
      };
      expect(told.metadata).toEqual(expect.arrayContaining(['geo', 'stac-geoparquet']));
      expect(told.crs).toBe('OGC:CRS84');
      expect(told.types['datetime']).toMatch(/^timestamp\[us, tz=UTC\]/);
      expect(told.types['bbox']).toMatch(/^struct<xmin: double, ymin: double, xmax: double, ymax: double>/);
      const theirs = new Map(told.items.map((one) => [one.id, one]));
      for (const item of items) {
        const one = theirs.get(String(item['id']))!;
        const { datetime, 'eo:cloud_cover': cloud } = item['properties'] as Record<string, Json>;
        expect(Date.parse(one.datetime)).toBe(Date.parse(String(datetime)));
        expect(one.cloud).toBe(cloud);
        expect(one.assets).toBe(Object.keys(item['assets'] as object).length);
      }
    },
    300_000,
  );
});
