import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDuckDb } from '../../src/duckdb/connection.js';
import { openLake } from '../../src/lake/lake.js';
import { queryLake } from '../../src/lake/query.js';
import { catalogCases } from './catalogs.js';
import { manyStats, sampleRun } from './sample-run.js';
import { selectFrom } from './select.js';
import { temporaryFolder } from './temporary.js';

const root = temporaryFolder();

describe.each(catalogCases())('a lake with a $name catalog', ({ name, place }) => {
  const folder = join(root, name);
  const location = { catalog: place(folder), dataPath: join(folder, 'data') };
  const run = `run-${process.pid}-${Date.now()}`;
  const select = selectFrom(location);

  it('commits every table of a run in one snapshot that names the run', async () => {
    const lake = await openLake(location);
    const snapshots = "SELECT count(*) FROM ducklake_snapshots('lake')";
    const before = await select(snapshots);
    const { snapshotId, alreadyCommitted } = await lake.commit(sampleRun(run));
    await lake.close();
    expect(alreadyCommitted).toBe(false);
    expect(await select(snapshots)).toEqual(before.map(([count]) => [BigInt(String(count)) + 1n]));
    const [snapshot] = await select(
      `SELECT author, commit_message, commit_extra_info->>'run_id' FROM ducklake_snapshots('lake') WHERE snapshot_id = ${snapshotId}`,
    );
    expect(snapshot).toEqual(['heliocube', 'build sample', run]);
    const counts = ['runs', 'items', 'assets', 'labels', 'chunks', 'failures', 'label_stats', 'quarantine'].map(
      (table) => `(SELECT count(*) FROM ${table} WHERE run_id = '${run}')`,
    );
    expect(await select(`SELECT ${counts.join(', ')}`)).toEqual([[1n, 2n, 2n, 5n, 2n, 1n, 10n, 1n]]);
  });

  it('keeps every value', async () => {
    const where = `WHERE run_id = '${run}'`;
    expect(await select(`SELECT * FROM runs ${where}`)).toEqual([
      [
        run,
        'sample',
        '{"name":"sample","bands":["red"]}',
        'a'.repeat(64),
        '0.1.0',
        new Date('2023-08-01T10:11:12.345Z'),
        new Date('2023-08-01T10:11:13.579Z'),
        'complete',
        '/out/cube.zarr',
        null,
      ],
    ]);
    expect(
      await select(`SELECT item_id, datetime, solar_day, time_index, ST_AsText(geometry), xmin, ymin, xmax, ymax,
        properties->>'eo:cloud_cover', used, reason_unused FROM items ${where} ORDER BY item_id`),
    ).toEqual([
      [
        'a',
        new Date('2023-08-01T10:11:12.345Z'),
        19570,
        0,
        'POLYGON ((15 47, 16 47, 16 48, 15 48, 15 47))',
        15,
        47,
        16,
        48,
        '12.5',
        true,
        null,
      ],
      [
        'b',
        new Date('2023-08-02T10:11:12.345Z'),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        false,
        'a newer version is used',
      ],
    ]);
    expect(await select(`SELECT * EXCLUDE run_id FROM assets ${where} ORDER BY band`)).toEqual([
      [
        'a',
        'nir',
        '/data/a#1?.tif',
        null,
        null,
        [1n, 2n, 3n],
        'float32',
        [Number.NaN, Number.NEGATIVE_INFINITY],
        1,
        0,
        null,
        null,
      ],
      [
        'a',
        'red',
        'https://host.example/a.tif',
        'EPSG:32633',
        [10, 0, 300000, 0, -10, 5300040],
        [10980n, 10980n],
        'uint16',
        [0],
        0.0001,
        -0.1,
        '"abc"',
        2n ** 40n + 1n,
      ],
    ]);
    expect(await select(`SELECT * EXCLUDE run_id FROM chunks ${where} ORDER BY "array"`)).toEqual([
      ['label', null, 0, 0, 'empty', 0n, null, null, null, null, null, null],
      ['red', 0, 1, 2, 'stored', 3_000_000_000n, 'b'.repeat(64), 0.5, 0.25, 0.25, 'virtual', 'aligned'],
    ]);
    expect(await select(`SELECT problem->>'url', attempts FROM failures ${where}`)).toEqual([
      ['https://host.example/a.tif', 3n],
    ]);
    expect(await select(`SELECT * EXCLUDE run_id FROM label_stats ${where} AND label_id = 3 ORDER BY time`)).toEqual([
      [3n, new Date('2023-08-01T10:11:12.345Z'), 'red', 1.5, 3, 2, 0.1, 1, 3, 2, 2.5],
      [3n, new Date('2023-08-02T10:11:12.345Z'), 'red', 0, 0, null, null, null, null, null, 2.5],
    ]);
    expect(await select(`SELECT properties->>'name' FROM quarantine ${where}`)).toEqual([['Grüße \u{1F600}']]);
    expect(
      await select(
        `SELECT label_id, ST_XMax(geometry) = xmax, h3_cells, h3_r15, properties->>'it"s' FROM labels ${where} AND label_id = 2`,
      ),
    ).toEqual([[2n, true, [0x8a1e15b71007fffn, 0x8a1e15b7100ffffn], 0x8f1e15b71000000n + 838n, "d'accord"]]);
  });

  it('has the documented types, and no HUGEINT', async () => {
    const columns = await select(
      "SELECT table_name || '.' || column_name || ' ' || data_type FROM duckdb_columns() WHERE schema_name = 'cube'",
    );
    const types = columns.map(([text]) => String(text));
    expect(types.filter((text) => text.includes('HUGEINT'))).toEqual([]);
    for (const expected of [
      'labels.h3_cells UBIGINT[]',
      'labels.h3_r15 UBIGINT',
      'labels.geometry GEOMETRY',
      'label_stats.time TIMESTAMP',
      'items.properties JSON',
      'chunks.bytes BIGINT',
      'items.xmin DOUBLE',
    ]) {
      expect(types).toContain(expected);
    }
  });

  it('commits a run id once, whoever asks', async () => {
    const lake = await openLake(location);
    expect(await lake.hasRun(run)).toBe(true);
    expect(await lake.hasRun('another')).toBe(false);
    const [first, second] = await Promise.all([lake.commit(sampleRun(`${run}-b`)), lake.commit(sampleRun(`${run}-b`))]);
    await lake.close();
    expect([first.alreadyCommitted, second.alreadyCommitted]).toEqual([false, true]);
    expect(second.snapshotId).toBe(first.snapshotId);
    expect(await select(`SELECT count(*) FROM labels WHERE run_id = '${run}-b'`)).toEqual([[5n]]);
  });

  it('writes labels in H3 order, zstd, with nothing inlined', async () => {
    const [file] = await select(
      `SELECT data_file FROM ducklake_list_files('lake', 'labels', schema => 'cube') LIMIT 1`,
    );
    const database = await openDuckDb();
    const path = String(file?.[0]);
    const rows = await database.all('SELECT h3_r15 FROM read_parquet(?)', [path]);
    const cells = rows.map((row) => BigInt(String(row['h3_r15'])));
    expect(cells).toEqual(cells.toSorted((a, b) => Number(a - b)));
    const codecs = await database.all('SELECT DISTINCT compression FROM parquet_metadata(?)', [path]);
    await database.close();
    expect(codecs).toEqual([{ compression: 'ZSTD' }]);
  });

  it('leaves no journal behind', () => {
    const left = readdirSync(folder).filter((entry) => /wal|journal|shm|tmp/.test(entry));
    expect(left).toEqual([]);
  });
});

it('takes a million statistics rows without losing one', async () => {
  const location = { catalog: join(root, 'many.ducklake'), dataPath: join(root, 'many') };
  const lake = await openLake(location);
  const rows = manyStats(1_000_000);
  await lake.commit({ ...sampleRun('many'), labelStats: rows });
  await lake.close();
  const { rows: found } = await queryLake(
    location,
    'SELECT count(*), sum(sum), sum(count), max(label_id), count(mean) FROM label_stats',
  );
  expect(found).toEqual([[1_000_000n, 499_999_500_000, 49_500_000, 250_000n, 990_000n]]);
});

it('aborts before the commit and leaves the lake as it was', async () => {
  const location = { catalog: join(root, 'abort.ducklake'), dataPath: join(root, 'abort') };
  const lake = await openLake(location);
  const aborted = AbortSignal.abort(new Error('enough'));
  await expect(lake.commit(sampleRun('r'), { signal: aborted })).rejects.toMatchObject({
    problem: { kind: 'aborted', what: 'enough' },
  });
  const controller = new AbortController();
  const pending = lake.commit({ ...sampleRun('r'), labelStats: manyStats(200_000) }, { signal: controller.signal });
  setImmediate(() => controller.abort(new Error('later')));
  await expect(pending).rejects.toMatchObject({ problem: { kind: 'aborted', what: 'later' } });
  expect(await lake.hasRun('r')).toBe(false);
  expect((await lake.commit(sampleRun('r'))).alreadyCommitted).toBe(false);
  await lake.close();
});

it('stores awkward text as valid JSON', async () => {
  const location = { catalog: join(root, 'text.ducklake'), dataPath: join(root, 'text') };
  const lake = await openLake(location);
  const awkward = ['\ud800', 'a\udfff\u{1F600}', '\\ud800', '\u0000', '\\', "'; DROP TABLE runs; --", '\ud83d'];
  const [label] = sampleRun('r', 1).labels;
  const labels = awkward.map((text, i) => ({ ...label!, labelId: i + 1, properties: { text } }));
  await lake.commit({ ...sampleRun('r', 0), labels });
  await lake.close();
  const { rows } = await queryLake(location, 'SELECT CAST(properties AS VARCHAR) FROM labels ORDER BY label_id');
  const found = rows.map(([json]) => JSON.parse(String(json)).text);
  expect(found).toEqual(['\ufffd', 'a\ufffd\u{1F600}', '\\ud800', '\u0000', '\\', "'; DROP TABLE runs; --", '\ufffd']);
});

it('has no part of a run whose rows cannot be written', async () => {
  const location = { catalog: join(root, 'broken.ducklake'), dataPath: join(root, 'broken') };
  const lake = await openLake(location);
  const [label] = sampleRun('r', 1).labels;
  const labels = [{ ...label!, wkb: Uint8Array.of(1, 9, 9, 9) }];
  await expect(lake.commit({ ...sampleRun('r', 0), labels })).rejects.toMatchObject({ problem: { kind: 'lake' } });
  expect(await lake.hasRun('r')).toBe(false);
  expect((await lake.commit(sampleRun('r'))).alreadyCommitted).toBe(false);
  await lake.close();
  expect(existsSync(join(root, 'broken.ducklake.wal'))).toBe(false);
});
