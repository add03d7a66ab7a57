import { CubeError } from '../errors.js';
import { isDataType, type DataType } from '../grid/dtype.js';
import type { CodecSpec } from './codec-spec.js';

type Named<N extends CodecSpec['name']> = Extract<CodecSpec, { readonly name: N }>;

/** Steps from bytes to bytes that decompress: their input is shorter or longer than their output by any amount. */
export type Compression = Named<'zlib' | 'gzip' | 'zstd' | 'lzw' | 'packbits' | 'lz4' | 'blosc'>;
/** Steps from bytes to bytes. */
export type ByteStep = Compression | Named<'crc32c' | 'fletcher32' | 'shuffle' | 'bit-reverse'>;
/** The step at which bytes become samples. */
export type SampleSource = Named<'bytes' | 'unpack-bits' | 'float-predictor' | 'lerc' | 'jpeg' | 'webp'>;
/** Steps from samples to samples. */
export type SampleStep = Named<'predictor' | 'transpose' | 'delta' | 'fixed-scale-offset'>;

/** A codec chain cut where bytes become samples. */
export type Chain = {
  readonly head: readonly ByteStep[];
  readonly source: SampleSource;
  readonly tail: readonly SampleStep[];
  /** Sample type behind each step of the tail. */
  readonly tailTypes: readonly DataType[];
  /** Sample type where bytes become samples; filters of the tail may change it. */
  readonly sourceType: DataType;
  /** True where bytes behind the needed ones are ignored, as libtiff does. */
  readonly surplus: boolean;
};

/** Cut a chain. Errors: `unsupported` for an order of steps that no format writes. */
export function splitChain(codecs: readonly CodecSpec[], dtype: DataType, url: string | undefined): Chain {
  const head: ByteStep[] = [];
  const tail: SampleStep[] = [];
  let source: SampleSource | null = null;
  const fail = (what: string) =>
    new CubeError({
      kind: 'unsupported',
      feature: `codec chain ${codecs.map((codec) => codec.name).join(' → ') || '(empty)'}: ${what}`,
      ...(url === undefined ? {} : { url }),
    });
  for (const codec of codecs) {
    if (isByteStep(codec)) {
      if (source !== null) throw fail(`${codec.name} works on bytes, not on samples`);
      head.push(codec);
    } else if (isSampleStep(codec)) {
      if (source === null) throw fail(`${codec.name} works on samples, not on bytes`);
      tail.push(codec);
    } else if (source === null) source = codec;
    else throw fail(`${codec.name} needs bytes`);
  }
  if (source === null) throw fail('it gives bytes, not samples');
  if (tail.some((step, i) => step.name === 'predictor' && (i > 0 || source.name !== 'bytes'))) {
    throw fail('a predictor must follow the byte order');
  }
  const tailTypes: DataType[] = [];
  let sourceType = dtype;
  for (const step of tail.toReversed()) {
    tailTypes.unshift(sourceType);
    sourceType = storedTypeOf(step, sourceType, fail);
  }
  return { head, source, tail, tailTypes, sourceType, surplus: ignoresSurplus(head, source, tail) };
}

/** True for the steps that decompress. */
export function isCompression(codec: ByteStep): codec is Compression {
  switch (codec.name) {
    case 'crc32c':
    case 'fletcher32':
    case 'shuffle':
    case 'bit-reverse':
      return false;
    default:
      return true;
  }
}

function isByteStep(codec: CodecSpec): codec is ByteStep {
  switch (codec.name) {
    case 'zlib':
    case 'gzip':
    case 'zstd':
    case 'lzw':
    case 'packbits':
    case 'lz4':
    case 'blosc':
    case 'crc32c':
    case 'fletcher32':
    case 'shuffle':
    case 'bit-reverse':
      return true;
    default:
      return false;
  }
}

function isSampleStep(codec: CodecSpec): codec is SampleStep {
  switch (codec.name) {
    case 'predictor':
    case 'transpose':
    case 'delta':
    case 'fixed-scale-offset':
      return true;
    default:
      return false;
  }
}

/** The sample type that a step of the tail takes, given the one that it gives. */
function storedTypeOf(step: SampleStep, type: DataType, fail: (what: string) => CubeError): DataType {
  if (step.name !== 'delta' && step.name !== 'fixed-scale-offset') return type;
  const stored = parseNumpyType(step.storedType);
  if (stored === null) throw fail(`${step.name} of type ${step.storedType}`);
  if (stored === 'float16' || type === 'float16' || type === 'bool') throw fail(`${step.name} of ${type}`);
  return stored;
}

/** `<i2`, `|u1`, `>f8` or `int16`; the byte order is the `bytes` step's business. */
function parseNumpyType(text: string): DataType | null {
  if (isDataType(text)) return text;
  const match = /^[<>|=]?([iuf])([1248])$/.exec(text);
  if (match === null) return null;
  const kind = { i: 'int', u: 'uint', f: 'float' }[match[1]!] ?? '';
  const name = `${kind}${8 * Number(match[2])}`;
  return isDataType(name) ? name : null;
}

function ignoresSurplus(head: readonly ByteStep[], source: SampleSource, tail: readonly SampleStep[]): boolean {
  if (source.name === 'bytes' && source.surplus === 'ignore') return true;
  const tiffOnly: readonly string[] = ['lzw', 'packbits', 'bit-reverse', 'predictor', 'float-predictor', 'unpack-bits'];
  return [...head, source, ...tail].some(({ name }) => tiffOnly.includes(name));
}
