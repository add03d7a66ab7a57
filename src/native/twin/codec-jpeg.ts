import workerThreads from 'node:worker_threads';
import type { getDecoder } from 'geotiff';
import { FAILURE, type ImageShape } from '../codec-types.js';
import { interpolateChroma } from './codec-jpeg-chroma.js';

type BlockDecoder = { decodeBlock(bytes: ArrayBuffer): unknown };

let createDecoder: ((tables: Uint8Array) => BlockDecoder) | null = null;

/** Load geotiff.js' decoder; await it once before `decodeJpeg`. */
export async function prepareJpeg(): Promise<void> {
  if (createDecoder !== null) return;
  const geotiff = await importGeotiff();
  const parameters = { tileWidth: 1, tileHeight: 1, predictor: 1, bitsPerSample: 8, planarConfiguration: 1 };
  const first = await geotiff.getDecoder(7, parameters);
  const Decoder = first.constructor as new (parameters: object) => BlockDecoder;
  createDecoder = (tables) => new Decoder(tables.length > 0 ? { ...parameters, JPEGTables: tables } : parameters);
}

/**
 * geotiff.js loads `web-worker`, which reads a field of `workerData` in every thread but the main one, and fails where a
 * thread has none. Delete this when https://github.com/developit/web-worker reads it with care.
 */
async function importGeotiff(): Promise<{ readonly getDecoder: typeof getDecoder }> {
  const { isMainThread, workerData } = workerThreads;
  if (isMainThread || (workerData ?? null) !== null) return import('geotiff');
  Object.assign(workerThreads, { workerData: {} });
  try {
    return await import('geotiff');
  } finally {
    Object.assign(workerThreads, { workerData });
  }
}

/** A JPEG tile, baseline or progressive, eight bits. */
export function decodeJpeg(
  tables: Uint8Array,
  input: Uint8Array,
  output: Uint8Array,
  shape: ImageShape,
  toRgb: boolean,
): number {
  const { width, height, samplesPerPixel } = shape;
  const needed = width * height * samplesPerPixel;
  if (needed > output.length) return FAILURE.badArgument;
  const frame = findFrame(input, shape);
  if (frame < 0) return frame;
  if (createDecoder === null) return FAILURE.notPrepared;
  try {
    const decoded: unknown = createDecoder(tables).decodeBlock(input.slice().buffer);
    if (!(decoded instanceof ArrayBuffer) || decoded.byteLength < needed) return FAILURE.corrupt;
    const pixels = new Uint8Array(decoded);
    smoothChroma(pixels, input, frame, shape);
    output.set(pixels.subarray(0, needed));
  } catch {
    return FAILURE.corrupt;
  }
  if (toRgb && samplesPerPixel === 3) convertToRgb(output.subarray(0, needed));
  return needed;
}

/**
 * Find the frame header (ITU T.81 §B.2.2) and compare it with what is expected, before the decoder allocates for it; gives
 * its place or a failure. A second frame anywhere would be decoded unchecked, so it is refused.
 */
function findFrame(input: Uint8Array, { width, height, samplesPerPixel }: ImageShape): number {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let found: number = FAILURE.corrupt;
  for (let at = 0; at + 10 <= input.length; at++) {
    const marker = input[at + 1]!;
    if (input[at] !== 0xff || marker < 0xc0 || marker > 0xcf || [0xc4, 0xc8, 0xcc].includes(marker)) continue;
    if (found >= 0) return FAILURE.corrupt;
    found = at;
    if (marker > 0xc2 || input[at + 4] !== 8) return FAILURE.unsupported;
    const rows = view.getUint16(at + 5);
    const fits = view.getUint16(at + 7) === width && rows >= height && rows - height <= Math.max(height, 64);
    if (!fits || input[at + 9] !== samplesPerPixel) return FAILURE.mismatch;
    // Sampling factors are 1 to 4 (§B.2.2); others would make the decoder allocate for rows that are not there.
    for (let i = 0; i < samplesPerPixel; i++) {
      const factors = input[at + 11 + 3 * i] ?? 0;
      const [horizontal, vertical] = [factors >> 4, factors & 15];
      if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4) return FAILURE.corrupt;
    }
  }
  return found;
}

/** Replace repeated samples of components that are stored at half size by interpolated ones, as libjpeg gives them. */
function smoothChroma(
  pixels: Uint8Array,
  input: Uint8Array,
  frame: number,
  { width, samplesPerPixel }: ImageShape,
): void {
  const factors = Array.from({ length: samplesPerPixel }, (_, i) => input[frame + 11 + 3 * i]!);
  const widest = Math.max(...factors.map((factor) => factor >> 4));
  const tallest = Math.max(...factors.map((factor) => factor & 15));
  const height = pixels.length / (width * samplesPerPixel);
  factors.forEach((factor, component) => {
    const [across, down] = [widest / (factor >> 4), tallest / (factor & 15)];
    if ((across !== 1 && across !== 2) || (down !== 1 && down !== 2) || across * down === 1) return;
    interpolateChroma(pixels, { width, height, samplesPerPixel, component, across, down });
  });
}

/** JFIF's YCbCr to RGB (ITU T.871 §7), in place. */
function convertToRgb(pixels: Uint8Array): void {
  for (let i = 0; i < pixels.length; i += 3) {
    const [y, cb, cr] = [pixels[i]!, pixels[i + 1]! - 128, pixels[i + 2]! - 128];
    pixels[i] = clamp(y + 1.402 * cr);
    pixels[i + 1] = clamp(y - 0.344136 * cb - 0.714136 * cr);
    pixels[i + 2] = clamp(y + 1.772 * cb);
  }
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
