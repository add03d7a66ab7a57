import type { Samples } from '../grid/dtype.js';
import type { AlignedTile } from './aligned-tile.js';
import { chooseStorage, type StorageReader } from './choose-storage.js';
import type { Fused } from './fuser.js';
import type { ChunkReference, ChunkStorage, StorageReason } from './storage.js';
import {
  isEmptyPlane,
  storePlane,
  storeReference,
  type ChunkStore,
  type PlanePlace,
  type StoredPlane,
} from './store-plane.js';
import type { PixelTask, PlanContext } from './task.js';
import { checksumOf } from './virtual/checksum-of.js';

/** What storing the planes of a chunk takes. */
export type ChunkStorer = StorageReader & { readonly context: PlanContext; readonly store: ChunkStore };

/** What is stored of a chunk, one row a plane, and which of them are ranges of source files. */
export type StoredChunk = {
  readonly rows: readonly (StoredPlane & Partial<ChunkStorage>)[];
  readonly references: readonly ChunkReference[];
};

type ChunkPlane = { readonly name: string; readonly samples: Samples; readonly band: number | null };

/** Store every plane of a finished chunk: bands, reason, count. Where references are asked for, tiles that a band equals stay where they are. */
export async function storeChunk(task: PixelTask, chunk: Fused, storer: ChunkStorer): Promise<StoredChunk> {
  const { context, store, arena } = storer;
  const { timeIndex, yIndex, xIndex, window } = task;
  const place = { timeIndex, yIndex, xIndex, window, arena };
  const planes = planesOf(chunk, context);
  const choices = await chooseAll(task, chunk, planes, storer);
  // One plane is written while the next one is encoded.
  const stored = planes.map(({ name, samples }, i) => storeOne(store, name, { samples, choice: choices[i]! }, place));
  await Promise.allSettled(stored);
  const rows = await Promise.all(stored);
  const references = planes.flatMap(({ name }, i) => {
    const choice = choices[i]!;
    return choice === null || typeof choice === 'string' ? [] : [referenceOf(task, name, choice)];
  });
  return { rows, references };
}

function planesOf({ bands, reason, count }: Fused, context: PlanContext): ChunkPlane[] {
  const planes: ChunkPlane[] = [];
  for (const [band, samples] of bands.entries()) {
    if (samples !== null) planes.push({ name: context.bands[band]!.name, samples, band });
  }
  planes.push({ name: 'reason', samples: reason, band: null });
  if (count !== null) planes.push({ name: 'count', samples: count, band: null });
  return planes;
}

/** A tile to refer to, why there is none, or null where nobody asked. */
type Choice = AlignedTile | StorageReason | null;

/** One after the other: what a tile is compared in is free again before the next. */
async function chooseAll(
  task: PixelTask,
  chunk: Fused,
  planes: readonly ChunkPlane[],
  storer: ChunkStorer,
): Promise<Choice[]> {
  const choices: Choice[] = [];
  for (const { name, samples, band } of planes) {
    if (storer.context.tileChains === undefined) choices.push(null);
    else if (isEmptyPlane(storer.store, name, samples)) choices.push('empty');
    else if (band === null) choices.push('computed');
    else choices.push(await chooseStorage(task, band, chunk, storer.context, storer));
  }
  return choices;
}

async function storeOne(
  store: ChunkStore,
  name: string,
  { samples, choice }: { readonly samples: Samples; readonly choice: Choice },
  place: PlanePlace,
): Promise<StoredPlane & Partial<ChunkStorage>> {
  if (choice === null) return storePlane(store, name, samples, place);
  if (typeof choice === 'string') {
    return { ...(await storePlane(store, name, samples, place)), storage: 'native', storageReason: choice };
  }
  const row = await storeReference(store, name, choice.ref.length, place);
  return { ...row, storage: 'virtual', storageReason: 'aligned' };
}

function referenceOf(
  { timeIndex, yIndex, xIndex }: PixelTask,
  array: string,
  { ref: { url, offset, length, identity, guard }, plane: { level } }: AlignedTile,
): ChunkReference {
  const file = { url, identity: identity ?? level.identity, ...(guard === undefined ? {} : { guard }) };
  return { array, timeIndex, yIndex, xIndex, url, offset, length, checksum: checksumOf(file) };
}
