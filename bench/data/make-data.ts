import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareCodecs } from '../../src/codec/prepare.js';
import type { Compression } from './encode-tile.js';
import { itemCollection } from './items.js';
import { makeFeatures } from './make-features.js';
import { makeReferences } from './make-references.js';
import { readSamples } from '../routes/heliocube/windows.js';
import { writeStore } from '../routes/heliocube/zarr.js';
import { BANDS, DATES, scenePath, seriesPath, STORE_CHUNK, type DataSize } from './sizes.js';
import { makeTexture } from './texture.js';
import { writePolygons } from './write-polygons.js';
import { writeTiff } from './write-tiff.js';

/** Changes whenever the files that this module writes do. */
const VERSION = 3;
/** Digital numbers to reflectance, as Sentinel-2 products state it. */
const REFLECTANCE = 1e-4;

/** One raster to make. */
type Recipe = {
  readonly path: string;
  readonly side: number;
  readonly compression: Compression;
  readonly noiseSeed: number;
  /** float32 reflectances instead of uint16 digital numbers. */
  readonly float?: boolean;
};

/** Write the input of all cases into a folder, unless it is there already; the same size gives the same bytes. */
export async function makeData(folder: string, size: DataSize, say: (line: string) => void): Promise<void> {
  const key = createHash('sha256')
    .update(JSON.stringify([VERSION, size]))
    .digest('hex');
  const stamp = join(folder, 'made.txt');
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== key) {
    say(`making the input data once, in ${folder} …`);
    await writeInputs(folder, size);
    await writeFile(stamp, key);
  }
  await makeReferences(folder, size);
  await makeFeatures(folder, size);
}

async function writeInputs(folder: string, size: DataSize): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await prepareCodecs([{ name: 'zstd', level: 1 }]);
  await writeRasters(folder, listRasters(size), size.tile);
  const { polygons, series, scene, tile } = size;
  await writePolygons(join(folder, 'polygons'), { count: polygons.one, side: 8 * tile, seed: 9 });
  await writePolygons(join(folder, 'series'), { count: polygons.series, side: series.side, seed: 10 });
  await writePolygons(join(folder, 'fields'), { count: polygons.scenes, side: scene, seed: 11 });
  await writeFile(join(folder, 'items.json'), JSON.stringify(itemCollection(scene), null, 1));
  await writeZarr(folder, size);
}

function listRasters({ scene, plain, series }: DataSize): Recipe[] {
  const plainFile = (name: string, compression: Compression): Recipe => ({
    path: `${name}.tif`,
    side: plain,
    compression,
    noiseSeed: 1,
  });
  return [
    ...DATES.flatMap((_, date) =>
      BANDS.map((band, i): Recipe => ({
        path: scenePath(date, band),
        side: scene,
        compression: 'deflate',
        noiseSeed: 100 + 10 * date + i,
      })),
    ),
    plainFile('zstd', 'zstd'),
    plainFile('lzw', 'lzw'),
    plainFile('raw', 'none'),
    { ...plainFile('float32', 'deflate'), float: true },
    ...Array.from({ length: series.dates }, (_, date): Recipe => ({
      path: seriesPath(date),
      side: series.side,
      compression: 'deflate',
      noiseSeed: 200 + date,
    })),
  ];
}

/** The samples of a raster are made while the one before is compressed in other threads. */
async function writeRasters(folder: string, recipes: readonly Recipe[], tile: number): Promise<void> {
  let before: Promise<void> = Promise.resolve();
  for (const { path, side, compression, noiseSeed, float = false } of recipes) {
    const samples = makeTexture({ width: side, height: side, col: 0, row: 0, noiseSeed, wedge: 0.02 });
    const data = float ? Float32Array.from(samples, (value) => value * REFLECTANCE) : samples;
    await before;
    before = writeTiff(join(folder, path), { data, side, tile, compression });
  }
  await before;
}

/** A window of the first scene as a Zarr array. */
async function writeZarr(folder: string, { name, tile, window: side }: DataSize): Promise<void> {
  const window = { col: 2 * tile, row: 2 * tile, width: side, height: side };
  const samples = await readSamples(join(folder, scenePath(0, 'blue')), window);
  await writeStore(join(folder, 'store.zarr'), samples, { width: side, height: side, chunk: STORE_CHUNK[name] });
}
