import { redactUrl, type CubeError } from '../errors.js';
import { intersectWindows, type Window } from '../grid/affine.js';
import type { GridSpec } from '../grid/grid-spec.js';
import { windowKey, type ChunkRef } from '../raster/chunk-ref.js';
import type { PlacedLabel } from '../vector/clip-window.js';
import type { Candidate } from './candidate.js';
import { growWindow } from './candidate-input.js';
import { canonicalHash } from './canonical-hash.js';
import type { TaskGroup } from './executor.js';
import { MapCache } from './map-cache.js';
import { SourcePlacer, type PlacedSource } from './place-source.js';
import { LabelCells, MOST_TASKS } from './label-cells.js';
import { groupCells, type Cell, type Part } from './group-cells.js';
import { specError } from './spec-error.js';
import type { BuildSpec } from './spec.js';
import type { TimeGroup } from './time-group.js';
import type { CandidateRead, ChunkTask, LabelTask, LevelHeader, PixelTask, PlaneRead, PlanContext } from './task.js';

/** Counts when the output of the same plan changes; part of every task's hash. */
export const PLAN_VERSION = 2;

/** Everything that a plan depends on. */
export type PlanInput = {
  readonly spec: BuildSpec;
  readonly grid: GridSpec;
  readonly context: PlanContext;
  readonly times: readonly TimeGroup[];
  readonly labels: readonly PlacedLabel[];
  /** Side of one stored object (chunk, or shard) in pixels. */
  readonly cell: number;
};

/** All tasks of a build; `hash` changes exactly when the output could. */
export type CubePlan = {
  readonly hash: string;
  readonly taskCount: number;
  readonly estimate: PlanEstimate;
  /**
   * Tasks in the order of work, grouped so that a tile that serves many is decoded few times; all of them, or one of `of`
   * parts that share as few tiles as can be. Made anew at every call.
   */
  groups(part?: Part): Generator<TaskGroup>;
};

/** How much work a plan is; bytes where the headers tell them. */
export type PlanEstimate = {
  readonly pixelTasks: number;
  readonly labelTasks: number;
  /** Reads of encoded tiles, each distinct one counted once. */
  readonly distinctTiles: number;
  /** Their encoded bytes as far as the references tell. */
  readonly bytes: number;
  /** Labels that lie on the grid. */
  readonly labels: number;
  /** Items and time steps of them that some task reads, or that could not be opened; each task counts its own. */
  readonly reads: number;
};

/**
 * Decide what every stored object of the cube needs: pure, no I/O. With `clip.mode` other than `none` only cells that a
 * label and its buffer touch are planned. Problem: `invalid-spec` for more chunks than a build can keep in mind.
 */
export function planTasks(input: PlanInput): CubePlan {
  assertSize(input);
  const planner = new Planner(input);
  const hashes: string[] = [];
  const tiles = new Map<string, number>();
  let pixelTasks = 0;
  let reads = 0;
  for (const group of planner.groups()) {
    for (const task of group) {
      hashes.push(task.hash);
      if (task.kind === 'pixels') {
        pixelTasks++;
        reads += task.candidates.length;
      }
      for (const ref of refsOf(task)) tiles.set(refKey(ref), ref.kind === 'range' ? ref.length : 0);
    }
  }
  return {
    hash: canonicalHash([PLAN_VERSION, planner.contextHash, hashes]),
    taskCount: hashes.length,
    estimate: {
      pixelTasks,
      labelTasks: hashes.length - pixelTasks,
      distinctTiles: tiles.size,
      bytes: [...tiles.values()].reduce((sum, bytes) => sum + bytes, 0),
      labels: input.labels.filter(({ window }) => window !== null).length,
      reads,
    },
    groups: (part) => planner.groups(part),
  };
}

/** Counted before any list is made: a slip in `grid.resolution` asks for millions of chunks. */
function assertSize({ grid, context, cell, times }: PlanInput): void {
  const across = Math.ceil(grid.size.width / cell);
  const down = Math.ceil(grid.size.height / cell);
  const tasks = across * down * times.length;
  // Only chunks that labels touch are planned then; how many that are is seen when they are listed.
  if (context.clip.mode !== 'none' || tasks <= MOST_TASKS) return;
  throw tooMany(`${across} × ${down} chunks at ${times.length} times`, tasks);
}

function tooMany(what: string, tasks: number): CubeError {
  const most = MOST_TASKS.toLocaleString('en');
  const fix = 'set a coarser grid.resolution, a smaller grid.extent, a larger grid.chunk, or build in parts';
  return specError('grid', `${what} are ${tasks.toLocaleString('en')} tasks; a build has at most ${most}`, fix);
}

class Planner {
  readonly contextHash: string;
  readonly #input: PlanInput;
  readonly #placer: SourcePlacer;
  readonly #labels: LabelCells;
  readonly #cells: readonly Cell[];
  readonly #placed = new WeakMap<Candidate['bands'], readonly (readonly PlacedSource[])[]>();
  readonly #levelHashes = new WeakMap<LevelHeader, string>();

  constructor(input: PlanInput) {
    const { grid, spec, context, labels, cell, times } = input;
    this.#input = input;
    this.#placer = new SourcePlacer(grid, spec.antialias, new MapCache(grid));
    this.#labels = new LabelCells(labels, grid, cell, context.clip);
    this.#cells = context.clip.mode === 'none' ? this.#labels.allCells() : this.#labels.touchedCells();
    const tasks = this.#cells.length * times.length;
    if (tasks > MOST_TASKS) throw tooMany(`${this.#cells.length} chunks at ${times.length} times`, tasks);
    // The failure policy never changes a pixel that was read, and a failed read is not kept as finished.
    const { allowIncomplete: _, ...rules } = context;
    this.contextHash = canonicalHash([
      PLAN_VERSION,
      grid,
      rules,
      cell,
      times.map(({ timeMs, solarDay }) => [timeMs, solarDay]),
    ]);
  }

  *groups(part: Part = { index: 0, of: 1 }): Generator<TaskGroup> {
    const { times, grid, cell } = this.#input;
    for (const { timeIndices, cells } of groupCells(this.#cells, times, { grid, cell }, part)) {
      const tasks: ChunkTask[] = [];
      for (const place of cells) for (const timeIndex of timeIndices) tasks.push(this.#pixelTask(place, timeIndex));
      yield tasks;
    }
    for (const [index, place] of this.#cells.entries()) {
      if (index % part.of !== part.index) continue;
      const task = this.#labelTask(place);
      if (task !== null) yield [task];
    }
  }

  #pixelTask(place: Cell, timeIndex: number): PixelTask {
    const window = this.#labels.window(place);
    const candidates = this.#input.times[timeIndex]!.members.flatMap((candidate) =>
      this.#candidateRead(candidate, window),
    );
    const labels = this.#labels.of(place);
    const key = `${timeIndex}/${place.yIndex}/${place.xIndex}`;
    const hash = canonicalHash([
      this.contextHash,
      timeIndex,
      window,
      candidates.map((one) => this.#hashable(one)),
      this.#labels.hash(labels),
    ]);
    return { kind: 'pixels', key, hash, timeIndex, ...place, window, candidates, labels };
  }

  #labelTask(place: Cell): LabelTask | null {
    const labels = this.#labels.of(place);
    if (labels.length === 0) return null;
    const window = this.#labels.window(place);
    const hash = canonicalHash([this.contextHash, 'labels', window, this.#labels.hash(labels)]);
    return { kind: 'labels', key: `labels/${place.yIndex}/${place.xIndex}`, hash, ...place, window, labels };
  }

  /** Nothing where no band of the candidate may touch the window. */
  #candidateRead(candidate: Candidate, window: Window): CandidateRead[] {
    if (candidate.broken !== null) {
      return [{ itemId: candidate.id, planes: [], broken: { ...candidate.broken, window: null } }];
    }
    const { context } = this.#input;
    const reach = this.#maskReach();
    const near = growWindow(window, reach.x, reach.y);
    return this.#place(candidate).flatMap((placed) => {
      if (!placed.some(({ extent }) => extent !== null && intersectWindows(extent, near) !== null)) return [];
      const planes = placed.map((source, index): PlaneRead => {
        const target = index === context.mask?.band ? near : window;
        return this.#placer.read(candidate.bands[index]!, source, { plan: context.bands[index]!, index }, target);
      });
      return planes.every((plane) => plane.window === null) ? [] : [{ itemId: candidate.id, planes, broken: null }];
    });
  }

  /** The bands of a candidate on the grid, once for every turn of longitude by which it meets the grid: mostly one. */
  #place({ bands }: Candidate): readonly (readonly PlacedSource[])[] {
    let placed = this.#placed.get(bands);
    if (placed === undefined) {
      const turns = new Set(bands.flatMap((source) => this.#placer.turns(source!)));
      placed = [...turns].map((turn) =>
        bands.map((source, index) => this.#placer.place(source!, this.#input.context.bands[index]!, turn)),
      );
      this.#placed.set(bands, placed);
    }
    return placed;
  }

  #maskReach(): { x: number; y: number } {
    const radius = this.#input.context.mask?.dilatePx ?? { x: 0, y: 0 };
    return { x: Math.ceil(radius.x), y: Math.ceil(radius.y) };
  }

  /** What decides the pixels of a candidate. URLs count without their queries: a new signature is no change. */
  #hashable({ itemId, planes, broken }: CandidateRead): unknown {
    const reads = planes.map(({ level, maskLevel, tiles, maskTiles, ...plane }) => [
      plane,
      this.#levelHash(level),
      maskLevel === null ? null : this.#levelHash(maskLevel),
      [...tiles, ...maskTiles].map(({ index, ref }) => [index, refKey(ref)]),
    ]);
    return [itemId, reads, broken === null ? null : broken.band];
  }

  #levelHash(level: LevelHeader): string {
    let hash = this.#levelHashes.get(level);
    if (hash === undefined) {
      hash = canonicalHash({ ...level, url: redactUrl(level.url), identity: versionOf(level) });
      this.#levelHashes.set(level, hash);
    }
    return hash;
  }
}

/** The time of the last change adds nothing to an ETag, and mirrors of one object differ in it. */
function versionOf({ identity }: LevelHeader): unknown {
  return identity === null ? null : { size: identity.size, etag: identity.etag };
}

function* refsOf(task: ChunkTask): Generator<ChunkRef> {
  if (task.kind !== 'pixels') return;
  for (const { planes } of task.candidates) {
    for (const { tiles, maskTiles } of planes) {
      for (const { ref } of tiles) if (ref.kind !== 'missing') yield ref;
      for (const { ref } of maskTiles) if (ref.kind !== 'missing') yield ref;
    }
  }
}

function refKey(ref: ChunkRef): string {
  switch (ref.kind) {
    case 'range':
      return `${redactUrl(ref.url)}|${ref.offset}|${ref.length}`;
    case 'object':
      return redactUrl(ref.url);
    case 'shard':
      return `${ref.part === undefined ? redactUrl(ref.url) : refKey(ref.part)}#${ref.index}`;
    case 'window':
      return windowKey(ref);
    case 'inline':
      return canonicalHash(ref.bytes);
    case 'missing':
      return 'missing';
  }
}
