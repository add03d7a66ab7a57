import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb, sqlName, sqlString } from '../../src/duckdb/connection.js';
import type { DuckDb } from '../../src/duckdb/connection.js';

let folder: string;
let database: DuckDb;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heliocube-duckdb-'));
  database = await openDuckDb({ extensions: ['spatial'], threads: 1, memoryLimit: '512MB' });
});

afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('openDuckDb', () => {
  it('gives every type the documented JavaScript value', async () => {
    const [row] = await database.all(`SELECT 7::INTEGER AS i, -9007199254740993::BIGINT AS b,
      18446744073709551615::UBIGINT AS u, 0.5::FLOAT AS f, 'x' AS s, 'ab'::BLOB AS bytes,
      TIMESTAMP '2023-08-01 10:11:12.345' AS t, [1::UBIGINT, 2] AS list, {a: 1, b: 'c'} AS struct, NULL AS nothing,
      '{"k": 1}'::JSON AS json, ST_Point(1, 2) AS point`);
    expect(row).toMatchObject({
      i: 7,
      b: -9007199254740993n,
      u: 18446744073709551615n,
      f: 0.5,
      s: 'x',
      bytes: Uint8Array.of(97, 98),
      t: new Date('2023-08-01T10:11:12.345Z'),
      list: [1n, 2n],
      struct: { a: 1, b: 'c' },
      nothing: null,
      json: '{"k": 1}',
    });
    const point = row?.['point'];
    expect(point instanceof Uint8Array ? [...point.subarray(0, 5)] : null).toEqual([1, 1, 0, 0, 0]); // little-endian WKB point
  });

  it('binds every kind of parameter', async () => {
    const bytes = Uint8Array.of(0, 255);
    const [row] = await database.all('SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e, ? AS f', [
      null,
      true,
      1.5,
      1n << 62n,
      "it's",
      bytes,
    ]);
    expect(row).toEqual({ a: null, b: true, c: 1.5, d: 1n << 62n, e: "it's", f: bytes });
  });

  it('keeps lon/lat order in transforms, whatever the authority says', async () => {
    const [row] = await database.all(
      "SELECT round(ST_X(p)) AS x, round(ST_Y(p)) AS y FROM (SELECT ST_Transform(ST_Point(15, 48), 'EPSG:4326', 'EPSG:32633') AS p)",
    );
    expect(row).toEqual({ x: 500000, y: 5316300 });
  });

  it('turns SQL errors into lake problems', async () => {
    await expect(database.run('SELECT nonsense')).rejects.toMatchObject({
      problem: { kind: 'lake', what: expect.stringContaining('nonsense') },
    });
    await expect(database.all('SELECT * FROM read_parquet(?)', [join(folder, 'absent.parquet')])).rejects.toMatchObject(
      {
        problem: { kind: 'lake' },
      },
    );
  });

  it('loads nothing behind the back of the caller', async () => {
    const [settings] = await database.all(`SELECT current_setting('autoinstall_known_extensions') AS install,
      current_setting('autoload_known_extensions') AS load, current_setting('allow_unsigned_extensions') AS unsigned`);
    expect(settings).toEqual({ install: false, load: false, unsigned: false });
  });

  it('releases the file on close, once', async () => {
    const path = join(folder, 'a.duckdb');
    const first = await openDuckDb({ path });
    await first.run('CREATE TABLE t AS SELECT 1 AS a; INSERT INTO t VALUES (2)');
    await first.close();
    await first.close();
    const second = await openDuckDb({ path, readOnly: true });
    expect(await second.all('SELECT sum(a)::BIGINT AS total FROM t')).toEqual([{ total: 3n }]);
    await expect(second.run('DROP TABLE t')).rejects.toMatchObject({ problem: { kind: 'lake' } });
    await second.close();
  });

  it('refuses names that are not extensions', async () => {
    await expect(openDuckDb({ extensions: ["x'; DROP TABLE t; --"] })).rejects.toMatchObject({
      problem: { kind: 'invalid-argument' },
    });
  });
});

it('quotes text and names so that they come back unchanged', async () => {
  const text = `a'b"c\\d''`;
  expect(await database.all(`SELECT ${sqlString(text)} AS ${sqlName(text)}`)).toEqual([{ [text]: text }]);
});
