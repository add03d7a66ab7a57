import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cachePlace, objectPath } from '../../src/ingest/fetch/cache-place.js';
import { fetchDataset } from '../../src/ingest/fetch/fetch-dataset.js';
import { hashOf, startRepository } from '../ingest/fetch/repository-server.js';
import { temporaryFolder } from '../lake/temporary.js';
import { runCube } from './run-cube.js';

const folder = temporaryFolder();
const cacheDir = join(folder, 'cache');
const sha256 = hashOf('sha256', 'abc');

describe('cube cache', () => {
  const cache = (...parameters: string[]) => runCube(['cache', ...parameters, '--cache', cacheDir]);

  beforeAll(async () => {
    const server = await startRepository({ files: { 'a.csv': Buffer.from('abc') } });
    await fetchDataset({ repo: 'direct_download', id: `${server.url}a.csv` }, { cacheDir });
    await server.close();
  });

  it('lists', async () => {
    const run = await cache('ls');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(
      new RegExp(
        `^${sha256.slice(0, 12)} +3 B \\S+ a\\.csv http://127\\S+/a\\.csv\n.*: 1 file, 3 B downloaded, 0 B unpacked\n$`,
      ),
    );
    expect(JSON.parse((await cache('ls', '--json')).stdout)).toMatchObject({
      root: cacheDir,
      bytes: 3,
      files: [{ sha256 }],
    });
  });

  it('says what gc would remove, and refuses what it cannot read', async () => {
    const run = await cache('gc', '--max-size', '0', '--dry-run');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(
      /^would remove index\S+ \(0 B\): the cache is larger than allowed\nwould remove sha256[^]*would remove 3 B, 0 B would stay\n$/,
    );
    const kept = await cache('gc', '--max-size', '0', '--keep', sha256, '--json', '--dry-run');
    expect(JSON.parse(kept.stdout)).toMatchObject({ removed: [], keptBytes: 3, dryRun: true });
    for (const wrong of [
      ['--keep', 'x'],
      ['--max-size', 'x'],
      ['--older-than', 'x'],
    ]) {
      expect(await cache('gc', ...wrong)).toMatchObject({ code: 2 });
    }
  });

  it('finds what is damaged, and removes it', async () => {
    expect(await cache('verify')).toMatchObject({ code: 0, stderr: '' });
    const object = objectPath(cachePlace(cacheDir), sha256);
    await chmod(object, 0o644);
    await writeFile(object, 'abd');
    const run = await cache('verify');
    expect(run).toMatchObject({ code: 5 });
    expect(run.stdout).toContain(`expected ${sha256}, found ${hashOf('sha256', 'abd')}`);
    expect(run.stderr).toContain('1 file of the cache is damaged; --remove takes them away');
    expect(await cache('verify', '--remove')).toMatchObject({ code: 0 });
    expect((await cache('ls')).stdout).toContain('(its content is gone)');
    expect((await cache('gc')).stdout).toContain('its content is gone');
    expect((await cache('ls')).stdout).toContain(': 0 files, 0 B downloaded');
  });
});
