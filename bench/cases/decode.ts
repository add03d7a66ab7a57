import { join } from 'node:path';
import { seededRandom } from '../../src/sample/random.js';
import { scenePath, scenePaths, type DataSize } from '../data/sizes.js';
import type { JobOf, JobWindow } from '../protocol.js';
import { OURS, runsOf, type Case, type RowPlan } from './case.js';

const BYTES = { kind: 'bytes' } as const;

/** P1 to P4: windows of local files. */
export function decodeCases(folder: string, size: DataSize): Case[] {
  const { window: side, tile } = size;
  const aligned = (at: number): JobWindow => ({ col: at * tile, row: at * tile, width: side, height: side });
  const one = (file: string, window: JobWindow): JobOf<'windows'> => ({
    kind: 'windows',
    files: [join(folder, file)],
    reads: [[0, window]],
  });
  const plain = (name: string, file: string, stored: string, target: number): Case => ({
    name,
    what: `a window of ${side} × ${side} samples, ${stored}, tiles of ${tile}, local: open, read, decode`,
    runs: runsOf(one(file, aligned(1)), [OURS, 'rasterio-threads', 'rasterio']),
    rows: [
      { name, ours: OURS, peer: 'rasterio-threads', target },
      { name, ours: OURS, peer: 'rasterio', target: null },
    ],
    agreement: BYTES,
  });
  return [
    {
      name: 'P1',
      what: `a window of ${side} × ${side} uint16 samples, DEFLATE with predictor 2, tiles of ${tile}, local: open, read, decode; \`libdeflate\` only inflates the same tiles, in two threads`,
      runs: runsOf(one(scenePath(0, 'blue'), aligned(2)), P1.map(({ peer }) => peer).concat(OURS)),
      rows: P1,
      agreement: BYTES,
    },
    plain('P2.float32', 'float32.tif', 'float32, DEFLATE with predictor 3', 1.6),
    plain('P2.zstd', 'zstd.tif', 'uint16, ZSTD with predictor 2', 2.0),
    plain('P3.lzw', 'lzw.tif', 'uint16, LZW with predictor 2', 1.2),
    plain('P3.none', 'raw.tif', 'uint16, uncompressed', 1.5),
    ...chipCases(folder, size),
  ];
}

const P1: readonly RowPlan[] = [
  { name: 'P1', ours: OURS, peer: 'rasterio', target: 3.2 },
  { name: 'P1.threads', ours: OURS, peer: 'rasterio-threads', target: 1.7 },
  { name: 'P1.async', ours: OURS, peer: 'async-geotiff', target: 2.5 },
  { name: 'P1.pool', ours: OURS, peer: 'geotiff.js-pool', target: 10 },
  { name: 'P1.libdeflate', ours: OURS, peer: 'libdeflate', target: 0.85 },
];

function chipCases(folder: string, size: DataSize): Case[] {
  const { chip, chips } = size;
  const files = scenePaths().map((path) => join(folder, path));
  const chipCase = (name: string, what: string, reads: JobOf<'windows'>['reads'], target: number): Case => ({
    name,
    what,
    runs: runsOf({ kind: 'windows', files, reads }, [OURS, 'rasterio-pool']),
    rows: [{ name, ours: OURS, peer: 'rasterio-pool', target }],
    agreement: BYTES,
  });
  const distinct = `${chips.distinct} random chips of ${chip} × ${chip} samples, each in another tile, in tile order`;
  const shared = `${chips.shared} random windows of ${chip} × ${chip} samples in ${files.length} files, by file, in tile order`;
  return [
    chipCase('P4', distinct, distinctChips(size), 4.5),
    chipCase('P4.shared', shared, sharedChips(size, files.length), 1.3),
  ];
}

/** One chip a whole tile, at a random place in it; files as needed. */
function distinctChips({ scene, tile, chip, chips }: DataSize): JobOf<'windows'>['reads'] {
  const random = seededRandom(41);
  const across = Math.floor(scene / tile);
  const within = () => Math.floor(random() * (tile - chip + 1));
  return Array.from({ length: chips.distinct }, (_, i) => {
    const place = i % (across * across);
    const [col, row] = [(place % across) * tile + within(), Math.floor(place / across) * tile + within()];
    return [Math.floor(i / (across * across)), { col, row, width: chip, height: chip }];
  });
}

/** The same windows of every file, in the order of the tiles that they begin in. */
function sharedChips({ scene, tile, chip, chips }: DataSize, files: number): JobOf<'windows'>['reads'] {
  const random = seededRandom(43);
  const place = () => Math.floor(random() * (scene - chip));
  const tileOf = (pixel: number) => Math.floor(pixel / tile);
  const windows = Array.from({ length: chips.shared }, () => ({
    col: place(),
    row: place(),
    width: chip,
    height: chip,
  })).sort((a, b) => tileOf(a.row) - tileOf(b.row) || tileOf(a.col) - tileOf(b.col));
  return Array.from({ length: files }, (_, file) =>
    windows.map((window): [number, JobWindow] => [file, window]),
  ).flat();
}
