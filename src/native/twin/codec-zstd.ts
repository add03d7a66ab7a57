import { Decompress } from 'fzstd';
import { FAILURE } from '../codec-types.js';

/** Blocks hold up to this much (RFC 8878 §3.1.1.2.4), so a window is never smaller here. */
const LEAST_WINDOW = 1 << 17;
/** Where surplus is accepted, a frame may announce this many times the output. */
const SURPLUS_FACTOR = 2;

/** One or more frames (RFC 8878) into `output`; gives the bytes written or a failure. Checksums are not verified. */
export function decodeZstd(input: Uint8Array, output: Uint8Array, surplus: boolean): number {
  let from = 0;
  let to = 0;
  while (from < input.length) {
    const frame = parseFrame(input, from);
    if (frame === null) return FAILURE.corrupt;
    if (frame.blocks) {
      const room = output.length - to;
      const most = surplus ? SURPLUS_FACTOR * output.length + LEAST_WINDOW : room;
      if (frame.content !== null && frame.content > most) return FAILURE.surplus;
      const count = decodeFrame(
        narrowWindow(input.slice(from, frame.end), output.length),
        output.subarray(to),
        surplus,
      );
      if (count < 0) return count;
      if (frame.content !== null && count !== Math.min(frame.content, room)) return FAILURE.corrupt;
      to += count;
      if (surplus && to === output.length) return to;
    }
    from = frame.end;
  }
  return to;
}

/**
 * Lower the window that a frame asks for to what its output can refer to. The decoder allocates it, and a header may ask
 * for gigabytes. Changes `frame`.
 */
function narrowWindow(frame: Uint8Array, outputLength: number): Uint8Array {
  const single = (frame[4]! & 32) !== 0;
  if (single) return frame;
  const exponent = Math.ceil(Math.log2(Math.max(outputLength, LEAST_WINDOW))) - 10;
  frame[5] = Math.min(frame[5]!, exponent << 3);
  return frame;
}

class Full extends Error {}

function decodeFrame(frame: Uint8Array, output: Uint8Array, surplus: boolean): number {
  let count = 0;
  let more = false;
  const decoder = new Decompress((block) => {
    const length = Math.min(block.length, output.length - count);
    output.set(block.subarray(0, length), count);
    count += length;
    if (length < block.length) {
      more = true;
      throw new Full();
    }
  });
  try {
    decoder.push(frame, true);
  } catch (error) {
    if (!(error instanceof Full)) return FAILURE.corrupt;
  }
  return more && !surplus ? FAILURE.surplus : count;
}

type Frame = {
  /** False for a skippable frame. */
  readonly blocks: boolean;
  readonly content: number | null;
  /** Index behind the frame. */
  readonly end: number;
};

/** Read a frame's header and walk over its blocks (RFC 8878 §3.1.1). Null where it is no whole frame. */
function parseFrame(input: Uint8Array, from: number): Frame | null {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (from + 8 > input.length) return null;
  const magic = view.getUint32(from, true);
  if (magic >>> 4 === 0x184d2a5) {
    const end = from + 8 + view.getUint32(from + 4, true);
    return end > input.length ? null : { blocks: false, content: null, end };
  }
  if (magic !== 0xfd2fb528) return null;
  const descriptor = input[from + 4]!;
  const single = (descriptor & 32) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (single ? 1 : 0) : 1 << sizeFlag;
  const sizeAt = from + 5 + (single ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  if (sizeAt + sizeBytes > input.length) return null;
  let content = 0;
  for (let i = sizeBytes - 1; i >= 0; i--) content = content * 256 + input[sizeAt + i]!;
  if (sizeBytes === 2) content += 256;
  const end = walkBlocks(input, sizeAt + sizeBytes, (descriptor & 4) !== 0);
  return end === null ? null : { blocks: true, content: sizeBytes === 0 ? null : content, end };
}

function walkBlocks(input: Uint8Array, from: number, checksum: boolean): number | null {
  let at = from;
  for (;;) {
    if (at + 3 > input.length) return null;
    const header = input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16);
    const runLength = ((header >> 1) & 3) === 1;
    at += 3 + (runLength ? 1 : header >> 3);
    if (at > input.length) return null;
    if ((header & 1) === 1) break;
  }
  const end = at + (checksum ? 4 : 0);
  return end > input.length ? null : end;
}
