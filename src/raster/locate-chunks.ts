import { CubeError, isCubeError } from '../errors.js';
import { elementCount, flatten, unflatten } from '../grid/flat-index.js';
import type { SourceFactory } from '../io/byte-source.js';
import { runLanes } from '../io/run-lanes.js';
import { identityOf } from '../io/with-identity.js';
import type { ChunkRef, ChunkRefs, ShardRef } from './chunk-ref.js';
import { chunkGrid, chunkRef, type RasterLevel } from './level.js';
import { LocatedRefs } from './located-refs.js';
import { partSource } from './part-source.js';
import { assertSeparate, readShardIndex } from './shard-index.js';

/** Which chunks are looked for. */
export type LocateOptions = {
  /** Those of some planes, each by its index in every dimension (those of x and y unused); left out: all chunks. */
  readonly planes?: readonly (readonly number[])[];
  readonly signal?: AbortSignal;
};

/** Objects asked at a time; the sources limit each origin further. */
const CONCURRENCY = 64;

/** Indexes of shards that are held at a time; each takes 16 bytes an inner chunk as read, and as much again. */
const INDEX_BYTES = 64 * 2 ** 20;

/** A located chunk costs 20 bytes, and an object of its own some hundred more. */
const MAX_CHUNKS = 2 ** 24;

/** Whether chunks are objects or parts of shards, so that nothing tells yet where their bytes are. */
export function isUnlocated({ refs }: Pick<RasterLevel, 'refs'>): boolean {
  if (refs.kind === 'objects' || refs.kind === 'shards') return true;
  if (refs.kind === 'shard-refs') return refs.shards.kind === 'files' || refs.shards.refs.every(isOutside);
  return refs.kind === 'list' && refs.refs.some(({ kind }) => kind === 'object') && refs.refs.every(isOutside);
}

function isOutside({ kind }: ChunkRef): boolean {
  return kind === 'object' || kind === 'range' || kind === 'missing';
}

/**
 * The level with references of kind `files`, where chunks are whole objects or parts of shards: each object is asked for its
 * size and version, each shard for its index. One that is not there is a missing chunk, and so is one outside the planes.
 * Other levels come back as they are. Errors: `invalid-data` for empty objects and for shards whose index is damaged or has chunks
 * that overlap; `unsupported` for too many chunks; those of reading.
 */
export async function locateChunks(
  level: RasterLevel,
  sources: SourceFactory,
  { planes, signal }: LocateOptions = {},
): Promise<RasterLevel> {
  if (!isUnlocated(level)) return level;
  const count = elementCount(chunkGrid(level));
  if (count > MAX_CHUNKS) {
    throw new CubeError({ kind: 'unsupported', url: level.url, feature: `references to ${count} chunks of one array` });
  }
  const located = new LocatedRefs(count);
  const chunks = planes === undefined || level.axes === null ? allChunks(level) : planeChunks(level, planes);
  const locate = ({ index, ref }: Wanted, either: AbortSignal) =>
    ref.kind === 'shard'
      ? locateShard(level, { index, ref }, sources, located, either)
      : locateChunk(ref, flatten(index, chunkGrid(level)), sources, located, either);
  await runLanes(wantedObjects(level, chunks), lanesOf(level), locate, signal);
  return { ...level, refs: located.refs() };
}

function lanesOf({ refs }: RasterLevel): number {
  if (!('layout' in refs)) return CONCURRENCY;
  return Math.max(1, Math.min(CONCURRENCY, Math.floor(INDEX_BYTES / (refs.layout.innerChunks * 32))));
}

type Wanted = { readonly index: readonly number[]; readonly ref: ChunkRef };

function* allChunks(level: RasterLevel): Generator<readonly number[]> {
  const grid = chunkGrid(level);
  const count = elementCount(grid);
  for (let i = 0; i < count; i++) yield unflatten(i, grid);
}

/** Each chunk once, though several planes may lie in it. */
function* planeChunks(level: RasterLevel, planes: readonly (readonly number[])[]): Generator<readonly number[]> {
  const { x, y } = level.axes!;
  const grid = chunkGrid(level);
  const seen = new Set<string>();
  for (const at of planes) {
    const index = level.chunkShape.map((size, d) => (d === x || d === y ? 0 : Math.floor((at[d] ?? 0) / size)));
    if (seen.size === seen.add(index.join()).size) continue;
    for (let row = 0; row < grid[y]!; row++) {
      for (let col = 0; col < grid[x]!; col++) yield index.map((value, d) => (d === y ? row : d === x ? col : value));
    }
  }
}

/** One chunk of each shard stands for all: its index tells where the others are. */
function* wantedObjects(level: RasterLevel, chunks: Iterable<readonly number[]>): Generator<Wanted> {
  const shards = new Set<string>();
  for (const index of chunks) {
    const ref = chunkRef(level, index);
    if (ref.kind === 'shard') {
      const inner = innerGrid(level);
      const shard = index.map((value, d) => Math.floor(value / inner[d]!)).join();
      if (shards.size === shards.add(shard).size) continue;
    }
    yield { index, ref };
  }
}

async function locateChunk(
  ref: ChunkRef,
  place: number,
  sources: SourceFactory,
  located: LocatedRefs,
  signal: AbortSignal,
): Promise<void> {
  if (ref.kind === 'range') located.add(place, ref, ref);
  if (ref.kind !== 'object') return;
  try {
    // The last byte: sources take a suffix as it is, and would read more of the beginning.
    const identity = identityOf(await sources.open(ref.url).read({ suffix: 1 }, { signal }));
    if (identity.size === 0) throw new CubeError({ kind: 'invalid-data', url: ref.url, what: 'a chunk without bytes' });
    located.add(place, { url: ref.url, identity }, { offset: 0, length: identity.size });
  } catch (error) {
    if (!isCubeError(error, 'not-found')) throw error;
  }
}

async function locateShard(
  level: RasterLevel,
  { index, ref }: { readonly index: readonly number[]; readonly ref: ShardRef },
  sources: SourceFactory,
  located: LocatedRefs,
  signal: AbortSignal,
): Promise<void> {
  const { url, part } = ref;
  const source = part === undefined ? sources.open(url) : partSource(sources.open(url), part);
  const shard = await readShardIndex(source, ref.layout, signal);
  if (shard === null) return;
  assertSeparate(shard, ref.layout, source.url);
  const grid = chunkGrid(level);
  const inner = innerGrid(level);
  const first = index.map((value, d) => value - (value % inner[d]!));
  for (let i = 0; i < shard.offsets.length; i++) {
    if (shard.offsets[i] === -1) continue;
    const chunk = unflatten(i, inner).map((value, d) => value + first[d]!);
    // A shard may reach past the array.
    if (chunk.some((value, d) => value >= grid[d]!)) continue;
    const offset = (part?.offset ?? 0) + shard.offsets[i]!;
    located.add(flatten(chunk, grid), part ?? { url, identity: shard.identity }, { offset, length: shard.lengths[i]! });
  }
}

/** Inner chunks of a shard along each dimension. */
function innerGrid({ refs, chunkShape }: RasterLevel): number[] {
  const { shardShape } = refs as Extract<ChunkRefs, { readonly kind: 'shards' | 'shard-refs' }>;
  return shardShape.map((size, d) => size / chunkShape[d]!);
}
