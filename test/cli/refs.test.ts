import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SIDE, smallTiff, writeItems } from '../build/small-items.js';
import { temporaryFolder } from '../lake/temporary.js';
import { startFaultServer } from '../fault-server.js';
import { runCube } from './run-cube.js';

const folder = temporaryFolder();
const value = ({ row, col }: { row: number; col: number }) => row * SIDE + col;
const items = writeItems(folder, 'items', [{ id: 'a', images: { v: { value }, w: { value } } }]);

describe('cube refs scan', () => {
  it('fills a lake, says what it did, and skips what is known', async () => {
    const run = await runCube(['refs', 'scan', items, '--lake', 'a.ducklake', '--bands', 'v', '--quiet'], {
      cwd: folder,
    });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/^lake .*a\.ducklake\nrasters 1: 1 added, 0 replaced, 0 unchanged\nrows +1 levels/);
    const again = await runCube(['refs', 'scan', items, '--lake', 'sqlite:b.sqlite', '--json'], { cwd: folder });
    expect(JSON.parse(again.stdout)).toMatchObject({ rasters: 2, added: 2, refused: [], references: 8 });
    const known = await runCube(['refs', 'scan', items, '--lake', 'sqlite:b.sqlite', '--json'], { cwd: folder });
    expect(JSON.parse(known.stdout)).toMatchObject({ added: 0, unchanged: 2 });
  });

  it('serves `cube build --refs`', async () => {
    const spec = join(folder, 'spec.json');
    const document = {
      name: 's',
      source: { stac: './items.json' },
      bands: ['v'],
      grid: { extent: 'items' },
      output: { lake: 'none' },
    };
    writeFileSync(spec, JSON.stringify(document));
    const build = [
      'build',
      spec,
      '--out',
      join(folder, 'out'),
      '--workers',
      '1',
      '--refs',
      join(folder, 'a.ducklake'),
      '--json',
    ];
    const run = await runCube(build);
    expect(run.code, run.stderr).toBe(0);
    writeFileSync(join(folder, 'items-a-v.tif'), smallTiff({ value }));
    const stale = await runCube([...build, '--overwrite']);
    expect(stale.code).toBe(5);
    expect(stale.stderr).toContain('cube refs scan');
  });

  it('leaves with 7 where rasters could not be read, with 0 where nobody can read them', async () => {
    writeFileSync(join(folder, 'old.tif'), Buffer.from('\x89PNG and so on', 'latin1'));
    const scan = (...names: string[]) =>
      runCube(['refs', 'scan', ...names, '--lake', 'c.ducklake', '--quiet'], { cwd: folder });
    const png = await scan('old.tif');
    expect(png).toMatchObject({ code: 0, stderr: '' });
    expect(png.stdout).toMatch(/refused 1: unsupported: PNG files\n +file:.*old\.tif/);
    const absent = await scan('old.tif', 'absent.tif');
    expect(absent).toMatchObject({ code: 7, stderr: 'cube: incomplete: rasters: 1 failed\n' });
    expect(absent.stdout).toMatch(/refused 1: not-found/);
    expect((await scan('old.tif', '--bbox', '1,2')).code).toBe(2);
    expect((await runCube(['refs', 'scan', 'old.tif'], { cwd: folder })).code).toBe(2);
  });

  it('stops at Ctrl-C with code 130, and goes on', async () => {
    const bytes = smallTiff({ value });
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i}.tif`, bytes]));
    let seen = 0;
    let begun = () => {};
    const interruptAt = new Promise<void>((resolve) => (begun = resolve));
    const server = await startFaultServer({
      files,
      faults: { delayMs: 20 },
      intercept: () => {
        if (++seen === 12) begun();
        return false;
      },
    });
    const hrefs = Object.keys(files).map((name) => `${server.url}${name}`);
    const scan = ['refs', 'scan', ...hrefs, '--lake', 'd.ducklake', '--concurrency', '1', '--json'];
    const stopped = await runCube(scan, { cwd: folder, interruptAt });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('what is scanned is kept');
    const { added, unchanged } = JSON.parse((await runCube(scan, { cwd: folder })).stdout) as Record<string, number>;
    await server.close();
    expect(added! + unchanged!).toBe(30);
    expect(unchanged).toBeGreaterThan(5);
  });
});
