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
  return { names: found.files.map(({ name }) => name), texts, left: found.leftOut.map(({ name }) => name) };
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
