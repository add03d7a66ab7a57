import { join } from 'node:path';
import { tableFromIPC, tableToIPC } from 'apache-arrow';
import { expect, it } from 'vitest';
import { arrowTable, arrowTableOf } from '../../src/lake/arrow.js';
import { openLake } from '../../src/lake/lake.js';
import { queryLake, queryLakeRows } from '../../src/lake/query.js';
import { sampleRun } from './sample-run.js';
import { temporaryFolder } from './temporary.js';

const root = temporaryFolder();

it('answers a query over the tables by their bare names, read-only', async () => {
  const location = { catalog: join(root, 'a.ducklake'), dataPath: join(root, 'a') };
  await (await openLake(location)).close();
  expect((await queryLake(location, 'SELECT 1 AS a, 2 AS a')).columns).toEqual([
    { name: 'a', type: 'INTEGER' },
    { name: 'a:1', type: 'INTEGER' },
  ]);
  const lake = await openLake(location);
  await lake.commit(sampleRun('r'));
  await lake.close();
  const result = await queryLake(
    location,
    'SELECT band, sum(count) AS total, count(*) AS n FROM label_stats GROUP BY band',
  );
  expect(result).toEqual({
    columns: [
      { name: 'band', type: 'VARCHAR' },
      { name: 'total', type: 'DOUBLE' },
      { name: 'n', type: 'BIGINT' },
    ],
    rows: [['red', 7.5, 10n]],
  });
  expect(await queryLakeRows(location, 'SELECT run_id, name FROM runs')).toEqual([{ run_id: 'r', name: 'sample' }]);
  await expect(queryLake(location, 'DELETE FROM runs')).rejects.toMatchObject({ problem: { kind: 'lake' } });
  await expect(queryLake(location, 'SELECT nonsense')).rejects.toMatchObject({
    problem: { kind: 'lake', what: expect.stringContaining('nonsense') },
  });
});

it('survives Arrow IPC with types and values', async () => {
  const location = { catalog: join(root, 'b.ducklake'), dataPath: join(root, 'b') };
  const lake = await openLake(location);
  await lake.commit(sampleRun('r'));
  await lake.close();
  const result = await queryLake(
    location,
    `SELECT label_id, feature_uid, geometry, xmin, h3_cells, h3_r15, properties, {a: 1::BIGINT} AS struct, true AS flag,
       1.25::DECIMAL(5, 2) AS price, TIMESTAMP '2023-08-01 10:11:12.345' AS time, DATE '2023-08-01' AS day, NULL::INTEGER AS none
     FROM labels ORDER BY label_id LIMIT 2`,
  );
  const table = tableFromIPC(tableToIPC(arrowTable(result)));
  expect(table.numRows).toBe(2);
  expect(table.schema.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'label_id Int64',
    'feature_uid Utf8',
    'geometry Binary',
    'xmin Float64',
    'h3_cells List<Uint64>',
    'h3_r15 Uint64',
    'properties Utf8',
    'struct Utf8',
    'flag Bool',
    'price Float64',
    'time Timestamp<MILLISECOND>',
    'day Date32<DAY>',
    'none Int32',
  ]);
  expect(table.schema.fields[2]?.metadata.get('ARROW:extension:name')).toBe('geoarrow.wkb');
  const row = table.get(1)?.toJSON();
  const [label] = sampleRun('r', 2).labels.slice(1);
  expect(row).toMatchObject({
    label_id: 2n,
    feature_uid: 'uid-2',
    xmin: label?.xmin,
    h3_r15: label?.h3R15,
    none: null,
  });
  expect(row).toMatchObject({
    struct: '{"a":"1"}',
    flag: true,
    price: 1.25,
    time: Date.UTC(2023, 7, 1, 10, 11, 12, 345),
  });
  expect([...(row?.['geometry'] ?? [])]).toEqual([...(label?.wkb ?? [])]);
  expect([...(row?.['h3_cells'] ?? [])]).toEqual(label?.h3Cells);
});

it('makes a table of typed columns', () => {
  const table = arrowTableOf([
    { name: 'value', type: 'DOUBLE', values: Float64Array.of(1, 2.5) },
    { name: 'band', type: 'VARCHAR', values: ['red', null] },
  ]);
  expect(table.toArray().map((row) => row.toJSON())).toEqual([
    { value: 1, band: 'red' },
    { value: 2.5, band: null },
  ]);
  expect(arrowTableOf([]).numRows).toBe(0);
});
