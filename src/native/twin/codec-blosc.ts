import { FAILURE } from '../codec-types.js';
import { decodeBloscLz } from './codec-blosclz.js';
import { inflate } from './codec-inflate.js';
import { decodeLz4Block } from './codec-lz4.js';
import { bitUnshuffle, unshuffle } from './codec-shuffle.js';
import { decodeZstd } from './codec-zstd.js';

/** Bytes of a blosc1 header: version, codec version, flags, element size; decoded size, block size, frame size (uint32 LE). */
export const BLOSC_HEADER = 16;
/** Bits of the flags byte of a blosc1 header. */
export const BLOSC_FLAG = { shuffle: 1, stored: 2, bitShuffle: 4, notSplit: 16 } as const;
/** c-blosc splits a block into one stream a byte plane up to this element size, where a plane has at least 128 bytes. */
const MOST_SPLITS = 16;
const LEAST_PLANE = 128;

type Frame = {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly flags: number;
  readonly element: number;
  readonly block: number;
};

/** Decode a blosc1 frame; gives its decoded size, or a failure. */
export function decodeBlosc(input: Uint8Array, output: Uint8Array): number {
  if (input.length < BLOSC_HEADER) return FAILURE.corrupt;
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const [version, , flags, element] = [input[0]!, input[1]!, input[2]!, input[3]!];
  if (version > 2) return FAILURE.unsupported; // blosc2
  const [size, block, length] = [view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)];
  const broken = length > input.length || length < BLOSC_HEADER || (size > 0 && block === 0);
  if (version === 0 || element === 0 || broken) return FAILURE.corrupt;
  if (size > output.length) return FAILURE.surplus;
  if ((flags & BLOSC_FLAG.stored) !== 0) {
    if (BLOSC_HEADER + size > input.length) return FAILURE.corrupt;
    output.set(input.subarray(BLOSC_HEADER, BLOSC_HEADER + size));
    return size;
  }
  const frame: Frame = { bytes: input.subarray(0, length), view, flags, element, block };
  for (let at = 0, index = 0; at < size; at += block, index++) {
    const outcome = decodeBlock(frame, index, output.subarray(at, Math.min(at + block, size)));
    if (outcome < 0) return outcome;
  }
  return size;
}

function decodeBlock(frame: Frame, index: number, output: Uint8Array): number {
  const { flags, element, block } = frame;
  const offsetAt = BLOSC_HEADER + 4 * index;
  if (offsetAt + 4 > frame.bytes.length) return FAILURE.corrupt;
  const place = frame.view.getUint32(offsetAt, true);
  const split =
    (flags & BLOSC_FLAG.notSplit) === 0 &&
    output.length === block &&
    element <= MOST_SPLITS &&
    Math.floor(block / element) >= LEAST_PLANE;
  const streams = split ? element : 1;
  if (output.length % streams !== 0) return FAILURE.corrupt;
  const bits = (flags & BLOSC_FLAG.bitShuffle) !== 0;
  const bytes = !bits && (flags & BLOSC_FLAG.shuffle) !== 0 && element > 1;
  const target = bits || bytes ? new Uint8Array(output.length) : output;
  const outcome = decodeStreams(frame, place, target, streams);
  if (outcome < 0) return outcome;
  if (bits) bitUnshuffle(target, output, element);
  if (bytes) unshuffle(target, output, element);
  return output.length;
}

function decodeStreams({ bytes, view, flags }: Frame, place: number, output: Uint8Array, streams: number): number {
  const size = output.length / streams;
  let from = place;
  for (let i = 0; i < streams; i++) {
    if (from + 4 > bytes.length) return FAILURE.corrupt;
    const start = from + 4;
    const end = start + view.getUint32(from, true);
    if (end > bytes.length) return FAILURE.corrupt;
    const stream = bytes.subarray(start, end);
    const target = output.subarray(i * size, (i + 1) * size);
    if (stream.length === size) target.set(stream); // stored: compression did not pay
    else {
      const count = decodeStream(flags >> 5, stream, target);
      if (count === FAILURE.unsupported) return count;
      if (count !== size) return FAILURE.corrupt;
    }
    from = end;
  }
  return output.length;
}

function decodeStream(codec: number, stream: Uint8Array, target: Uint8Array): number {
  switch (codec) {
    case 0:
      return decodeBloscLz(stream, target);
    case 1: // lz4hc too
      return decodeLz4Block(stream, target);
    case 3:
      return inflate('zlib', stream, target, { surplus: false });
    case 4:
      return decodeZstd(stream, target, false);
    default:
      return FAILURE.unsupported; // snappy
  }
}
