import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { queryLake } from '../../src/lake/query.js';
import { temporaryFolder } from '../lake/temporary.js';
import { buildSmall, SIDE, writeItems } from './small-items.js';

const folder = temporaryFolder();
/** 2024-06-01 in days since 1970. */
const DAY = 19_875;

describe('rows of items that share one file', () => {
  it('each item of a collection has its own time, use and assets', async () => {
    const image = (dtype: 'uint8' | 'uint16', col = 0) => ({ v: { dtype, col, value: () => 1 } });
    const items = writeItems(folder, 'items', [
      { id: 'a', datetime: '2024-06-01T10:00:00Z', images: image('uint16') },
      { id: 'b', datetime: '2024-06-02T10:00:00Z', images: image('uint16', SIDE) },
      { id: 'c', datetime: '2024-06-03T10:00:00Z', images: { w: { value: () => 1 } } },
    ]);
    await buildSmall(folder, 'cube', items, { nodata: 0, output: {} });
    const out = join(folder, 'cube');
    const lake = { catalog: join(out, 'lake.ducklake'), dataPath: join(out, 'lake/') };
    const rowsOf = async (sql: string) => (await queryLake(lake, sql)).rows;
    const rows = await rowsOf(
      `SELECT item_id, time_index::INT, used, reason_unused IS NULL, solar_day::INT FROM items ORDER BY item_id`,
    );
    expect(rows).toEqual([
      ['a', 0, true, true, DAY],
      ['b', 1, true, true, DAY + 1],
      ['c', null, false, false, null],
    ]);
    const [[reason]] = (await rowsOf(`SELECT reason_unused FROM items WHERE item_id = 'c'`)) as [[string]];
    expect(reason).toContain('"v"');
    const assets = await rowsOf(`SELECT item_id, band, parse_filename(href) FROM assets ORDER BY item_id`);
    expect(assets).toEqual([
      ['a', 'v', 'items-a-v.tif'],
      ['b', 'v', 'items-b-v.tif'],
    ]);
  });
});
