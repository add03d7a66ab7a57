import type { NdArray } from 'ndarray';

type Owned = ArrayBuffer;
/** Arrays of samples with memory of their own. */
export type OwnSamples =
  | Int8Array<Owned>
  | Uint8Array<Owned>
  | Int16Array<Owned>
  | Uint16Array<Owned>
  | Int32Array<Owned>
  | Uint32Array<Owned>
  | BigInt64Array<Owned>
  | BigUint64Array<Owned>
  | Float32Array<Owned>
  | Float64Array<Owned>;

/** Samples of a raster with their shape. */
export type RasterArray = NdArray<OwnSamples>;
