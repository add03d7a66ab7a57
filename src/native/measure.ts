import { CubeError } from '../errors.js';
import { nativeFunctions } from './load.js';
import type { MeasureLabels, MeasureRequest } from './measure-contract.js';
import { bytesOf, sampleType } from './sample-bytes.js';
import { FIXED_STATISTICS } from './statistics-contract.js';
import { measureLabelsTwin } from './twin/measure.js';

export type { LabelPlace, MeasureRequest } from './measure-contract.js';

type MeasureFunctions = {
  measureLabels(
    sourceType: number,
    source: Uint8Array,
    valid: Uint8Array,
    nodata: Float64Array,
    which: Uint32Array,
    places: Float64Array,
    cells: Uint32Array,
    fractions: Float64Array,
    runs: Uint32Array,
    ends: Uint32Array,
    spread: boolean,
    order: boolean,
    threads: number,
    out: Float64Array,
  ): number;
};

const NO_BYTES = new Uint8Array(0);

/**
 * Statistics of one plane under many labels: `FIXED_STATISTICS` numbers a label, in the order of `which`. Definitions are
 * those of `weightedStatistics`; sums are compensated and taken in the order of the pixels, so that they do not depend on
 * how the raster is tiled. Problem: `invalid-argument` where places and coverage do not fit the samples.
 */
export function measureLabels(
  request: MeasureRequest,
  measure: MeasureLabels = nativeMeasureLabels() ?? measureLabelsTwin,
): Float64Array {
  const out = new Float64Array(FIXED_STATISTICS * request.which.length);
  const code = measure(request, out);
  if (code === 0) return out;
  const what = `measuring ${request.which.length} labels on ${request.samples.length} samples failed (${code})`;
  throw new CubeError({
    kind: 'invalid-argument',
    what,
    fix: 'give places inside the samples and a cover of the labels',
  });
}

/** The addon's implementation, or null where there is no addon. */
export function nativeMeasureLabels(): MeasureLabels | null {
  const native = nativeFunctions<MeasureFunctions>(['measureLabels']);
  if (native === null) return null;
  return ({ samples, valid, nodata, coverage, which, places, spread, order, threads = 1 }, out) =>
    native.measureLabels(
      sampleType(samples),
      bytesOf(samples),
      valid ?? NO_BYTES,
      Float64Array.from(nodata),
      which,
      places,
      coverage.cells,
      coverage.fractions,
      coverage.runs,
      coverage.ends,
      spread,
      order,
      threads,
      out,
    );
}
