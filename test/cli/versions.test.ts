import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { openLake } from '../../src/lake/lake.js';
import { commitStore } from '../build/icechunk-cube.js';
import { buildSmall, SIDE, writeItems } from '../build/small-items.js';
import { sampleRun } from '../lake/sample-run.js';
import { temporaryFolder } from '../lake/temporary.js';
import { icechunkAbsent, suiteName } from '../native/icechunk-store.js';
import { readNpy } from './npy.js';
import { runCube } from './run-cube.js';

const folder = temporaryFolder();

describe.skipIf(icechunkAbsent !== null)(suiteName('cube versions'), () => {
  const ids: string[] = [];
  /** When the first version was the newest. */
  let between = '';
  const cube = (...parameters: string[]) => runCube(parameters, { cwd: folder });

  beforeAll(async () => {
    const place = join(folder, 'a.icechunk');
    for (const [i, value] of [7, 8].entries()) {
      const stac = writeItems(folder, `v${i}`, [{ id: 'a', images: { v: { value: () => value } } }]);
      await buildSmall(folder, `v${i}`, stac, { grid: { extent: 'items', chunk: 16 } });
      ids.push(await commitStore(join(folder, `v${i}`, 'cube.zarr'), place, { message: `build ${i}` }));
      await setTimeout(20);
      if (i === 0) between = new Date().toISOString();
      await setTimeout(20);
    }
    const lake = await openLake({ catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'lake/') });
    const records = sampleRun('run-0', 1);
    await lake.commit({ ...records, run: { ...records.run, cubeSnapshot: ids[0]! } });
    await lake.close();
  });

  it('lists, names and compares', async () => {
    const tagged = await cube('versions', 'tag', 'a.icechunk', 'v0', ids[0]!);
    expect(tagged).toMatchObject({ code: 0, stdout: `tag v0 is ${ids[0]}\n`, stderr: '' });
    const branched = await cube('versions', 'branch', 'a.icechunk', 'trial', 'v0', '--json');
    expect(JSON.parse(branched.stdout)).toEqual({ name: 'trial', snapshot: ids[0], lakeSnapshot: null });
    const listed = await cube('versions', 'a.icechunk', '--lake', 'lake.ducklake');
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toMatch(
      new RegExp(
        `^branch  main → ${ids[1]}\nbranch  trial → ${ids[0]}\ntag     v0 → ${ids[0]}\n` +
          `cube    ${ids[1]} \\S+ build 1 \\(main\\)\ncube    ${ids[0]} \\S+ build 0 \\(trial, v0\\)\n` +
          ` +run run-0 of sample, complete, in snapshot (\\d+) of the lake\ncube [^]*\nlake    \\1 \\S+ build sample \\(run run-0\\)\n`,
      ),
    );
    const tied = await cube('versions', 'tag', 'a.icechunk', 'v0', 'v0', '--lake', 'lake.ducklake');
    expect(tied).toMatchObject({ code: 0, stderr: '' });
    expect(tied.stdout).toMatch(new RegExp(`^tag v0 is ${ids[0]}, with snapshot \\d+ of the lake\n$`));
    const after = await cube('versions', 'a.icechunk', '--lake', 'lake.ducklake');
    expect(after.stdout).toContain(`tag     v0 → ${ids[0]}, with snapshot `);
    const json = JSON.parse((await cube('versions', 'a.icechunk', '--limit', '1', '--json')).stdout) as object;
    expect(json).toMatchObject({ history: [{ id: ids[1], message: 'build 1', runs: [] }], lake: null });
    const diff = await cube('versions', 'diff', 'a.icechunk', 'v0', 'main');
    expect(diff).toMatchObject({ code: 0, stdout: expect.stringMatching(/^deleted array \/|^changed|^chunks/m) });
    const changes = JSON.parse((await cube('versions', 'diff', 'a.icechunk', 'v0', 'main', '--json')).stdout) as {
      chunks: { path: string; count: number; indices: number[][] }[];
    };
    for (const { count, indices } of changes.chunks) expect(indices).toHaveLength(count);
  });

  it('reads, inspects and measures a version', async () => {
    const value = async (...parameters: string[]) => {
      const run = await cube('read', 'a.icechunk', '--variable', 'v', ...parameters, '-o', 'v.npy', '--quiet');
      expect(run.code, run.stderr).toBe(0);
      return readNpy(join(folder, 'v.npy')).bytes.readUInt16LE(2 * SIDE);
    };
    expect(await value()).toBe(8);
    expect(await value('--tag', 'v0')).toBe(7);
    expect(await value('--snapshot', ids[0]!)).toBe(7);
    expect(await value('--as-of', between)).toBe(7);
    expect(await value('--as-of', '2999-01-01', '--branch', 'main')).toBe(8);
    const inspected = await cube('inspect', 'a.icechunk', '--branch', 'main', '--json');
    expect(JSON.parse(inspected.stdout)).toMatchObject({ variables: [{}, {}, {}, { driver: 'icechunk' }] });
    const far = {
      type: 'Polygon',
      coordinates: [
        [
          [15.0001, 47.85],
          [15.004, 47.85],
          [15.004, 47.853],
          [15.0001, 47.85],
        ],
      ],
    };
    const features = [{ type: 'Feature', properties: {}, geometry: far }];
    writeFileSync(join(folder, 'labels.geojson'), JSON.stringify({ type: 'FeatureCollection', features }));
    const stats = await cube(
      'stats',
      'labels.geojson',
      'a.icechunk',
      '--variable',
      'v',
      '--tag',
      'v0',
      '--stats',
      'max',
    );
    expect(stats.stdout, stats.stderr).toMatch(/,1,7\r?\n$/);
  });

  it('tells what is wrong with a version', async () => {
    const code = async (...parameters: string[]) => (await cube(...parameters)).code;
    expect(await code('inspect', 'a.icechunk', '--tag', 'v0', '--branch', 'main')).toBe(2);
    expect(await code('inspect', 'a.icechunk', '--tag', 'v0', '--as-of', '2024-01-01')).toBe(2);
    expect(await code('inspect', 'a.icechunk', '--as-of', 'yesterday')).toBe(2);
    expect(await code('inspect', 'a.icechunk', '--tag', 'none')).toBe(3);
    expect(await code('inspect', 'v0-a-v.tif', '--tag', 'v0')).toBe(2);
    expect(await code('inspect', 'v0/cube.json', '--tag', 'v0')).toBe(2);
    expect(await code('inspect', 'v0/cube.zarr', '--tag', 'v0')).toBe(2);
    expect(await code('versions', 'nothing')).toBe(3);
    expect(await code('versions', 'a.icechunk', '--limit', 'x')).toBe(2);
    expect(await code('versions', 'a.icechunk', '--lake-data', 'x')).toBe(2);
    expect(await code('versions', 'gc', 'a.icechunk')).toBe(2);
    expect(await code('versions', 'gc', 'a.icechunk', '--older-than', 'x')).toBe(2);
    expect(await code('versions', 'gc', 'a.icechunk', '--older-than', '2999-01-01')).toBe(2);
  });

  it('expires and collects, only when told to', async () => {
    const repository = ['a.icechunk', '--older-than', new Date().toISOString(), '--lake', 'lake.ducklake'] as const;
    const dry = await cube('versions', 'expire', ...repository);
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toMatch(
      /^would expire 0 snapshots\nkept for .*\nnothing was changed; pass --delete to do it\n$/,
    );
    const third = await commitStore(join(folder, 'v0', 'cube.zarr'), join(folder, 'a.icechunk'), { message: 'third' });
    await setTimeout(20);
    const now = [...repository.slice(0, 2), new Date().toISOString()];
    const unsafe = await cube('versions', 'expire', ...now, '--delete', '--json');
    expect(unsafe.stderr).toContain('no --lake is named');
    expect(JSON.parse(unsafe.stdout)).toMatchObject({ released: [ids[1]], dryRun: false });
    const would = await cube('versions', 'gc', ...now, '--lake', 'lake.ducklake');
    expect(would.stdout).toMatch(
      new RegExp(`^would delete 1 snapshot, \\d+ manifests?, \\d+ chunks?, \\d+ transaction logs?: .*B\n  ${ids[1]}\n`),
    );
    const done = await cube('versions', 'gc', ...now, '--lake', 'lake.ducklake', '--delete', '--json');
    expect(JSON.parse(done.stdout)).toMatchObject({ snapshotIds: [ids[1]], kept: [ids[0], third].sort(), failed: 0 });
    expect((await cube('read', 'a.icechunk', '--variable', 'v', '--tag', 'v0', '-o', 'v.npy', '--quiet')).code).toBe(0);
  });
});

describe('cube versions without the binding', () => {
  it('says so, and the way out', async () => {
    const before = process.env['HELIOCUBE_ICECHUNK'];
    process.env['HELIOCUBE_ICECHUNK'] = 'off';
    try {
      const run = await runCube(['versions', 'a.icechunk', '--json'], { cwd: folder });
      expect(run.code).toBe(3);
      expect(run.stderr).toContain('unset HELIOCUBE_ICECHUNK');
      expect(JSON.parse(run.stdout)).toMatchObject({ error: { kind: 'missing-component' } });
    } finally {
      if (before === undefined) delete process.env['HELIOCUBE_ICECHUNK'];
      else process.env['HELIOCUBE_ICECHUNK'] = before;
    }
  });
});
