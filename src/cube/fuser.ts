import { fillSamples, holdsSamples, valueRange, isFloatType, type DataType, type Samples } from '../grid/dtype.js';
import { takeSamples, type Arena } from './arena.js';
import type { Plane } from './plane.js';
import type { BandPlan } from './task.js';

/** A candidate ready to be fused: its status at every pixel, and its planes in the order of the plan's bands. */
export type FuseInput = {
  readonly status: Uint8Array;
  /** True where every pixel is known to be usable. */
  readonly usable: boolean;
  /** Null for a candidate that could not be opened. */
  readonly planes: readonly Plane[] | null;
  /** One a band; physical = sample × scale + offset, applied to scaled bands only. */
  readonly scales: readonly { readonly scale: number; readonly offset: number }[];
};

/** What fusing gives for a piece of the grid: one array a band (null for bands that are not written), the reasons, and the count of usable candidates. */
export type Fused = {
  readonly bands: readonly (Samples | null)[];
  readonly reason: Uint8Array;
  readonly count: Uint16Array | null;
};

/** Takes candidates in fusing order, one at a time. */
export interface Fuser {
  /** True when no further candidate can change anything. */
  readonly done: boolean;
  /** True where planes of the candidate are kept, whose memory must stay until the result is no longer needed. */
  add(candidate: FuseInput): boolean;
  finish(): Fused;
}

/** Arrays of `length` pixels that hold every band's fill value, or zeros where a band has none. */
export function filledBands(bands: readonly BandPlan[], length: number, arena?: Arena): (Samples | null)[] {
  return bands.map((band) => (band.written ? filled(band.dtype, band.fill, length, arena) : null));
}

/** Samples that all hold `fill`; zeros where it is null. */
function filled(dtype: DataType, fill: number | null, length: number, arena?: Arena): Samples {
  const samples = takeSamples(arena, dtype, length);
  if (fill !== null && fill !== 0) fillSamples(samples, fill);
  return samples;
}

/**
 * The function that turns a sample of a source into a value of the written type: scaled where the band is, and rounded
 * half away from zero and clamped where an integer type must hold what it may not fit (GDAL's rule).
 */
export function sampleCast(
  band: BandPlan,
  source: Samples,
  { scale, offset }: { readonly scale: number; readonly offset: number },
): ((sample: number) => number) | null {
  if (band.scaled && (scale !== 1 || offset !== 0)) return (sample) => sample * scale + offset;
  if (holdsSamples(source, band.dtype) || isFloatType(band.dtype)) return null;
  const { min, max } = valueRange(band.dtype);
  return (sample) => Math.min(max, Math.max(min, sample < 0 ? -Math.round(-sample) : Math.round(sample)));
}
