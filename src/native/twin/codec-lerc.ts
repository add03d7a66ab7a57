import type { LercData, LercHeaderInfo } from 'lerc';
import { FAILURE, type ImageShape } from '../codec-types.js';

/** The parts of the package that are used; it is loaded by `prepareLerc`. */
type Lerc = {
  readonly getBlobInfo: (input: Uint8Array) => LercHeaderInfo;
  readonly decode: (input: Uint8Array, options: { readonly returnInterleaved: boolean }) => LercData;
};

const PIXEL_TYPES = ['S8', 'U8', 'S16', 'U16', 'S32', 'U32', 'F32', 'F64'] as const;

let library: Lerc | null = null;

/** Load Esri's WebAssembly decoder; await it once before `decodeLerc`. */
export async function prepareLerc(): Promise<void> {
  if (library !== null) return;
  const lerc = await import('lerc');
  await lerc.load();
  library = lerc;
}

/**
 * A LERC1 or LERC2 blob, samples of a pixel together, masked pixels as `fill`. A blob with one sample less a pixel is uint8
 * with alpha, as libtiff writes it: the mask is the alpha, 0 or 255.
 */
export function decodeLerc(
  input: Uint8Array,
  output: Uint8Array,
  shape: ImageShape,
  dataType: number,
  fill: number,
): number {
  const { width, height, samplesPerPixel } = shape;
  if (library === null) return FAILURE.notPrepared;
  if (!headerFits(input, shape)) return FAILURE.mismatch;
  try {
    const info = library.getBlobInfo(input);
    if (info.width !== width || info.height !== height || info.dataType !== dataType) return FAILURE.mismatch;
    const samples = info.depthCount * info.bandCount;
    const alpha = samples + 1 === samplesPerPixel && dataType === 1 && info.bandCount === 1;
    if (samples !== samplesPerPixel && !alpha) return FAILURE.mismatch;
    const data = library.decode(input, { returnInterleaved: true });
    if (data.pixelType !== PIXEL_TYPES[dataType] || data.pixels.length !== info.bandCount) return FAILURE.corrupt;
    return place(data, output, shape, { alpha, fill });
  } catch {
    return FAILURE.corrupt;
  }
}

/** Offsets in a LERC2 header of version 4 and later; older ones have no depth and no checksum in version 2. */
const VERSION_AT = 6;
const ROWS_AT = 14;
const DEPTH_AT = 22;
const MORE_BLOBS_AT = 42;

/** Compare a LERC2 header with what is wanted, because the library allocates for what it announces. */
function headerFits(input: Uint8Array, { width, height, samplesPerPixel }: ImageShape): boolean {
  const isLerc2 = Buffer.from(input.subarray(0, VERSION_AT)).toString('latin1') === 'Lerc2 ';
  if (!isLerc2 || input.length < MORE_BLOBS_AT + 4) return true;
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const version = view.getInt32(VERSION_AT, true);
  const rowsAt = version >= 3 ? ROWS_AT : ROWS_AT - 4;
  const depth = version >= 4 ? view.getInt32(DEPTH_AT, true) : 1;
  const moreBlobs = version >= 6 ? view.getInt32(MORE_BLOBS_AT, true) : 0;
  const sizeFits = view.getInt32(rowsAt, true) === height && view.getInt32(rowsAt + 4, true) === width;
  return sizeFits && depth >= 1 && depth <= samplesPerPixel && moreBlobs >= 0 && moreBlobs < samplesPerPixel;
}

function place(
  data: LercData,
  output: Uint8Array,
  { width, height, samplesPerPixel }: ImageShape,
  { alpha, fill }: { readonly alpha: boolean; readonly fill: number },
): number {
  const first = data.pixels[0];
  if (first === undefined) return FAILURE.corrupt;
  const byteLength = width * height * samplesPerPixel * first.BYTES_PER_ELEMENT;
  if (byteLength > output.length) return FAILURE.badArgument;
  const depth = data.depthCount;
  const target = new Uint8Array(byteLength);
  const typed = typedLike(first, target.buffer);
  data.pixels.forEach((band, b) => {
    const mask = data.bandMasks?.[b] ?? data.mask;
    for (let pixel = 0; pixel < width * height; pixel++) {
      const valid = mask === null || mask[pixel] !== 0;
      const to = pixel * samplesPerPixel + b * depth;
      for (let d = 0; d < depth; d++) typed[to + d] = valid || alpha ? band[pixel * depth + d]! : fill;
      if (alpha) typed[to + depth] = valid ? 255 : 0;
    }
  });
  output.set(target);
  return byteLength;
}

function typedLike(pixels: LercData['pixels'][number], buffer: ArrayBuffer): { [index: number]: number } {
  if (pixels instanceof Int8Array) return new Int8Array(buffer);
  if (pixels instanceof Int16Array) return new Int16Array(buffer);
  if (pixels instanceof Uint16Array) return new Uint16Array(buffer);
  if (pixels instanceof Int32Array) return new Int32Array(buffer);
  if (pixels instanceof Uint32Array) return new Uint32Array(buffer);
  if (pixels instanceof Float32Array) return new Float32Array(buffer);
  if (pixels instanceof Float64Array) return new Float64Array(buffer);
  return new Uint8Array(buffer);
}
