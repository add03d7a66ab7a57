import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareCodecs, WRITTEN_CODECS } from '../codec/prepare.js';
import { CubeError } from '../errors.js';
import { Journal, readJournal, type JournalHeader } from '../cube/journal.js';
import type { CubePlan } from '../cube/plan.js';
import type { ChunkTask } from '../cube/task.js';
import type { TaskResult } from '../cube/task-result.js';
import { describeLayout } from '../cube/writer/describe-layout.js';
import { coordinateArray, type CubeLayout } from '../cube/writer/layout.js';
import { objectKey } from '../cube/writer/encode.js';
import { cubeStacItem } from '../cube/writer/stac-item.js';
import { isStoreSealed, isStoreUnfinished, ZarrStore } from '../cube/writer/zarr-store.js';
import type { SourceFactory } from '../io/byte-source.js';
import { changedObjects } from './changed-objects.js';
import { codeVersion } from './code-version.js';
import { assertItemPlace, storeHref, writeItem } from './item-file.js';
import { lockOutput } from './output-lock.js';
import type { OutputPaths } from './output-paths.js';
import type { PreparedBuild } from './prepare.js';
import { keptResults, type Kept } from './resume-state.js';

/** How the folder of a build is opened. */
export type OpenFolderOptions = {
  readonly paths: OutputPaths;
  readonly layout: CubeLayout;
  readonly plan: CubePlan;
  /** Asked, when a build is resumed, whether what it read is unchanged. */
  readonly sources: SourceFactory;
  readonly mode: 'new' | 'resume' | 'overwrite';
  readonly newRunId: string;
  readonly startedAt: number;
};

/** The store under construction and its journal. */
export class BuildFolder {
  readonly layout: CubeLayout;
  readonly runId: string;
  readonly redone: Kept['redone'];
  readonly #paths: OutputPaths;
  readonly #planHash: string;
  /** Null where the store is finished and in its place. */
  readonly #store: ZarrStore | null;
  readonly #journal: Journal;
  readonly #results: Map<string, TaskResult>;
  readonly #unlock: () => Promise<void>;

  constructor(parts: {
    readonly options: OpenFolderOptions;
    readonly runId: string;
    readonly store: ZarrStore | null;
    readonly journal: Journal;
    readonly kept: Kept;
    readonly unlock: () => Promise<void>;
  }) {
    this.layout = parts.options.layout;
    this.runId = parts.runId;
    this.redone = parts.kept.redone;
    this.#paths = parts.options.paths;
    this.#planHash = parts.options.plan.hash;
    this.#store = parts.store;
    this.#journal = parts.journal;
    this.#results = new Map(parts.kept.results);
    this.#unlock = parts.unlock;
  }

  get cubePath(): string {
    return this.#paths.cube;
  }

  /** Folder that workers write objects to. */
  get storePath(): string {
    return this.#store?.path ?? this.#paths.cube;
  }

  /** Receipts of all finished tasks, by key. */
  get results(): ReadonlyMap<string, TaskResult> {
    return this.#results;
  }

  async record(result: TaskResult): Promise<void> {
    await this.#journal.record(result);
    this.#results.set(result.key, result);
  }

  /** Make the store visible, and write the STAC item beside it. */
  async seal(prepared: PreparedBuild): Promise<void> {
    if (this.#store !== null) {
      await this.#removeStrangers(this.#store);
      await this.#store.seal(this.layout);
      await this.#journal.seal(this.#planHash);
    }
    await writeItem(this.#paths.cube, this.#stacItem(prepared));
  }

  committed(): Promise<void> {
    return this.#journal.committed(this.runId);
  }

  async close(): Promise<void> {
    await this.#journal.close().finally(this.#unlock);
  }

  /** Objects that an earlier build left and this plan does not make. */
  async #removeStrangers(store: ZarrStore): Promise<void> {
    const own = new Set<string>();
    for (const { chunks } of this.#results.values()) {
      for (const { array, timeIndex, yIndex, xIndex, state } of chunks) {
        const index = timeIndex === null ? [yIndex, xIndex] : [timeIndex, yIndex, xIndex];
        if (state === 'stored') own.add(objectKey({ name: array }, index));
      }
    }
    for (const coordinate of this.layout.coordinates.map(coordinateArray)) {
      own.add(objectKey(coordinate, coordinate.dimensions.length === 0 ? [] : [0]));
    }
    for (const key of await store.listObjects()) {
      if (!key.endsWith('zarr.json') && !own.has(key)) await store.removeObject(key);
    }
  }

  #stacItem({ spec, grid, times }: PreparedBuild): unknown {
    return cubeStacItem({
      id: spec.name,
      href: storeHref(this.#paths.cube),
      grid,
      layout: this.layout,
      timesMs: times.map(({ timeMs }) => timeMs),
      software: { heliocube: codeVersion() },
    });
  }
}

/** Open or begin the store and its journal; other builds of the same store are kept out until it is closed. */
export async function openBuildFolder(options: OpenFolderOptions): Promise<BuildFolder> {
  await prepareCodecs(WRITTEN_CODECS);
  const unlock = await lockOutput(options.paths.cube);
  try {
    await assertItemPlace(options.paths.cube);
    return await openLocked(options, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function openLocked(options: OpenFolderOptions, unlock: () => Promise<void>): Promise<BuildFolder> {
  if (options.mode === 'resume') {
    const resumed = await resumeFolder(options, unlock);
    if (resumed !== null) return resumed;
  }
  const mode = options.mode === 'new' ? 'create' : 'overwrite';
  const store = await openStore(options, mode);
  const journal = await Journal.create(options.paths.journal, headerOf(options));
  return new BuildFolder({
    options,
    runId: options.newRunId,
    store,
    journal,
    kept: { results: new Map(), redone: [] },
    unlock,
  });
}

/** Null where there is nothing to go on with. */
async function resumeFolder(options: OpenFolderOptions, unlock: () => Promise<void>): Promise<BuildFolder | null> {
  const { paths, plan } = options;
  const sealed = await isStoreSealed(paths.cube);
  const unfinished = await isStoreUnfinished(paths.cube);
  const journal = await readJournal(paths.journal);
  if (journal === null) {
    if (!sealed) return null;
    const what = 'a cube without a journal is there, so nothing tells which build made it';
    throw new CubeError({ kind: 'exists', path: paths.cube, what, fix: 'pass --overwrite to replace it' });
  }
  const where = unfinished ? `${paths.cube}.building` : paths.cube;
  const expected = { layout: describeLayout(options.layout), tasks: tasksOf(plan) };
  const checks = {
    sizeOf: (key: string) => sizeOf(join(where, key)),
    changedObject: changedObjects(options.sources),
  };
  const kept = await keptResults(journal.state, expected, checks, paths.journal);
  const whole = kept.results.size === plan.taskCount && journal.state.sealedPlan === plan.hash;
  const finished = sealed && !unfinished && whole;
  const store = finished ? null : await openStore(options, 'resume');
  const file = await Journal.continue(paths.journal, journal.length);
  const { committed, header } = journal.state;
  const restarts = committed && !finished;
  if (restarts) await file.restart(headerOf(options));
  const runId = restarts ? options.newRunId : header.runId;
  return new BuildFolder({ options, runId, store, journal: file, kept, unlock });
}

function* tasksOf(plan: CubePlan): Generator<ChunkTask> {
  for (const group of plan.groups()) yield* group;
}

async function openStore(
  { paths, layout }: OpenFolderOptions,
  mode: 'create' | 'resume' | 'overwrite',
): Promise<ZarrStore> {
  const store = await ZarrStore.open(paths.cube, mode);
  await store.writeArrays(layout);
  await store.writeCoordinates(layout);
  return store;
}

function headerOf({ newRunId, plan, layout, startedAt }: OpenFolderOptions): JournalHeader {
  return { kind: 'build', runId: newRunId, planHash: plan.hash, layout: describeLayout(layout), startedAt };
}

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  );
}
