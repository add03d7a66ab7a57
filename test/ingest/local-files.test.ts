import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { datasetFiles } from '../../src/ingest/dataset-files.js';
import { checkManifest } from '../../src/ingest/parse-manifest.js';
import { temporaryFolder } from '../lake/temporary.js';
import { makeZip } from './fetch/make-archives.js';

const folder = temporaryFolder();
const text = (content: string) => Buffer.from(content);
const inner = makeZip([{ name: 'deep/c.geojson', bytes: text('c') }]);
const outer = makeZip([
  { name: 'ä/a.geojson', bytes: text('a') },
  { name: 'b.csv', bytes: text('b') },
  { name: 'inner.zip', bytes: inner },
]);

/** Names of the files of a local data set, those that were left out, and what the files hold. */
async function filesOf(entry: object) {
  const { manifest, faults } = checkManifest({ set: { repo: 'local', ...entry } });
  expect(faults).toEqual([]);
  const found = await datasetFiles(manifest.datasets[0]!, folder, { cacheDir: join(folder, 'cache') });
  const texts = found.files.map(({ path }) => readFileSync(path, 'utf8'));
  return {
    names: found.files.map(({ name }) => name),
    texts,
    left: found.leftOut.map(({ name }) => name),
    reasons: found.leftOut.map(({ reason }) => reason),
  };
}

describe('local data sets', () => {
  it('that are an archive are unpacked, and not "no file of labels"', async () => {
    writeFileSync(join(folder, 'all é.zip'), outer);
    writeFileSync(join(folder, 'one.geojson.gz'), gzipSync(text('z')));
    const all = await filesOf({ doi: 'all é.zip' });
    const names = ['all é.zip/b.csv', 'all é.zip/inner.zip/deep/c.geojson', 'all é.zip/ä/a.geojson'];
    expect([...all.names].sort()).toEqual(names);
    expect([...all.texts].sort()).toEqual(['a', 'b', 'c']);
    expect(await filesOf({ doi: 'one.geojson.gz' })).toMatchObject({
      names: ['one.geojson.gz/one.geojson'],
      texts: ['z'],
    });
    const some = await filesOf({ doi: 'all é.zip', file_filters: { include_patterns: ['*.csv'] } });
    expect(some).toMatchObject({ names: ['all é.zip/b.csv'], texts: ['b'] });
  });

  it('leave out files and archives that are longer than max_mb, with the reason', async () => {
    mkdirSync(join(folder, 'sizes'));
    writeFileSync(join(folder, 'sizes/small.csv'), 's');
    writeFileSync(join(folder, 'sizes/exact.csv'), 'e'.repeat(1000));
    writeFileSync(join(folder, 'sizes/large.csv'), 'l'.repeat(1001));
    writeFileSync(join(folder, 'sizes/large.zip'), Buffer.concat([Buffer.alloc(2000), outer]));
    const max = { max_mb: 0.001, file_filters: { include_patterns: ['*.csv', '*.zip'] } };
    const found = await filesOf({ doi: 'sizes', ...max });
    expect(found).toMatchObject({ names: ['exact.csv', 'small.csv'], left: ['large.csv', 'large.zip'] });
    expect(found.reasons).toEqual([
      'it has 1001 bytes, more than the 1000 that max_mb allows',
      expect.stringMatching(/more than the 1000 that max_mb allows/),
    ]);
    await expect(filesOf({ doi: 'sizes/large.csv', max_mb: '0.001' })).rejects.toMatchObject({
      problem: {
        kind: 'no-data',
        what: expect.stringMatching(/^no file of sizes\/large\.csv is wanted: .*max_mb allows$/),
      },
    });
    expect((await filesOf({ doi: 'sizes/large.csv', max_mb: '0.002' })).names).toEqual(['large.csv']);
  });

  it('leave an archive closed that lies beside what was in it', async () => {
    mkdirSync(join(folder, 'beside'));
    writeFileSync(join(folder, 'beside/data.zip'), outer);
    writeFileSync(join(folder, 'beside/readme.md'), 'no labels');
    const before = await filesOf({ doi: 'beside' });
    expect(before.names).toContain('data.zip/b.csv');
    writeFileSync(join(folder, 'beside/b.csv'), 'b');
    expect(await filesOf({ doi: 'beside' })).toMatchObject({ names: ['b.csv', 'readme.md'], left: ['data.zip'] });
    const told = await filesOf({ doi: 'beside', file_filters: { include_patterns: ['data.zip', '*.csv'] } });
    expect(told.names).toEqual(['b.csv', 'data.zip/b.csv']);
  });
});
