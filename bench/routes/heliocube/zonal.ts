import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { needsOf, statisticsOf } from '../../../src/build/measured.js';
import { zonalRows } from '../../../src/build/zonal-rows.js';
import { coverLabels } from '../../../src/native/label-coverage.js';
import { measureLabels } from '../../../src/native/measure.js';
import { FIXED_STATISTICS } from '../../../src/native/statistics-contract.js';
import type { Label } from '../../../src/vector/label.js';
import { readLabels } from '../../../src/vector/read-labels.js';
import { ORIGIN, PIXEL } from '../../data/sizes.js';
import { ZONAL_STATISTICS, type JobOf } from '../../protocol.js';
import { bytesOf, type Outcome, type Work } from '../../route.js';
import { withRaster } from './windows.js';

type Raster = { readonly data: Uint16Array; readonly width: number; readonly height: number };

const labelSets = new Map<string, readonly Label[]>();
const ringSets = new Map<string, readonly Float64Array[]>();
const rasters = new Map<string, Raster>();

/** Statistics through `zonalRows`, with labels in memory; or of a raster in memory, through the kernels that it uses. */
export async function prepareZonal(job: JobOf<'zonal'>): Promise<Work> {
  if (job.memory) return prepareMemory(job);
  const labels = labelSets.get(job.labels) ?? (await readLabels({ path: job.labels, h3: null })).labels;
  labelSets.set(job.labels, labels);
  return () => zonalFiles(job, labels);
}

async function zonalFiles({ files }: JobOf<'zonal'>, labels: readonly Label[]): Promise<Outcome> {
  const rows = await zonalRows({ labels, rasters: files, statistics: ZONAL_STATISTICS });
  const table = new Float64Array(rows.length * ZONAL_STATISTICS.length);
  // Rows come by label, then by raster; the result is by raster.
  for (const [i, row] of rows.entries()) {
    const [label, file] = [Math.floor(i / files.length), i % files.length];
    const values = ZONAL_STATISTICS.map((name) => row[name] ?? Number.NaN);
    table.set(values, (file * labels.length + label) * values.length);
  }
  return { result: () => [bytesOf(table)] };
}

async function prepareMemory({ files: [file], projected }: JobOf<'zonal'>): Promise<Work> {
  const raster = rasters.get(file!) ?? (await readRaster(file!));
  rasters.set(file!, raster);
  const rings = ringSets.get(projected) ?? (await readRings(projected));
  ringSets.set(projected, rings);
  return async () => zonalMemory(raster, rings);
}

function zonalMemory({ data, width, height }: Raster, rings: readonly Float64Array[]): Outcome {
  const labels = rings.map((ring) => {
    const pixels = ring.map((value, i) => (i % 2 === 0 ? value - ORIGIN.x : ORIGIN.y - value) / PIXEL);
    return { polygons: [[pixels]], window: boxOf(pixels, width, height) };
  });
  const places = new Float64Array(4 * labels.length);
  for (const [i, { window }] of labels.entries())
    places.set([window.row * width + window.col, width, window.width, window.height], 4 * i);
  const numbers = measureLabels({
    samples: data,
    valid: null,
    nodata: [0],
    coverage: coverLabels(labels),
    which: Uint32Array.from(labels.keys()),
    places,
    ...needsOf(ZONAL_STATISTICS),
    threads: availableParallelism(),
  });
  const table = new Float64Array(labels.length * ZONAL_STATISTICS.length);
  for (let i = 0; i < labels.length; i++) {
    const statistics = statisticsOf(numbers, FIXED_STATISTICS * i, 0, 'uint16');
    table.set(
      ZONAL_STATISTICS.map((name) => statistics[name] ?? Number.NaN),
      i * ZONAL_STATISTICS.length,
    );
  }
  return { result: () => [bytesOf(table)] };
}

type Box = { readonly col: number; readonly row: number; readonly width: number; readonly height: number };

function boxOf(pixels: Float64Array, width: number, height: number): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < pixels.length; i += 2) {
    [left, right] = [Math.min(left, pixels[i]!), Math.max(right, pixels[i]!)];
    [top, bottom] = [Math.min(top, pixels[i + 1]!), Math.max(bottom, pixels[i + 1]!)];
  }
  const [col, row] = [Math.max(0, Math.floor(left)), Math.max(0, Math.floor(top))];
  return {
    col,
    row,
    width: Math.min(width, Math.ceil(right)) - col,
    height: Math.min(height, Math.ceil(bottom)) - row,
  };
}

async function readRaster(file: string): Promise<Raster> {
  return withRaster(file, async (raster) => {
    const { data, shape } = await raster.read();
    if (!(data instanceof Uint16Array)) throw new Error(`${file}: expected uint16`);
    return { data, width: shape[2]!, height: shape[1]! };
  });
}

type Collection = {
  readonly features: readonly {
    readonly geometry: { readonly coordinates: readonly [readonly (readonly [number, number])[]] };
  }[];
};

/** The outer rings of a GeoJSON file of polygons in metres. */
async function readRings(path: string): Promise<Float64Array[]> {
  const { features } = JSON.parse(await readFile(path, 'utf8')) as Collection;
  return features.map(({ geometry }) => Float64Array.from(geometry.coordinates[0].flat()));
}
