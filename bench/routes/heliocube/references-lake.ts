import { openRasterIndex } from '../../../src/build/lake-input.js';
import { storeRaster } from '../../../src/lake/store-raster.js';
import { rasterKey } from '../../../src/raster/raster-index.js';
import type { Raster } from '../../../src/raster/raster.js';
import { patternFile, referencePattern } from '../../data/reference-pattern.js';
import { EPSG, ORIGIN, PIXEL } from '../../data/sizes.js';
import type { JobOf } from '../../protocol.js';
import type { FindReference, ReferenceStore } from './references.js';

type ReferencesJob = JobOf<'references'>;

const TILE = 512;

/** A lake with one raster for each file, written as a scan writes them and found as a build finds them. */
export function lakeReferences(job: ReferencesJob): ReferenceStore {
  const rasters = patternRasters(job);
  const names = rasters.map(({ url }) => ({ url, variable: null }));
  return {
    async write(path) {
      const lake = await openRasterIndex(`${path}.ducklake`);
      const named = { variable: null, itemId: null, band: null, scannedAt: 0 };
      const rows = rasters.map((raster) => storeRaster({ raster, href: raster.url, ...named }));
      await lake.commit(rows, { replace: false });
      await lake.close();
    },
    async open(path) {
      const lake = await openRasterIndex(`${path}.ducklake`);
      const found = await lake.find(names);
      await lake.close();
      return finder(names.map((name) => found.get(rasterKey(name))));
    },
  };
}

function finder(rasters: readonly (Raster | undefined)[]): FindReference {
  const ranges = rasters.map((raster) => {
    const refs = raster?.levels[0]?.refs;
    if (refs?.kind !== 'ranges') throw new Error('a raster did not come back');
    return refs;
  });
  const perFile = ranges[0]!.lengths.length;
  return (chunk) => {
    const { url, offsets, lengths } = ranges[Math.floor(chunk / perFile)]!;
    return { url, offset: offsets[chunk % perFile]!, length: lengths[chunk % perFile]! };
  };
}

function patternRasters(job: ReferencesJob): Raster[] {
  const { offsets, lengths } = referencePattern(job);
  const perFile = job.rows * job.cols;
  return Array.from({ length: job.files }, (_, file) => {
    const [from, to] = [file * perFile, (file + 1) * perFile];
    return patternRaster(job, job.base + patternFile(file), offsets.slice(from, to), lengths.slice(from, to));
  });
}

/** One band of tiles, as a COG has it. */
function patternRaster(
  { rows, cols }: ReferencesJob,
  url: string,
  offsets: Float64Array,
  lengths: Float64Array,
): Raster {
  const [height, width] = [rows * TILE, cols * TILE];
  const identity = { size: offsets.at(-1)! + lengths.at(-1)!, etag: null, modifiedMs: Date.UTC(2024, 0, 1) };
  const dimension = (name: string, size: number) => ({ name, size, timesMs: null });
  return {
    url,
    driver: 'geotiff',
    levels: [
      {
        url,
        identity,
        dtype: 'uint16',
        shape: [height, width, 1],
        chunkShape: [TILE, TILE, 1],
        edge: 'padded',
        codecs: [{ name: 'zlib' }, { name: 'bytes', endian: 'little' }],
        fill: 0,
        axes: { y: 0, x: 1, band: 2 },
        crs: { kind: 'epsg', code: EPSG },
        transform: [PIXEL, 0, ORIGIN.x, 0, -PIXEL, ORIGIN.y],
        refs: { kind: 'ranges', url, offsets, lengths },
      },
    ],
    masks: [null],
    bands: [{ name: null, dtype: 'uint16', nodata: [0], scale: 1, offset: 0, unit: null }],
    dimensions: [dimension('y', height), dimension('x', width), dimension('band', 1)],
    problems: [],
  };
}
