import { CubeError, problemAt } from '../errors.js';
import type { Window } from '../grid/affine.js';
import { Arena, takeBytes } from './arena.js';
import { readCandidate, type CandidateFailure } from './candidate-input.js';
import { clipPixels } from './clip-pixels.js';
import { CompositeFuser } from './composite-fuser.js';
import { FirstFuser } from './first-fuser.js';
import { filledBands, type Fused, type Fuser } from './fuser.js';
import { CoverageCache, labelParts } from './label-parts.js';
import { labelPlanes } from './label-planes.js';
import type { SourceFactory } from '../io/byte-source.js';
import { MapCache } from './map-cache.js';
import { holdsValue } from '../native/search.js';
import { inFusingOrder, isComposite } from './mosaic.js';
import { REASON } from './reason.js';
import { storeChunk } from './store-chunk.js';
import { isOwnObject, storePlane, type ChunkStore, type StoredPlane } from './store-plane.js';
import type { ChunkStorage } from './storage.js';
import { taskBlocks } from './task-blocks.js';
import type { ChunkTask, LabelTask, PixelTask, PlanContext } from './task.js';
import type { TaskResult } from './task-result.js';
import type { ChunkRow, FailureRow } from './records.js';
import type { TileCache } from './tile-cache.js';

/** What one worker owns to run tasks. */
export type TaskRunner = {
  readonly context: PlanContext;
  readonly store: ChunkStore;
  readonly sources: SourceFactory;
  readonly tiles: TileCache;
  readonly maps: MapCache;
  readonly coverage: CoverageCache;
  /** Planes of the running task. */
  readonly arena: Arena;
  /** Bytes that the planes of one candidate may take at a time; larger chunks are made in strips. */
  readonly workBytes: number;
  /** Encoded bytes that may be fetched ahead of the next task; 0 for none. */
  readonly aheadBytes: number;
};

/** A runner with empty caches. */
export function createTaskRunner(parts: Omit<TaskRunner, 'maps' | 'coverage' | 'arena'>): TaskRunner {
  const arena = new Arena(parts.workBytes);
  return { ...parts, maps: new MapCache(parts.context.grid), coverage: new CoverageCache(), arena };
}

/**
 * Carry out one task from fetching to storing. The same task gives the same bytes wherever it runs. A failed read is an
 * error with the item, the band and the chunk, unless the build allows an incomplete cube: then it is a failure row.
 */
export async function runTask(task: ChunkTask, runner: TaskRunner, signal?: AbortSignal): Promise<TaskResult> {
  runner.tiles.takeObjects();
  const before = { bytesRead: runner.tiles.bytesRead, tilesDecoded: runner.tiles.tilesDecoded };
  const mark = runner.arena.mark();
  const done = await (task.kind === 'pixels' ? runPixels(task, runner, signal) : runLabels(task, runner)).finally(() =>
    runner.arena.release(mark),
  );
  const bytesWritten = done.chunks.filter(isOwnObject).reduce((sum, chunk) => sum + chunk.bytes, 0);
  const counters = {
    bytesRead: runner.tiles.bytesRead - before.bytesRead,
    tilesDecoded: runner.tiles.tilesDecoded - before.tilesDecoded,
    bytesWritten,
  };
  return { key: task.key, hash: task.hash, ...done, objects: runner.tiles.takeObjects(), counters };
}

type TaskOutput = Pick<TaskResult, 'chunks' | 'failures' | 'labels' | 'references'>;

async function runPixels(task: PixelTask, runner: TaskRunner, signal: AbortSignal | undefined): Promise<TaskOutput> {
  const { context } = runner;
  const failures: CandidateFailure[] = [];
  const chunk = await fuseChunk(task, runner, failures, signal);
  if (failures.length > 0 && !context.allowIncomplete) throw failedRead(task, failures[0]!);
  clipPixels(chunk, task, context, runner.coverage);
  assertFilled(chunk, task, context);
  const labels = labelParts(task.labels, task.window, chunk, context.bands, runner.coverage);
  const fractions = reasonFractions(chunk.reason);
  const { rows, references } = await storeChunk(task, chunk, { ...runner, signal });
  return {
    chunks: rows.map((row) => ({ ...row, ...fractions })),
    failures: failureRows(task, failures),
    labels,
    ...(references.length === 0 ? {} : { references }),
  };
}

async function runLabels(task: LabelTask, { store, coverage, arena, context }: TaskRunner): Promise<TaskOutput> {
  const planes = labelPlanes(task.labels, task.window, coverage);
  const place = { timeIndex: null, yIndex: task.yIndex, xIndex: task.xIndex, window: task.window, arena };
  const none = { validFraction: null, maskedFraction: null, failedFraction: null };
  const rows = [
    await storePlane(store, 'coverage', planes.coverage, place),
    await storePlane(store, 'label', planes.label, place),
  ];
  const storageOf = ({ state }: StoredPlane): Partial<ChunkStorage> =>
    context.tileChains === undefined
      ? {}
      : { storage: 'native', storageReason: state === 'empty' ? 'empty' : 'computed' };
  return { chunks: rows.map((row) => ({ ...row, ...storageOf(row), ...none })), failures: [], labels: [] };
}

/** The whole chunk, made in strips where it must be; failed reads are added to `failures`. */
async function fuseChunk(
  task: PixelTask,
  runner: TaskRunner,
  failures: CandidateFailure[],
  signal: AbortSignal | undefined,
): Promise<Fused> {
  const blocks = taskBlocks(task, runner.context, runner.workBytes);
  const chunk = blocks.length === 1 ? null : emptyChunk(task, runner);
  for (const block of blocks) {
    const mark = runner.arena.mark();
    const { fused, failed } = await fuseBlock(task, block, runner, signal);
    for (const failure of failed) addFailure(failures, failure);
    if (chunk === null) return fused;
    pasteBlock(chunk, fused, task.window, block);
    runner.arena.release(mark);
  }
  return chunk!;
}

async function fuseBlock(
  task: PixelTask,
  block: Window,
  { context, tiles, maps, arena }: TaskRunner,
  signal: AbortSignal | undefined,
): Promise<{ fused: Fused; failed: CandidateFailure[] }> {
  const fuser = createFuser(context, block.width * block.height, arena);
  const failed: CandidateFailure[] = [];
  for (const candidate of inFusingOrder(task, context.mosaic)) {
    if (fuser.done) break;
    signal?.throwIfAborted();
    const mark = arena.mark();
    const { input, failures } = await readCandidate(candidate, block, context, { tiles, maps, signal, arena });
    failed.push(...failures);
    if (failures.length > 0 && !context.allowIncomplete) break;
    // What the fuser keeps lives as long as the task.
    if (!fuser.add(input)) arena.release(mark);
  }
  return { fused: fuser.finish(), failed };
}

function createFuser({ bands, mask, mosaic }: PlanContext, length: number, arena: Arena): Fuser {
  const maskBand = mask === null ? null : mask.band;
  if (isComposite(mosaic)) return new CompositeFuser(bands, mosaic, maskBand, length, arena);
  return new FirstFuser(bands, maskBand, length, arena);
}

function emptyChunk({ window }: PixelTask, { context: { bands, mosaic }, arena }: TaskRunner): Fused {
  const size = window.width * window.height;
  return {
    bands: filledBands(bands, size, arena),
    reason: takeBytes(arena, size).fill(REASON.notRequested),
    count: isComposite(mosaic) ? new Uint16Array(size) : null,
  };
}

/** Blocks are whole rows of the chunk. */
function pasteBlock(chunk: Fused, fused: Fused, whole: Window, block: Window): void {
  const at = (block.row - whole.row) * whole.width;
  for (const [index, band] of chunk.bands.entries()) band?.set(fused.bands[index]! as never, at);
  chunk.reason.set(fused.reason, at);
  chunk.count?.set(fused.count!, at);
}

/** An integer band without any known nodata value cannot say "no value" (N2). */
function assertFilled({ reason }: Fused, task: PixelTask, { bands }: PlanContext): void {
  const band = bands.find((one) => one.written && one.fill === null);
  if (band === undefined) return;
  const pixel = reason.findIndex((code) => code !== REASON.valid);
  if (pixel < 0) return;
  throw new CubeError({
    kind: 'conflict',
    what: `band "${band.name}" has no nodata value, and chunk ${task.key} has pixels without data`,
    fix: `set nodata: { ${band.name}: VALUE } in the specification`,
  });
}

function reasonFractions(reason: Uint8Array): Pick<ChunkRow, 'validFraction' | 'maskedFraction' | 'failedFraction'> {
  // Searches are quicker than counting, and most chunks are whole.
  if (![1, 2, 3, 4, 5].some((code) => holdsValue(reason, code)))
    return { validFraction: 1, maskedFraction: 0, failedFraction: 0 };
  const counts = new Float64Array(6);
  for (let i = 0; i < reason.length; i++) counts[reason[i]!]! += 1;
  const fraction = (code: number) => counts[code]! / reason.length;
  return {
    validFraction: fraction(REASON.valid),
    maskedFraction: fraction(REASON.masked),
    failedFraction: fraction(REASON.failed),
  };
}

/** One failure an item and band: the tiles of a chunk fail for the same cause. */
function addFailure(failures: CandidateFailure[], failure: CandidateFailure): void {
  if (!failures.some((one) => one.itemId === failure.itemId && one.band === failure.band)) failures.push(failure);
}

function failureRows(task: PixelTask, failures: readonly CandidateFailure[]): FailureRow[] {
  const { timeIndex, yIndex, xIndex } = task;
  return failures.map(({ itemId, band, problem, attempts }) => ({
    array: band,
    timeIndex,
    yIndex,
    xIndex,
    itemId,
    band,
    kind: problem.kind,
    attempts,
    problem,
  }));
}

function failedRead(task: PixelTask, { itemId, band, problem }: CandidateFailure): CubeError {
  const where = `item ${itemId}, band "${band}", chunk ${task.key}`;
  const cause = new CubeError(problem);
  return new CubeError(problemAt(problem, where), { cause });
}
