import type { Window } from '../grid/affine.js';
import { isFloatType } from '../grid/dtype.js';
import type { CoverageRule } from '../native/coverage.js';
import { coverLabels, MAX_LABEL_CELLS, type LabelCoverage } from '../native/label-coverage.js';
import { measureLabels, type MeasureRequest } from '../native/measure.js';
import { FIXED_STATISTICS } from '../native/statistics-contract.js';
import { weightedStatistics } from '../native/statistics.js';
import type { Raster } from '../raster/raster.js';
import { statisticsOf, type Needs } from './measured.js';
import { Moments } from './moments.js';
import type { LabelOnGrid } from './placed-labels.js';
import { nodataIn, windowMask, windowSamples, type TileReading } from './plane-samples.js';
import type { RasterPlane } from './raster-planes.js';
import type { Statistics } from './statistic.js';
import { WeightedValues } from './weighted-values.js';

/** One label of any size on one raster. */
export type LabelStatisticsInput = {
  readonly raster: Raster;
  readonly planes: readonly RasterPlane[];
  readonly label: LabelOnGrid;
  readonly rule: CoverageRule;
  readonly needs: Needs;
  readonly reading: TileReading;
  /** Bytes for the values of statistics that need them in order, all planes together. */
  readonly valueBytes: number;
};

/** What the strips of a label gave for one plane so far; `values` where they are needed in order. */
type PlaneSum = { readonly moments: Moments; readonly values: WeightedValues | null };

/**
 * Statistics of every plane of a raster under one label, in the planes' order. The label is read in strips of at most
 * `MAX_LABEL_CELLS` pixels, so that memory does not grow with it; only statistics that need the values in order keep them
 * (integers by value). Problem: `budget` where `valueBytes` do not hold them.
 */
export async function labelStatistics(input: LabelStatisticsInput): Promise<Statistics[]> {
  const { raster, planes, label, rule, needs, reading } = input;
  const { dtype } = raster.levels[0]!;
  const sums = planes.map((): PlaneSum => {
    const values = needs.order ? new WeightedValues(!isFloatType(dtype), input.valueBytes / planes.length) : null;
    return { moments: new Moments(), values };
  });
  let covered = 0;
  for (const window of strips(label.window)) {
    const coverage = coverLabels([{ polygons: label.polygons, window }], rule);
    if (coverage.covered[0] === 0) continue;
    covered += coverage.covered[0]!;
    const valid = await windowMask(raster, window, reading);
    for (const [i, { at, info }] of planes.entries()) {
      const { data } = await windowSamples(raster.levels[0]!, at, window, reading);
      const nodata = nodataIn(data, info.nodata);
      addStrip(sums[i]!, window, { samples: data, valid, nodata, coverage, ...needs });
    }
  }
  return sums.map((sum) => statisticsOf(numbersOf(sum), 0, covered, dtype));
}

/** Full rows of the window, as many as `MAX_LABEL_CELLS` hold. */
function* strips(window: Window): Generator<Window> {
  const width = Math.min(window.width, MAX_LABEL_CELLS);
  const rows = Math.max(1, Math.floor(MAX_LABEL_CELLS / width));
  for (let row = 0; row < window.height; row += rows) {
    for (let col = 0; col < window.width; col += width) {
      const size = { width: Math.min(width, window.width - col), height: Math.min(rows, window.height - row) };
      yield { col: window.col + col, row: window.row + row, ...size };
    }
  }
}

function addStrip(
  { moments, values }: PlaneSum,
  { width, height }: Window,
  strip: Omit<MeasureRequest, 'which' | 'places'>,
): void {
  const places = Float64Array.of(0, width, width, height);
  // The strips' variances join; what needs all values in order comes from `values`.
  moments.add(measureLabels({ ...strip, order: false, which: Uint32Array.of(0), places }));
  if (values !== null) addValues(values, strip);
}

function addValues(
  values: WeightedValues,
  { samples, valid, nodata, coverage }: Omit<MeasureRequest, 'which' | 'places'>,
): void {
  const add = (cell: number, weight: number): void => {
    const value = Number(samples[cell]);
    if (Number.isNaN(value) || nodata.includes(value) || (valid !== null && valid[cell] === 0)) return;
    values.add(value, weight);
  };
  const { cells, fractions, runs }: LabelCoverage = coverage;
  for (let i = 0; i < cells.length; i++) add(cells[i]!, fractions[i]!);
  for (let i = 0; i < runs.length; i += 2) {
    for (let cell = runs[i]!; cell < runs[i]! + runs[i + 1]!; cell++) add(cell, 1);
  }
}

function numbersOf({ moments, values }: PlaneSum): Float64Array {
  const numbers = moments.numbers();
  if (values === null || numbers[0] === 0) return numbers;
  const { median, majority, minority, variety } = weightedStatistics(values.values, values.weights);
  numbers.set([median!, majority!, minority!, variety], FIXED_STATISTICS - 4);
  return numbers;
}
