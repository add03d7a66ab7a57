import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openSession, withAttached } from '../../src/lake/attach.js';
import { openLake } from '../../src/lake/lake.js';
import { queryLake } from '../../src/lake/query.js';
import { useAllThreads } from '../duckdb-threads.js';
import { catalogCases } from './catalogs.js';
import { commitInChild } from './child.js';
import { manyStats, sampleRun } from './sample-run.js';
import { temporaryFolder } from './temporary.js';

useAllThreads();

const root = temporaryFolder();
const STATS = 30_000;
const KILLS = 3;

/** Rows of a run in its two ends: the first and the last table that a commit writes. */
const WHOLE = `SELECT run_id, (SELECT count(*) FROM label_stats s WHERE s.run_id = r.run_id),
  (SELECT count(*) FROM quarantine q WHERE q.run_id = r.run_id) FROM runs r ORDER BY run_id`;

describe.each(catalogCases())('two processes with one $name catalog', ({ name, place }) => {
  const folder = join(root, name);
  mkdirSync(folder);

  it('commit at once, and every run is whole', async () => {
    const location = { catalog: place(folder), dataPath: join(folder, 'data') };
    const runs = (who: string) => [1, 2].map((i) => ({ ...sampleRun(`${who}${i}`), labelStats: manyStats(1000) }));
    const children = ['a', 'b'].map((who) => commitInChild(folder, location, runs(who)));
    const lines = await Promise.all(children.map((child) => child.ended));
    expect(lines.map((said) => said.filter((line) => 'problem' in line))).toEqual([[], []]);
    expect(lines.map((said) => said.length)).toEqual([3, 3]);
    const expected = ['a1', 'a2', 'b1', 'b2'].map((run) => [run, 1000n, 1n]);
    expect((await queryLake(location, WHOLE)).rows).toEqual(expected);
  });

  it('commit one run id at once, and it is there once', async () => {
    const location = { catalog: place(folder), dataPath: join(folder, 'data') };
    const children = [1, 2].map(() =>
      commitInChild(
        folder,
        location,
        ['s1', 's2'].map((run) => sampleRun(run)),
      ),
    );
    const lines = await Promise.all(children.map((child) => child.ended));
    expect(lines.flat().filter((line) => 'problem' in line)).toEqual([]);
    const { rows } = await queryLake(location, WHOLE);
    const expected = ['s1', 's2'].map((run) => [run, 10n, 1n]);
    expect(rows.filter(([run]) => String(run).startsWith('s'))).toEqual(expected);
  });

  it('leaves all or nothing when one is killed, and the run lands once afterwards', async () => {
    const location = { catalog: place(folder), dataPath: join(folder, 'data') };
    const large = (runId: string) => ({ ...sampleRun(runId), labelStats: manyStats(STATS) });
    const undisturbed = commitInChild(folder, location, [large('k')]);
    await undisturbed.ready;
    const start = performance.now();
    await undisturbed.ended;
    const usualMs = performance.now() - start;
    const lake = await openLake(location);
    for (let kill = 0; kill < KILLS; kill++) {
      const child = commitInChild(folder, location, [large(`k${kill}`)]);
      await child.ready;
      await setTimeout((usualMs * (kill + 0.5)) / KILLS); // not a wait for something: the moment of the kill
      child.process.kill('SIGKILL');
      await child.ended;
      const survived = await lake.hasRun(`k${kill}`);
      const { alreadyCommitted } = await lake.commit(large(`k${kill}`));
      expect(alreadyCommitted).toBe(survived);
    }
    await lake.close();
    const { rows } = await queryLake(location, WHOLE);
    const killed = rows.filter(([run]) => String(run).startsWith('k'));
    expect(killed).toEqual(['k', 'k0', 'k1', 'k2'].map((run) => [run, BigInt(STATS), 1n]));
  });
});

describe('a DuckDB catalog whose maker is killed the moment that it appears', () => {
  it.each([1, 2, 3, 4, 5])('opens afterwards (%i)', async (kill) => {
    const folder = join(root, `appears${kill}`);
    mkdirSync(folder);
    const location = { catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'data') };
    const child = commitInChild(folder, location, [sampleRun('first')]);
    while (child.process.exitCode === null && !existsSync(location.catalog)) await setImmediate();
    child.process.kill('SIGKILL');
    await child.ended;
    expect(existsSync(location.catalog)).toBe(true);
    const lake = await openLake(location);
    await lake.commit(sampleRun('second'));
    await lake.close();
    expect((await queryLake(location, WHOLE)).rows).toContainEqual(['second', 10n, 1n]);
    expect(readdirSync(folder).filter((name) => name.startsWith('.tmp-'))).toEqual([]);
  });
});

it('names the way out when another process does not let go of a DuckDB catalog', async () => {
  const folder = join(root, 'held');
  mkdirSync(folder);
  const location = { catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'data') };
  const holder = await openSession(location);
  const lines = await withAttached(holder, { readOnly: false }, () => {
    return commitInChild(folder, { ...location, lockTimeoutMs: 200 }, [sampleRun('r')]).ended;
  });
  await holder.database.close();
  const problem = {
    kind: 'lake',
    what: `the lake's catalog ${location.catalog} is held by another process`,
    fix: expect.stringMatching(/sqlite: or postgres:/),
  };
  expect(lines).toEqual([{ problem }]);
});

it('takes turns with a DuckDB catalog within one process, where the lock of the file does not hold', async () => {
  const folder = join(root, 'turns');
  const location = { catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'data') };
  const lakes = await Promise.all([openLake(location), openLake(location)]);
  await lakes[0].commit(sampleRun('r0'));
  const commits = [1, 2, 3, 4].map((i) => lakes[i % 2]!.commit(sampleRun(`r${i}`)));
  const counts = await Promise.all([1, 2, 3].map(() => queryLake(location, 'SELECT count(*) % 10 FROM label_stats')));
  expect(counts.map(({ rows }) => rows)).toEqual([[[0n]], [[0n]], [[0n]]]);
  await Promise.all(commits);
  await Promise.all(lakes.map((lake) => lake.close()));
  expect((await queryLake(location, 'SELECT count(*) FROM runs')).rows).toEqual([[5n]]);
});
