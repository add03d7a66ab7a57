import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fetchStac } from '../../../src/ingest/stac/fetch-stac.js';
import { searchStac } from '../../../src/ingest/stac/search-stac.js';
import { queryLakeRows } from '../../../src/lake/query.js';
import { h3Cell } from '../../../src/vector/h3-cover.js';
import { s2Token } from '../../../src/vector/s2-cover.js';
import { temporaryFolder } from '../../lake/temporary.js';
import type { ApiItem } from '../../stac/api-server.js';
import { makeItem } from '../../stac/make-item.js';

const folder = temporaryFolder();
const path = join(folder, 'items.json');

/** A scene whose corners are given; west > east crosses the antimeridian. */
function scene(id: string, west: number, south: number, east: number, north: number): ApiItem {
  const ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]; // prettier-ignore
  return makeItem(id, { bbox: [west, south, east, north], geometry: { type: 'Polygon', coordinates: [ring] } });
}

const ITEMS = [
  scene('plain', 15.1, 46.2, 16.4, 47.2),
  scene('fiji', 179.3, -17.1, -178.9, -16.3),
  makeItem('pole', { bbox: [-180, 87.3, 180, 90], geometry: null }),
];
writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', features: ITEMS }));

const lakeAt = (name: string) => join(folder, `${name}.ducklake`);
const rows = (lake: string, sql: string) =>
  queryLakeRows({ catalog: lake, dataPath: lake.replace(/\.ducklake$/, '/') }, sql);
const tokensOf = async (lake: string) =>
  Object.fromEntries(
    (await rows(lake, 'SELECT item_id, len(s2_tokens) AS n, s2_tokens[1] AS first FROM stac_items')).map((row) => [
      row['item_id'],
      row['n'] === null ? null : [Number(row['n']), row['first']],
    ]),
  );

describe('S2 tokens of items', () => {
  it('stand in the rows where levels are asked for, as s2geometry has them; the same fetch again writes nothing', async () => {
    const lake = lakeAt('levels');
    expect(await fetchStac({ from: path, lake })).toMatchObject({ added: 3 });
    expect(await tokensOf(lake)).toEqual({ plain: null, fiji: null, pole: null });
    // Counts of level 8 as in test/vector/s2-cover.test.ts.
    expect(await fetchStac({ from: path, lake, s2Levels: [8] })).toMatchObject({ replaced: 3 });
    expect(await tokensOf(lake)).toMatchObject({ plain: [18, '47655'], fiji: [21, '6e1f1'] });
    expect(await fetchStac({ from: path, lake, s2Levels: [8] })).toMatchObject({ unchanged: 3, snapshotId: null });
    expect(await fetchStac({ from: path, lake, s2Levels: [5, 2, 5] })).toMatchObject({ replaced: 3 });
    const [pole] = await rows(
      lake,
      `SELECT len(list_filter(s2_tokens, t -> len(t) = 2)) AS coarse, len(s2_tokens) AS n,
         (SELECT count(*) FROM item_h3 h WHERE h.item_id = 'pole') > 0 AS h3 FROM stac_items WHERE item_id = 'pole'`,
    );
    expect(pole).toEqual({ coarse: 4n, n: 16n, h3: true });
    await expect(fetchStac({ from: path, lake, s2Levels: [31] })).rejects.toThrow(/invalid-argument.*S2 level 31/);
  });

  it('are those of a lower level where a level has too many', async () => {
    const lake = lakeAt('many');
    await fetchStac({ from: path, lake, s2Levels: [8, 20] });
    const found = await rows(lake, `SELECT len(s2_tokens) AS n FROM stac_items WHERE item_id = 'plain'`);
    const fine = Number(found[0]!['n']) - 18;
    expect(fine).toBeGreaterThan(500);
    expect(fine).toBeLessThan(5000);
  });

  it('find items by cell, in any lake of items: across the antimeridian, at the pole, and as faces of the cube', async () => {
    const lake = lakeAt('search');
    await fetchStac({ from: path, lake });
    const search = async (...s2Cells: string[]) => {
      const { items } = await searchStac({ lake, s2Cells });
      return items.map(({ id }) => id).sort();
    };
    expect(await search('47655')).toEqual(['plain']);
    expect(await search(s2Token(14.9, 46.5, 12))).toEqual([]);
    expect(await search(s2Token(179.9999, -16.5, 8), s2Token(-179.5, -16.6, 10))).toEqual(['fiji']);
    expect(await search(s2Token(10, 89.9, 4))).toEqual(['pole']);
    expect(await search('5')).toEqual(['plain', 'pole']);
    expect(await search('7')).toEqual(['fiji']);
    // Many cells are asked for one after the other, on one connection; so are those of H3.
    const cells = [46.3, 46.5, 46.7, 46.9].map((lat) => h3Cell(15.5, lat, 6).toString(16));
    expect((await searchStac({ lake, cells })).items.map(({ id }) => id)).toEqual(['plain']);
    expect(await search('1', '7', '5')).toEqual(['fiji', 'plain', 'pole']);
    await expect(search('5', '132f8a')).rejects.toThrow(/no token of an S2 cell/);
    await expect(searchStac({ lake, s2Cells: ['5'], bbox: [0, 0, 1, 1] })).rejects.toThrow(/one place/);
  });
});
