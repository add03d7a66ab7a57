import { CubeError } from '../errors.js';
import { storedBytes, type DataType } from '../grid/dtype.js';
import { FAILURE, type CodecKernels, type ImageShape } from '../native/codec-types.js';
import type { Chain, Compression, SampleSource } from './chain.js';
import { codecError } from './codec-failure.js';
import { describeChunk, imageShapes } from './chunk-shape.js';
import { runTile } from './decode-bytes.js';
import { tileCoding } from './tile-coding.js';

/** LERC's numbers of the sample types. */
const LERC_TYPE: Partial<Readonly<Record<DataType, number>>> = {
  int8: 0,
  uint8: 1,
  int16: 2,
  uint16: 3,
  int32: 4,
  uint32: 5,
  float32: 6,
  float64: 7,
};

/** What the step from bytes to samples has to fill. */
export type SampleRequest = {
  readonly chain: Chain;
  /** Compression that the same call undoes, or null where the bytes are plain. */
  readonly compression: Compression | null;
  readonly shape: readonly number[];
  /** Bytes from the start that must be right. */
  readonly needed: number;
  readonly url: string | undefined;
};

/** Write the samples (stored type, machine byte order) into `output`, which has exactly the chunk's size. */
export function decodeSamples(
  kernels: CodecKernels,
  bytes: Uint8Array,
  output: Uint8Array,
  request: SampleRequest,
): void {
  const { source } = request.chain;
  switch (source.name) {
    case 'bytes':
    case 'float-predictor':
      return decodeFixedWidth(kernels, bytes, output, request);
    case 'unpack-bits':
      return unpack(kernels, bytes, output, request, source);
    case 'lerc':
      return decodeLerc(kernels, bytes, output, request, source);
    case 'jpeg':
    case 'webp':
      return decodeImage(kernels, bytes, output, request, source);
  }
}

/** The usual chain in one call: decompress, byte order, predictor. */
function decodeFixedWidth(kernels: CodecKernels, bytes: Uint8Array, output: Uint8Array, request: SampleRequest): void {
  const { chain, compression, url, shape } = request;
  const coding = tileCoding(request, output.length);
  const codec = compression?.name ?? chain.source.name;
  const expected = describeChunk(shape, chain.sourceType, output.length);
  const count = runTile(kernels, bytes, output, coding);
  if (count < 0) throw codecError(count, { codec, expected, ...(url === undefined ? {} : { url }) });
  const whole = coding.needed === output.length;
  if (whole ? count === output.length : count >= coding.needed) return;
  throw new CubeError({
    kind: 'invalid-data',
    url: url ?? 'chunk',
    what: `${codec} data gives ${count} bytes, expected ${whole ? '' : `at least ${coding.needed} of `}${expected}`,
  });
}

function unpack(
  kernels: CodecKernels,
  bytes: Uint8Array,
  output: Uint8Array,
  { chain, shape, url }: SampleRequest,
  source: Extract<SampleSource, { name: 'unpack-bits' }>,
): void {
  const elementSize = storedBytes(chain.sourceType);
  const expected = describeChunk(shape, chain.sourceType, output.length);
  const context = { codec: `${source.bits}-bit samples`, expected, ...(url === undefined ? {} : { url }) };
  const count = kernels.unpackBits(bytes, output, source.bits, source.rowSamples, source.signed, elementSize);
  if (count !== output.length) throw codecError(count < 0 ? count : FAILURE.badArgument, context);
}

function decodeLerc(
  kernels: CodecKernels,
  bytes: Uint8Array,
  output: Uint8Array,
  request: SampleRequest,
  source: Extract<SampleSource, { name: 'lerc' }>,
): void {
  const { sourceType } = request.chain;
  const dataType = LERC_TYPE[sourceType];
  if (dataType === undefined)
    throw new CubeError({ kind: 'unsupported', feature: `LERC data of ${sourceType} samples` });
  const fill = source.nodata ?? (sourceType.startsWith('float') ? NaN : 0);
  fillImage(output, request, source, (shape) => kernels.decodeLerc(bytes, output, shape, dataType, fill));
}

function decodeImage(
  kernels: CodecKernels,
  bytes: Uint8Array,
  output: Uint8Array,
  request: SampleRequest,
  source: Extract<SampleSource, { name: 'jpeg' | 'webp' }>,
): void {
  if (request.chain.sourceType !== 'uint8') {
    throw new CubeError({ kind: 'unsupported', feature: `${source.name} data of ${request.chain.sourceType} samples` });
  }
  if (source.name === 'webp') {
    return fillImage(output, request, source, (shape) => kernels.decodeWebp(bytes, output, shape));
  }
  const tables = new Uint8Array(source.tables === null ? [] : Buffer.from(source.tables, 'base64'));
  fillImage(output, request, source, (shape) => kernels.decodeJpeg(tables, bytes, output, shape, source.toRgb));
}

/** Try the readings of the chunk's shape until the image fits one. */
function fillImage(
  output: Uint8Array,
  { shape, chain, url }: SampleRequest,
  source: { readonly name: string; readonly samplesPerPixel: number },
  decode: (shape: ImageShape) => number,
): void {
  let code: number = FAILURE.mismatch;
  for (const reading of imageShapes(shape, source.samplesPerPixel)) {
    code = decode(reading);
    if (code === output.length) return;
    if (code !== FAILURE.mismatch) break;
  }
  const expected = describeChunk(shape, chain.sourceType, output.length);
  const context = { codec: source.name, expected, ...(url === undefined ? {} : { url }) };
  throw codecError(code < 0 ? code : FAILURE.mismatch, context);
}
