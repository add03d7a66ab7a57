import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIcechunk, openIcechunk } from '../../src/native/icechunk.js';
import { builtFolder } from '../lake/built.js';
import { bytesOf, Folders, icechunkAbsent, suiteName, textOf, writeArray } from './icechunk-store.js';

const SCRIPT = fileURLToPath(new URL('icechunk-process.mjs', import.meta.url));
/** Four processes race this often; HELIOCUBE_ICECHUNK_ROUNDS=20 for the full proof. */
const ROUNDS = Number(process.env['HELIOCUBE_ICECHUNK_ROUNDS'] ?? 3);

const folders = new Folders();
let dist: string;
beforeAll(() => {
  dist = builtFolder('native');
});
afterAll(() => folders.remove());

/** What a job answers, once its process has ended by itself. */
function run(job: { readonly op: string; readonly [key: string]: unknown }): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SCRIPT, dist, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (part) => (output += part));
    child.stderr.on('data', (part) => (errors += part));
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(output)) : reject(new Error(`${code}: ${errors}`))));
  });
}

describe.skipIf(icechunkAbsent !== null)(suiteName('processes with one Icechunk repository'), () => {
  it(`lose no commit: four of them, ten commits each, ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const storage = { kind: 'local', path: await folders.make() } as const;
      const repository = await createIcechunk(storage);
      const session = await repository.writable('main');
      await writeArray(session, 'a', [4, 10], [1, 1]);
      await session.commit({ message: 'array' });
      const confirmed = await Promise.all(
        [0, 1, 2, 3].map((writer) => run({ op: 'commit', storage, writer, count: 10 })),
      );
      const keys = (confirmed as string[][]).flat().sort();
      expect(keys).toHaveLength(40);
      const reader = await (await openIcechunk(storage)).readonly({ branch: 'main' });
      expect(await reader.list('a/c')).toEqual(keys);
      for (const key of keys) expect(textOf(await reader.get(key))).toBe(key.slice(4).replace('/', '-'));
      expect(await repository.ancestry({ branch: 'main' })).toHaveLength(42);
    }
  });

  it('go on where one is killed in the middle of its commits', async () => {
    const storage = { kind: 'local', path: await folders.make() } as const;
    const repository = await createIcechunk(storage);
    const session = await repository.writable('main');
    await writeArray(session, 'a', [4, 10], [1, 1]);
    await session.commit({ message: 'array' });
    const job = JSON.stringify({ op: 'sleep', storage });
    const child = spawn(process.execPath, [SCRIPT, dist, job], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const committed = run({ op: 'commit', storage, writer: 1, count: 5 });
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(await committed).toHaveLength(5);
    expect(await (await repository.readonly({ branch: 'main' })).list('a/c')).toHaveLength(5);
  });

  it('end by themselves after use, in the main thread', async () => {
    expect(await run({ op: 'use', storage: { kind: 'local', path: await folders.make() } })).toBe(true);
    expect(await run({ op: 'use', storage: { kind: 'memory' } })).toBe(true);
  });

  it('end by themselves after use in a worker, which ends by itself too', async () => {
    const storage = { kind: 'local', path: await folders.make() };
    expect(await run({ op: 'useInThread', storage })).toEqual({ answer: true, code: 0 });
  });

  it('survive threads that are ended in the middle of their writes', async () => {
    const storage = { kind: 'local', path: await folders.make() };
    expect(await run({ op: 'terminate', storage, threads: 5 })).toBe(1);
  });

  it('share the work of one commit through forks', async () => {
    const storage = { kind: 'local', path: await folders.make() } as const;
    const repository = await createIcechunk(storage);
    const session = await repository.writable('main');
    await writeArray(session, 'a', [2, 10], [1, 1]);
    const fork = Buffer.from(await session.fork()).toString('base64');
    const answers = await Promise.all([0, 1].map((i) => run({ op: 'fork', fork, chunks: [[`a/c/${i}/3`, `f${i}`]] })));
    for (const answer of answers as { seen: string[]; fork: string }[]) {
      expect(answer.seen).toEqual(['a/zarr.json', 'zarr.json']);
      await session.merge(Buffer.from(answer.fork, 'base64'));
    }
    await session.set('a/c/0/0', bytesOf('own'));
    await session.commit({ message: 'together' });
    const reader = await repository.readonly({ branch: 'main' });
    expect(await reader.list('a/c')).toEqual(['a/c/0/0', 'a/c/0/3', 'a/c/1/3']);
    expect(textOf(await reader.get('a/c/1/3'))).toBe('f1');
    expect(await repository.ancestry({ branch: 'main' })).toHaveLength(2);
  });

  it('refuse what is no fork', async () => {
    const repository = await createIcechunk({ kind: 'local', path: await folders.make() });
    const session = await repository.writable('main');
    await session.set('zarr.json', bytesOf('{"zarr_format":3,"node_type":"group"}'));
    const fork = await session.fork();
    const { icechunkFork } = await import('../../src/native/icechunk.js');
    for (const bytes of [
      new Uint8Array(0),
      bytesOf('nonsense'),
      fork.subarray(0, 100),
      new Uint8Array(1000).fill(0xdd),
    ])
      await expect(icechunkFork(bytes)).rejects.toMatchObject({ problem: { kind: 'invalid-data' } });
    await expect(session.merge(bytesOf('x'))).rejects.toMatchObject({ problem: { kind: 'invalid-data' } });
    await expect(session.toBytes()).rejects.toMatchObject({ problem: { kind: 'invalid-argument' } });
    const elsewhere = await icechunkFork(fork);
    await expect(elsewhere.commit({ message: 'x' })).rejects.toMatchObject({ problem: { kind: 'invalid-argument' } });
    const reader = await repository.readonly({ branch: 'main' });
    await expect(reader.fork()).rejects.toMatchObject({ problem: { kind: 'invalid-argument' } });
  });
});
