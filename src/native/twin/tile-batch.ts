import { read } from 'node:fs';
import { readFile as readWhole } from 'node:fs/promises';
import { promisify } from 'node:util';
import { FAILURE, type TileCoding } from '../codec-types.js';
import { MAX_TILE_BYTES, PART_FIELDS, TILE_FIELDS, type TileBatch } from '../tile-batch.js';
import { decodeTile } from './codec-tile.js';

const readFile = promisify(read);

/** A box of samples; see `TileBatch.parts`. */
type Part = {
  readonly destination: Uint8Array;
  readonly from: number;
  readonly fromRowStride: number;
  readonly fromColStride: number;
  readonly to: number;
  readonly toRowStride: number;
  readonly rows: number;
  readonly cols: number;
};

/** A tile of the table: -1 for the file, less for a path, place and length there, its parts. */
type Tile = {
  readonly input: number;
  readonly offset: number;
  readonly length: number;
  readonly parts: readonly Part[];
};

/** Decode tiles one after the other, in this thread: what the addon does in several. Parts that meet are not noticed. */
export async function decodeTiles(batch: TileBatch): Promise<Int32Array> {
  const { tiles, tileBytes, cancel } = batch;
  const codes = new Int32Array(Math.floor(tiles.length / TILE_FIELDS)).fill(FAILURE.badArgument);
  const list = parseTiles(batch);
  if (list === null || !(tileBytes > 0 && tileBytes <= MAX_TILE_BYTES)) return codes;
  const samples = new Uint8Array(tileBytes);
  for (const [i, tile] of list.entries()) {
    codes[i] = cancel[0] === 0 ? await decodeOne(batch, tile, samples) : FAILURE.cancelled;
  }
  return codes;
}

async function decodeOne(batch: TileBatch, tile: Tile, samples: Uint8Array): Promise<number> {
  const { input, offset, length, parts } = tile;
  const bytes = await bytesOf(batch, { input, offset, length });
  if (bytes === null) return FAILURE.unread;
  const { coding, tileBytes } = batch;
  const end = parts.reduce((most, part) => Math.max(most, partEnd(part)), 0) * coding.elementSize;
  // Predictors work on whole rows.
  const row = coding.predictor === 1 ? 1 : Math.max(1, coding.rowSamples * coding.elementSize);
  const needed = Math.min(Math.ceil(end / row) * row, tileBytes);
  const count = decodeTile(bytes, samples, { ...coding, needed });
  if (count < 0) return count;
  if (count !== tileBytes && (needed === tileBytes || count < needed)) return FAILURE.short;
  for (const part of parts) place(samples, coding, part);
  return 0;
}

function bytesOf(
  { inputs, paths, file }: TileBatch,
  { input, offset, length }: Omit<Tile, 'parts'>,
): Promise<Uint8Array | null> | Uint8Array {
  if (input >= 0) return inputs[input]!;
  if (input === -1) return readBytes(file, offset, length);
  return readWhole(paths[-2 - input]!).catch(() => null);
}

/** Null where the file ends before. */
async function readBytes(file: number, offset: number, length: number): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await readFile(file, bytes, filled, length - filled, offset + filled).catch(() => ({
      bytesRead: 0,
    }));
    if (bytesRead === 0) return null;
    filled += bytesRead;
  }
  return bytes;
}

/** The tables as records, or null where a number is odd or something lies outside. */
function parseTiles(batch: TileBatch): Tile[] | null {
  const parts = rowsOf(batch.parts, PART_FIELDS)?.map((numbers) => parsePart(batch, numbers)) ?? [null];
  const list: Tile[] = [];
  let first = 0;
  for (const [input = 0, offset = 0, length = 0, , count = 0] of rowsOf(batch.tiles, TILE_FIELDS) ?? [[]]) {
    const own = parts.slice(first, first + count).filter((part) => part !== null);
    const known = input === -1 || (input < 0 ? batch.paths[-2 - input] : batch.inputs[input]) !== undefined;
    if (!isWhole(count) || count === 0 || own.length !== count || !known) return null;
    first += count;
    list.push({ input, offset, length, parts: own });
  }
  return first === parts.length ? list : null;
}

function rowsOf(table: Float64Array, fields: number): number[][] | null {
  if (table.length % fields !== 0) return null;
  return Array.from({ length: table.length / fields }, (_, i) => [...table.subarray(i * fields, (i + 1) * fields)]);
}

function parsePart({ destinations, coding, tileBytes }: TileBatch, numbers: readonly number[]): Part | null {
  const [place = -1, from = 0, fromRowStride = 0, fromColStride = 0, to = 0, toRowStride = 0, rows = 0, cols = 0] =
    numbers;
  const destination = destinations[place];
  const apart = rows > 0 && cols > 0 && fromColStride > 0 && toRowStride >= cols;
  if (!numbers.every(isWhole) || destination === undefined || !apart) return null;
  const part = { destination, from, fromRowStride, fromColStride, to, toRowStride, rows, cols };
  const inside = partEnd(part) * coding.elementSize <= tileBytes;
  const fits = (to + (rows - 1) * toRowStride + cols) * coding.elementSize <= destination.length;
  return inside && fits ? part : null;
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Samples of the tile up to the last one that a part takes. */
function partEnd({ from, fromRowStride, fromColStride, rows, cols }: Part): number {
  return from + (rows - 1) * fromRowStride + (cols - 1) * fromColStride + 1;
}

function place(samples: Uint8Array, { elementSize }: TileCoding, part: Part): void {
  for (let row = 0; row < part.rows; row++) {
    const from = (part.from + row * part.fromRowStride) * elementSize;
    const to = (part.to + row * part.toRowStride) * elementSize;
    if (part.fromColStride === 1) {
      part.destination.set(samples.subarray(from, from + part.cols * elementSize), to);
      continue;
    }
    for (let col = 0; col < part.cols; col++) {
      const start = from + col * part.fromColStride * elementSize;
      for (let byte = 0; byte < elementSize; byte++) {
        part.destination[to + col * elementSize + byte] = samples[start + byte]!;
      }
    }
  }
}
