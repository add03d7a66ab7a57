import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ChunkTask } from '../../src/cube/task.js';
import type { TaskResult } from '../../src/cube/task-result.js';
import { isCubeError, type Problem } from '../../src/errors.js';
import { ThreadExecutor, type ThreadExecutorOptions } from '../../src/workers/thread-executor.js';

const UNABLE = fileURLToPath(new URL('unable.worker.mjs', import.meta.url));

const task = (key: string): ChunkTask => ({
  kind: 'labels',
  key,
  hash: key,
  yIndex: 0,
  xIndex: 0,
  window: { col: 0, row: 0, width: 1, height: 1 },
  labels: [],
});

/** What a build posts to its workers; these never come to read it. */
const setup = { context: {}, storePath: '', arrays: [], sources: {}, budget: {} } as never;

async function run(
  options: Partial<ThreadExecutorOptions>,
  keys: readonly string[],
): Promise<{ results: TaskResult[]; error: unknown }> {
  const executor = new ThreadExecutor({ workers: 2, setup, workerFile: UNABLE, ...options });
  const results: TaskResult[] = [];
  const groups = keys.map((key) => [task(key)]);
  try {
    const onResult = async (result: TaskResult): Promise<void> => void results.push(result);
    await executor.run([groups, []], { onResult });
    return { results, error: null };
  } catch (error) {
    return { results, error };
  } finally {
    await executor.close();
  }
}

describe.each(['throws', 'leaves'])('threads whose file %s', (how) => {
  beforeEach(() => {
    process.env['HELIOCUBE_TEST_UNABLE'] = how;
  });

  it('end the build with an error that names a task, not the process', async () => {
    const { error } = await run({}, ['0/0/0', '0/0/1']);
    expect(isCubeError(error, 'worker'), String(error)).toBe(true);
    expect(String(error)).toMatch(/every thread that ran task 0\/0\/[01] died/);
  });

  it('lose each task once where the cube may be incomplete', async () => {
    const lost: string[] = [];
    const problems: Problem[] = [];
    const onLost = async ({ key, hash }: ChunkTask, problem: Problem): Promise<TaskResult> => {
      lost.push(key);
      problems.push(problem);
      const counters = { bytesRead: 0, tilesDecoded: 0, bytesWritten: 0 };
      return { key, hash, chunks: [], failures: [], labels: [], objects: [], counters };
    };
    const keys = ['0/0/0', '0/0/1', '0/1/0', '0/1/1', '1/0/0'];
    const { results, error } = await run({ onLost }, keys);
    expect(error).toBeNull();
    expect(lost.toSorted()).toEqual(keys);
    expect(results.map(({ key }) => key).toSorted()).toEqual(keys);
    for (const { kind } of problems) expect(kind).toBe('worker');
  });
});
