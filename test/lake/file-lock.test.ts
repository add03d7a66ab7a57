import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ownedName, ownerOf } from '../../src/io/owner.js';
import { withFileLock } from '../../src/lake/file-lock.js';
import type { LockMode } from '../../src/lake/lock.js';
import { temporaryFolder } from './temporary.js';

const root = temporaryFolder();
const options = (mode: LockMode, timeoutMs = 60_000) => ({ mode, timeoutMs, signal: undefined });

/** The name of a file that another process would put up. */
function nameOf(prefix: string, { host, pid }: { readonly host?: string; readonly pid: number }): string {
  const own = ownerOf(ownedName(prefix), prefix)!;
  return `${prefix}-${host ?? own.host}-${pid}-0123456789abcdef`;
}

it('lets writers in together, and whoever wants to be alone one by one', async () => {
  const folder = join(root, 'turns');
  let writers = 0;
  let alone = 0;
  let most = 0;
  const shared = () =>
    withFileLock(folder, options('shared'), async () => {
      writers++;
      expect(alone).toBe(0);
      for (let i = 0; i < 20; i++) await setImmediate();
      most = Math.max(most, writers);
      writers--;
    });
  const exclusive = () =>
    withFileLock(folder, options('exclusive'), async () => {
      alone++;
      for (let i = 0; i < 20; i++) await setImmediate();
      expect([alone, writers]).toEqual([1, 0]);
      alone--;
    });
  await Promise.all([shared(), shared(), shared()]);
  expect(most).toBeGreaterThan(1);
  await Promise.all([exclusive(), shared(), exclusive(), shared(), exclusive(), shared(), exclusive()]);
  expect(existsSync(folder)).toBe(false);
});

it('removes what a killed process has left', async () => {
  const folder = join(root, 'killed');
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  mkdirSync(folder);
  for (const prefix of ['alone', 'writer']) writeFileSync(join(folder, nameOf(prefix, { pid })), '');
  expect(await withFileLock(folder, options('exclusive', 0), async () => readdirSync(folder).length)).toBe(1);
});

it('believes another machine for a day, and names the folder', async () => {
  const folder = join(root, 'foreign');
  const path = join(folder, nameOf('writer', { host: '00000000', pid: 1 }));
  mkdirSync(folder);
  writeFileSync(path, '');
  await expect(withFileLock(folder, options('exclusive', 50), async () => 1)).rejects.toMatchObject({
    problem: { kind: 'lake', what: `another process writes to the lake: its file is in ${folder}` },
  });
  expect(readdirSync(folder)).toHaveLength(1);
  const longAgo = Date.now() / 1000 - 2 * 86_400;
  utimesSync(path, longAgo, longAgo);
  expect(await withFileLock(folder, options('exclusive', 50), async () => 1)).toBe(1);
});

it('keeps writers out, and lets go when the action fails or the caller gives up', async () => {
  const folder = join(root, 'out');
  await withFileLock(folder, options('exclusive'), async () => {
    await expect(withFileLock(folder, options('shared', 50), async () => 1)).rejects.toMatchObject({
      problem: { kind: 'lake', what: expect.stringMatching(/^another process maintains the lake/) },
    });
    const signal = AbortSignal.timeout(50);
    await expect(withFileLock(folder, { ...options('shared'), signal }, async () => 1)).rejects.toMatchObject({
      problem: { kind: 'aborted' },
    });
  });
  const failing = withFileLock(folder, options('exclusive'), () => Promise.reject(new Error('mine')));
  await expect(failing).rejects.toThrow('mine');
  expect(existsSync(folder)).toBe(false);
});
