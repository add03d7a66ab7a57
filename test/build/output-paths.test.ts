import { describe, expect, it } from 'vitest';
import { assertOutput } from '../../src/build/assert-output.js';
import { hrefFromLake, isPostgres, lakePlaceOf, outputPaths } from '../../src/build/output-paths.js';
import { storableSpec } from '../../src/build/run-records.js';
import { checkSpec } from '../../src/cube/parse-spec.js';

const SECRET = 'hunter2';

function specOf(lake?: string, more: object = {}) {
  const output = { cube: './out/a.zarr', ...(lake === undefined ? {} : { lake }) };
  return checkSpec({ name: 'a', source: { stac: 'x' }, bands: ['red'], output, ...more });
}

const POSTGRES = [
  `postgres:dbname=lake password=${SECRET}`,
  `postgres://user:${SECRET}@host/lake`,
  `postgresql://user:${SECRET}@host:5432/lake?sslmode=require`,
  `PostgreSQL://user:${SECRET}@host/lake`,
];

describe('where a build writes', () => {
  it('every spelling of a Postgres connection is a catalog and no file', () => {
    for (const lake of POSTGRES) {
      expect(isPostgres(lake)).toBe(true);
      const { cube, lake: place } = outputPaths(specOf(lake), '/specs', null);
      expect(cube).toBe('/specs/out/a.zarr');
      expect(place).toEqual({ catalog: lake, dataPath: '/specs/out/lake/', folder: '/specs/out' });
      expect(lakePlaceOf(specOf(lake), '/specs', '/out')).toEqual({
        catalog: lake,
        dataPath: '/out/lake/',
        folder: '/out',
      });
    }
    for (const path of ['./postgres.ducklake', 'postgresql.ducklake', 'sqlite:postgres.sqlite', 'mypostgres:x']) {
      expect(isPostgres(path), path).toBe(false);
    }
  });

  it('a stored specification holds no password and no signature', () => {
    for (const lake of POSTGRES) {
      const stored = storableSpec({ spec: specOf(lake) });
      expect(stored).not.toContain(SECRET);
      expect(JSON.parse(stored)).toMatchObject({ output: { lake: 'postgres:…' } });
    }
    const spec = specOf(undefined, {
      source: { stac: `https://user:${SECRET}@example.com/catalog.json?sig=${SECRET}` },
      labels: { path: `https://example.com/labels.geojson?sig=${SECRET}` },
    });
    const stored = storableSpec({ spec });
    expect(stored).not.toContain(SECRET);
    expect(JSON.parse(stored)).toMatchObject({
      source: [{ stac: 'https://example.com/catalog.json' }],
      labels: { path: 'https://example.com/labels.geojson' },
    });
  });

  it('files are relative to the specification, or all in one folder', () => {
    expect(outputPaths(specOf('./lake/x.ducklake'), '/specs', null).lake).toEqual({
      catalog: '/specs/lake/x.ducklake',
      dataPath: '/specs/lake/x/',
      folder: '/specs/lake',
    });
    expect(outputPaths(specOf('sqlite:x.sqlite'), '/specs', '/out').lake).toEqual({
      catalog: 'sqlite:/out/lake.sqlite',
      dataPath: '/out/lake/',
      folder: '/out',
    });
    expect(outputPaths(specOf('none'), '/specs', '/out')).toMatchObject({ cube: '/out/cube.zarr', lake: null });
  });

  it('an Icechunk repository is a folder or in a bucket, and what lies beside it is local', () => {
    const place = (icechunk: string, out: string | null) =>
      outputPaths(specOf(undefined, { output: { cube: { icechunk } } }), '/specs', out);
    expect(place('./out/a.icechunk', null)).toMatchObject({
      store: 'icechunk',
      cube: '/specs/out/a.icechunk',
      work: '/specs/out/a.icechunk',
      journal: '/specs/out/a.icechunk.journal',
      lake: { folder: '/specs/out' },
    });
    expect(place('s3://bucket/cubes/a/', null)).toMatchObject({
      cube: 's3://bucket/cubes/a',
      work: '/specs/a',
      lake: { folder: '/specs' },
    });
    for (const any of ['./out/a.icechunk', 's3://bucket/cubes/a']) {
      expect(place(any, '/out')).toMatchObject({ store: 'icechunk', cube: '/out/cube.icechunk' });
    }
    for (const wrong of ['https://example.com/a', 'gs://bucket/a', 's3://bucket']) {
      expect(() => place(wrong, null), wrong).toThrow(/unsupported/);
    }
    const lake = place('s3://bucket/cubes/a', null).lake!;
    expect(hrefFromLake(lake, 's3://bucket/cubes/a')).toBe('s3://bucket/cubes/a');
  });

  it('what a repository cannot hold is refused', () => {
    const refused = (output: object, grid: object) => () =>
      assertOutput(specOf(undefined, { output: { cube: { icechunk: 'a', ...output } }, grid }));
    expect(refused({}, { chunk: 16, shard: 32 })).toThrow(/unsupported: shards .*grid\.shard/);
    expect(refused({ virtual: 'auto' }, {})).not.toThrow();
    expect(refused({ virtual: 'none' }, {})).not.toThrow();
    expect(() => specOf(undefined, { output: { cube: { icechunk: 'a', virtul: 'auto' } } })).toThrow(/invalid-spec/);
  });
});
