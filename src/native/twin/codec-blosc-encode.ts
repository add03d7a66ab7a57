import { FAILURE } from '../codec-types.js';
import { BLOSC_FLAG, BLOSC_HEADER } from './codec-blosc.js';
import { encodeLz4Block } from './codec-lz4.js';
import { bitShuffle, shuffle } from './codec-shuffle.js';
import { encodeZstd } from './codec-zstd-encode.js';

/** The addon's block size, so that frames look alike. */
const BLOCK = 256 << 10;
const LZ4 = 1;
const ZSTD = 4;
const STRONGEST_ZSTD = 22;

/** One blosc1 frame without split blocks. Errors: `badArgument`, `notPrepared`. */
export function encodeBlosc(
  input: Uint8Array,
  output: Uint8Array,
  codec: number,
  level: number,
  filter: number,
  elementSize: number,
): number {
  const fits = output.length >= BLOSC_HEADER + input.length;
  if ((codec !== LZ4 && codec !== ZSTD) || elementSize < 1 || elementSize > 255 || !fits) return FAILURE.badArgument;
  if (![0, 1, 2].includes(filter)) return FAILURE.badArgument;
  const stored = BLOSC_HEADER + input.length;
  const group = 8 * elementSize;
  const block = Math.min(Math.max(Math.floor(BLOCK / group) * group, group), Math.max(input.length, 1));
  const filterFlag = [0, BLOSC_FLAG.shuffle, BLOSC_FLAG.bitShuffle][filter]!;
  const flags = filterFlag | BLOSC_FLAG.notSplit | (codec << 5);
  const room = output.subarray(0, stored);
  const coding = { codec, level, filter, elementSize };
  const length = level === 0 || input.length === 0 ? FAILURE.surplus : encodeBlocks(input, room, block, coding);
  if (length > 0) {
    writeHeader(output, flags, elementSize, [input.length, block, length]);
    return length;
  }
  if (length !== FAILURE.surplus) return length;
  output.set(input, BLOSC_HEADER);
  writeHeader(output, flags | BLOSC_FLAG.stored, elementSize, [input.length, block, stored]);
  return stored;
}

type Coding = {
  readonly codec: number;
  readonly level: number;
  readonly filter: number;
  readonly elementSize: number;
};

function writeHeader(output: Uint8Array, flags: number, elementSize: number, words: readonly number[]): void {
  output.set([2, 1, flags, elementSize]);
  const view = new DataView(output.buffer, output.byteOffset, BLOSC_HEADER);
  words.forEach((word, i) => view.setUint32(4 + 4 * i, word, true));
}

function encodeBlocks(input: Uint8Array, output: Uint8Array, block: number, coding: Coding): number {
  const view = new DataView(output.buffer, output.byteOffset, output.byteLength);
  const count = Math.ceil(input.length / block);
  let at = BLOSC_HEADER + 4 * count;
  for (let i = 0; i < count; i++) {
    if (at + 4 > output.length) return FAILURE.surplus;
    view.setUint32(BLOSC_HEADER + 4 * i, at, true);
    const bytes = filtered(input.subarray(i * block, (i + 1) * block), coding);
    const room = output.subarray(at + 4, at + 4 + Math.min(output.length - at - 4, bytes.length - 1));
    let length = compress(bytes, room, coding);
    if (length === FAILURE.surplus) {
      if (at + 4 + bytes.length > output.length) return FAILURE.surplus;
      output.set(bytes, at + 4);
      length = bytes.length;
    }
    if (length < 0) return length;
    view.setUint32(at, length, true);
    at += 4 + length;
  }
  return at;
}

function filtered(bytes: Uint8Array, { filter, elementSize }: Coding): Uint8Array {
  if (filter === 0 || (filter === 1 && elementSize === 1)) return bytes;
  const result = new Uint8Array(bytes.length);
  if (filter === 1) shuffle(bytes, result, elementSize);
  else bitShuffle(bytes, result, elementSize);
  return result;
}

function compress(bytes: Uint8Array, room: Uint8Array, { codec, level }: Coding): number {
  if (codec === LZ4) return encodeLz4Block(bytes, room);
  return encodeZstd(bytes, room, level >= 9 ? STRONGEST_ZSTD : 2 * level - 1);
}
