import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeMaintainedLake } from '../lake/maintained-lake.js';
import { temporaryFolder } from '../lake/temporary.js';
import { runCube } from './run-cube.js';

const folder = temporaryFolder();

describe('cube lake', () => {
  const cube = (...parameters: string[]) => runCube(['lake', ...parameters], { cwd: folder });

  beforeAll(async () => {
    await makeMaintainedLake({ catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'lake/') });
    writeFileSync(join(folder, 'heliocube.yaml'), 'targets: { dev: { catalog: lake.ducklake } }\n');
  });

  it('lists snapshots with what keeps them', async () => {
    const listed = await cube('snapshots', '--lake', 'lake.ducklake');
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toMatch(/^ +18 \S+ {2}kept: newest/);
    expect(listed.stdout).toMatch(/ 5 \S+ {2}kept: tag v1 +build sample \(run run-04\)\n/);
    expect(listed.stdout).toMatch(/ 7 \S+ {2}may expire +build sample \(run run-06\)\n/);
  });

  it('tells what it would do, does it, and finds the lake whole', async () => {
    const planned = await cube('maintain', '--target', 'dev');
    expect(planned).toMatchObject({ code: 0, stderr: 'lock …\n' });
    expect(planned.stdout).toMatch(
      /^expire {3}would expire \d+ snapshots, which alone need \d+ files, .*\n +0-2, 4, 6-7$/m,
    );
    expect(planned.stdout).toMatch(/^merge {4}would merge \d+ small files, \d+\.\d kB$/m);
    expect(planned.stdout).toMatch(/nothing was changed; pass --apply to do it\n$/);
    expect(existsSync(join(folder, 'lake.ducklake.backups'))).toBe(false);

    const expired = await cube('expire', '--target', 'dev', '--apply', '--json', '--quiet', '--keep-last', '3');
    expect(expired).toMatchObject({ code: 0, stderr: '' });
    const report = JSON.parse(expired.stdout) as { steps: { step: string }[]; backup: { catalog: string } };
    expect(report.steps.map(({ step }) => step)).toEqual(['expire']);
    expect(existsSync(report.backup.catalog)).toBe(true);

    const maintained = await cube('maintain', '--target', 'dev', '--apply', '--orphans');
    expect(maintained.code, maintained.stderr).toBe(0);
    expect(maintained.stderr).toBe(
      'lock backup sums flush expire merge rewrite compare cleanup orphans check '.replaceAll(' ', ' …\n'),
    );
    expect(maintained.stdout).toMatch(/^orphans {2}deleted 1 files that the catalog does not know, 32 B$/m);
    expect(maintained.stdout).toMatch(/^compared 9 tables, \d+ rows: equal before and after$/m);

    const check = await cube('check', '--lake', 'lake.ducklake', '--deep');
    expect(check).toMatchObject({ code: 0, stderr: '' });
    expect(check.stdout).toMatch(/\norphans {3}0\nfaults {4}0\n$/);
  });

  it('copies the catalog and moves the data', async () => {
    const backup = await cube('backup', '--target', 'dev', '--backup-dir', 'copies', '--json');
    expect(backup.code).toBe(0);
    expect(readdirSync(join(folder, 'copies'))).toHaveLength(1);
    const planned = await cube('relocate', '--target', 'dev', '--to', 'there');
    expect(planned.stdout).toMatch(/^would copy \d+ files/);
    const moved = await cube('relocate', '--target', 'dev', '--to', 'there', '--apply', '--move');
    expect(moved.code, moved.stderr).toBe(0);
    const lost = await cube('check', '--target', 'dev');
    expect(lost).toMatchObject({
      code: 7,
      stderr: expect.stringMatching(/^cube: incomplete: the lake has faults: \d+ failed/),
    });
    expect(lost.stdout).toContain('missing: ');
    expect((await cube('check', '--lake', 'lake.ducklake', '--lake-data', 'there')).code).toBe(0);
  });

  it('says what is wrong with its options', async () => {
    const stderrOf = async (...parameters: string[]) => {
      const run = await cube(...parameters);
      expect(run.code).toBe(2);
      return run.stderr;
    };
    expect(await stderrOf('maintain')).toMatch(/no lake is named .*--target/);
    expect(await stderrOf('check', '--lake', 'lake.ducklake', '--target', 'dev')).toMatch(/exclude each other/);
    expect(await stderrOf('check', '--target', 'prod')).toMatch(/there is no target "prod" \(known are dev\)/);
    expect(await stderrOf('expire', '--target', 'dev', '--keep-days', '0')).toMatch(/keep at least one day/);
    expect(await stderrOf('cleanup', '--target', 'dev', '--min-age', '0')).toMatch(/at least one day/);
    expect(await stderrOf('expire', '--target', 'dev', '--keep-last', 'many')).toMatch(/--keep-last "many"/);
    expect(await stderrOf('relocate', '--target', 'dev')).toMatch(/required option '--to/);
  });
});
