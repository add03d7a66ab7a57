import type { LabelCoverage } from '../native/label-coverage.js';
import { measureLabels } from '../native/measure.js';
import { FIXED_STATISTICS } from '../native/statistics-contract.js';
import type { RasterLevel } from '../raster/level.js';
import type { Raster } from '../raster/raster.js';
import { statisticsOf, type Needs } from './measured.js';
import type { LabelGroup, LabelOnGrid, PlacedLabels } from './placed-labels.js';
import { nodataIn, useTile, windowMask, windowSamples, type PlaneSamples, type TileReading } from './plane-samples.js';
import type { RasterPlane } from './raster-planes.js';
import type { Statistics } from './statistic.js';

/** A raster whose planes are measured. */
export type Measuring = {
  readonly raster: Raster;
  readonly planes: readonly RasterPlane[];
  readonly labels: PlacedLabels;
  readonly needs: Needs;
  readonly reading: TileReading;
};

/** Statistics of every plane (inner list) under every label of a group, each list in its order. */
export async function groupStatistics(measuring: Measuring, group: LabelGroup): Promise<Statistics[][]> {
  const { raster, planes, labels } = measuring;
  const coverage = labels.coverage(group);
  const found: Statistics[][] = group.labels.map(() => []);
  for (const plane of planes) {
    const numbers = await measurePlane(measuring, plane, group, coverage);
    for (let label = 0; label < found.length; label++) {
      const at = FIXED_STATISTICS * label;
      found[label]!.push(statisticsOf(numbers, at, coverage.covered[label]!, raster.levels[0]!.dtype));
    }
  }
  return found;
}

/** Labels inside their first tile are measured on it all at once; others each on a window put together from tiles. */
async function measurePlane(
  measuring: Measuring,
  plane: RasterPlane,
  group: LabelGroup,
  coverage: LabelCoverage,
): Promise<Float64Array> {
  const { raster, reading } = measuring;
  const level = raster.levels[0]!;
  const numbers = new Float64Array(FIXED_STATISTICS * group.labels.length);
  const measure = (samples: PlaneSamples, valid: Uint8Array | null, which: readonly number[]): void => {
    const request = requestOf(group.labels, which, samples);
    const measured = measureLabels({
      ...request,
      samples: samples.data,
      valid,
      nodata: nodataIn(samples.data, plane.info.nodata),
      coverage,
      ...measuring.needs,
    });
    for (const [i, label] of which.entries()) {
      const one = measured.subarray(FIXED_STATISTICS * i, FIXED_STATISTICS * (i + 1));
      numbers.set(one, FIXED_STATISTICS * label);
    }
  };
  const rest = new Set(group.labels.keys());
  if ((raster.masks[0] ?? null) === null) {
    await useTile(level, plane.at, group, reading, (tile) => {
      const direct = tile === null ? [] : [...rest].filter((label) => insideTile(tile, level, group.labels[label]!));
      if (tile === null || direct.length === 0) return;
      measure(tile, null, direct);
      for (const label of direct) rest.delete(label);
    });
  }
  for (const label of rest) {
    const { window } = group.labels[label]!;
    const samples = await windowSamples(level, plane.at, window, reading);
    measure(samples, await windowMask(raster, window, reading), [label]);
  }
  return numbers;
}

function insideTile({ col, row }: PlaneSamples, { axes, chunkShape }: RasterLevel, { window }: LabelOnGrid): boolean {
  const [right, bottom] = [col + chunkShape[axes!.x]!, row + chunkShape[axes!.y]!];
  return window.col + window.width <= right && window.row + window.height <= bottom;
}

/** Where the windows of some labels lie in samples. */
function requestOf(labels: readonly LabelOnGrid[], which: readonly number[], samples: PlaneSamples) {
  const places = new Float64Array(4 * which.length);
  for (const [i, label] of which.entries()) {
    const { col, row, width, height } = labels[label]!.window;
    const offset = samples.offset + (row - samples.row) * samples.stride + col - samples.col;
    places.set([offset, samples.stride, width, height], 4 * i);
  }
  return { which: Uint32Array.from(which), places };
}
