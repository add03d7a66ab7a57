import { prepareCodecs, WRITTEN_CODECS } from '../codec/prepare.js';
import { CubeError } from '../errors.js';
import { Journal, readJournal, type JournalHeader } from '../cube/journal.js';
import type { CubePlan } from '../cube/plan.js';
import type { ChunkTask } from '../cube/task.js';
import type { TaskResult } from '../cube/task-result.js';
import { canonicalHash } from '../cube/canonical-hash.js';
import type { CubeOutput, CubeWriter, SealedRun } from '../cube/writer/cube-output.js';
import { describeLayout } from '../cube/writer/describe-layout.js';
import { coordinateArray, type CubeLayout } from '../cube/writer/layout.js';
import { isOwnObject } from '../cube/store-plane.js';
import { chunkKey, objectKey } from '../cube/writer/encode.js';
import type { OpenMode } from '../cube/writer/staged-store.js';
import { cubeStacItem } from '../cube/writer/stac-item.js';
import { zarrOutput } from '../cube/writer/zarr-store.js';
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
  readonly #parent: string | null;
  /** Null where the store is finished and in its place. */
  readonly #store: CubeWriter | null;
  #version: string | null;
  readonly #journal: Journal;
  readonly #results: Map<string, TaskResult>;
  readonly #unlock: () => Promise<void>;

  constructor(parts: {
    readonly options: OpenFolderOptions;
    readonly runId: string;
    /** Versions of the store: when the run began, and of the cube where it is finished. */
    readonly parent: string | null;
    readonly version: string | null;
    readonly store: CubeWriter | null;
    readonly journal: Journal;
    readonly kept: Kept;
    readonly unlock: () => Promise<void>;
  }) {
    this.layout = parts.options.layout;
    this.runId = parts.runId;
    this.redone = parts.kept.redone;
    this.#paths = parts.options.paths;
    this.#planHash = parts.options.plan.hash;
    this.#parent = parts.parent;
    this.#version = parts.version;
    this.#store = parts.store;
    this.#journal = parts.journal;
    this.#results = new Map(parts.kept.results);
    this.#unlock = parts.unlock;
  }

  get cubePath(): string {
    return this.#paths.cube;
  }

  /** Version of the store that holds the sealed cube; null where stores have no versions. */
  get version(): string | null {
    return this.#version;
  }

  /** Folder that workers write objects to. */
  get storePath(): string {
    return this.#store?.path ?? this.#paths.work;
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
      this.#version = await this.#store.seal(this.layout, this.#sealedRun(prepared));
      await this.#journal.seal(this.#planHash, this.#version);
      await this.#store.discard();
    }
    await writeItem(this.#paths.work, this.#stacItem(prepared));
  }

  committed(): Promise<void> {
    return this.#journal.committed(this.runId);
  }

  async close(): Promise<void> {
    this.#store?.close();
    await this.#journal.close().finally(this.#unlock);
  }

  #sealedRun({ spec }: PreparedBuild): SealedRun {
    const results = [...this.#results.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const chunks = results.map((one) => one.chunks);
    const references = results.flatMap((one) => one.references ?? []);
    const content = [describeLayout(this.layout).hash, chunks];
    return {
      runId: this.runId,
      name: spec.name,
      planHash: this.#planHash,
      codeVersion: codeVersion(),
      contentHash: canonicalHash(references.length === 0 ? content : [...content, references]),
      parent: this.#parent,
      references,
    };
  }

  /** Objects that an earlier build left and this plan does not make. */
  async #removeStrangers(store: CubeWriter): Promise<void> {
    const own = new Set<string>();
    for (const { chunks } of this.#results.values()) {
      for (const chunk of chunks.filter(isOwnObject)) own.add(chunkKey(chunk));
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
      store: this.#paths.store,
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
  const unlock = await lockOutput(options.paths.work);
  try {
    await assertItemPlace(options.paths.work, storeHref(options.paths.cube));
    return await openLocked(options, await outputOf(options.paths), unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Only Icechunk needs its binding. */
async function outputOf({ store, cube, work }: OutputPaths): Promise<CubeOutput> {
  if (store === 'zarr') return zarrOutput(cube);
  const { icechunkOutput } = await import('../cube/writer/icechunk-store.js');
  return icechunkOutput({ repository: cube, work });
}

async function openLocked(
  options: OpenFolderOptions,
  output: CubeOutput,
  unlock: () => Promise<void>,
): Promise<BuildFolder> {
  if (options.mode === 'resume') {
    const resumed = await resumeFolder(options, output, unlock);
    if (resumed !== null) return resumed;
  }
  const mode = options.mode === 'new' ? 'create' : 'overwrite';
  const store = await openStore(output, mode, { options, version: null });
  const { parent } = store;
  const journal = await Journal.create(options.paths.journal, headerOf(options, parent));
  const kept = { results: new Map(), redone: [] };
  return new BuildFolder({ options, runId: options.newRunId, parent, version: null, store, journal, kept, unlock });
}

/** Null where there is nothing to go on with. */
async function resumeFolder(
  options: OpenFolderOptions,
  output: CubeOutput,
  unlock: () => Promise<void>,
): Promise<BuildFolder | null> {
  const { paths, plan } = options;
  const journal = await readJournal(paths.journal);
  const { sealed, unfinished, sizeOf } = await output.find(journal?.state.version ?? null);
  if (journal === null) {
    if (!sealed) return null;
    const what = 'a cube without a journal is there, so nothing tells which build made it';
    throw new CubeError({ kind: 'exists', path: paths.cube, what, fix: 'pass --overwrite to replace it' });
  }
  const { committed, header, sealedPlan, version } = journal.state;
  const expected = { layout: describeLayout(options.layout), tasks: tasksOf(plan) };
  const checks = { sizeOf, changedObject: changedObjects(options.sources) };
  const kept = await keptResults(journal.state, expected, checks, paths.journal);
  const finished = sealed && !unfinished && kept.results.size === plan.taskCount && sealedPlan === plan.hash;
  const store = finished ? null : await openStore(output, 'resume', { options, version });
  const began = { runId: header.runId, parent: header.parent ?? null };
  await store?.assertParent(began);
  const file = await Journal.continue(paths.journal, journal.length);
  const restarts = committed && !finished;
  const run = restarts ? { runId: options.newRunId, parent: store?.parent ?? null } : began;
  if (restarts) await file.restart(headerOf(options, run.parent));
  return new BuildFolder({ options, ...run, version, store, journal: file, kept, unlock });
}

function* tasksOf(plan: CubePlan): Generator<ChunkTask> {
  for (const group of plan.groups()) yield* group;
}

async function openStore(
  output: CubeOutput,
  mode: OpenMode,
  { options: { layout }, version }: { readonly options: OpenFolderOptions; readonly version: string | null },
): Promise<CubeWriter> {
  const store = await output.open(mode, version);
  await store.writeArrays(layout);
  await store.writeCoordinates(layout);
  return store;
}

function headerOf(options: OpenFolderOptions, parent: string | null): JournalHeader {
  const { newRunId, plan, layout, startedAt } = options;
  const layoutParts = describeLayout(layout);
  return {
    kind: 'build',
    runId: newRunId,
    planHash: plan.hash,
    layout: layoutParts,
    startedAt,
    ...(parent === null ? {} : { parent }),
  };
}
