import { CubeError } from '../errors.js';
import { flattenGeometries, type PlaneGeometry } from './flat-geometries.js';
import { nativeFunctions } from './load.js';

/** What is hashed: prefix i, the normalised text of geometry i with `decimals[i]` (0 to 9) decimals, the suffix. */
export type DigestRequest = {
  readonly geometries: readonly PlaneGeometry[];
  readonly decimals: Uint8Array;
  /** Null: none. */
  readonly prefixes: readonly string[] | null;
  readonly suffix: string;
};

/** 32 hexadecimal digits of each: the first half of SHA-256. */
export type DigestGeometries = (request: DigestRequest) => string[];

type DigestFunctions = {
  digestGeometries(
    points: Float64Array,
    ringEnds: Uint32Array,
    polygonEnds: Uint32Array,
    geometryEnds: Uint32Array,
    kinds: Uint8Array,
    decimals: Uint8Array,
    prefixes: Uint8Array,
    prefixEnds: Uint32Array,
    suffix: Uint8Array,
    out: Uint8Array,
  ): number;
};

const DIGEST_BYTES = 16;

/** The addon's digests, or null where there is no addon: then their twin in src/vector/feature-uid.ts makes them. */
export function nativeDigestGeometries(): DigestGeometries | null {
  const native = nativeFunctions<DigestFunctions>(['digestGeometries']);
  if (native === null) return null;
  return ({ geometries, decimals, prefixes, suffix }) => {
    const flat = flattenGeometries(geometries);
    const { bytes, ends } = flattenTexts(prefixes ?? []);
    const out = Buffer.alloc(DIGEST_BYTES * geometries.length);
    const code = native.digestGeometries(
      flat.points,
      flat.ringEnds,
      flat.polygonEnds,
      flat.geometryEnds,
      flat.kinds,
      decimals,
      bytes,
      ends,
      Buffer.from(suffix),
      out,
    );
    if (code !== 0) {
      const what = `digests of ${geometries.length} geometries failed (${code})`;
      const fix = 'give decimals from 0 to 9 and a prefix for each geometry or for none';
      throw new CubeError({ kind: 'invalid-argument', what, fix });
    }
    const digits = out.toString('hex');
    return geometries.map((_, i) => digits.slice(2 * DIGEST_BYTES * i, 2 * DIGEST_BYTES * (i + 1)));
  };
}

/** UTF-8 of texts one after the other, and where each ends. */
function flattenTexts(texts: readonly string[]): { readonly bytes: Uint8Array; readonly ends: Uint32Array } {
  const ends = new Uint32Array(texts.length);
  let length = 0;
  for (const [i, text] of texts.entries()) ends[i] = length += Buffer.byteLength(text);
  return { bytes: Buffer.from(texts.join('')), ends };
}
