import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CubeError } from '../../../src/errors.js';
import type { Affine } from '../../../src/grid/affine.js';
import { formatCrs } from '../../../src/grid/crs-definition.js';
import { readImageLabels } from '../../../src/vector/images/read-image-labels.js';
import { readMask } from '../../../src/vector/images/read-mask.js';
import type { SourceOptions, SourceTable } from '../../../src/vector/source-table.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { pythonWithOracles, runPython } from '../../python.js';
import { blobs, geoTiff, interlaced, png, put, resized, sparseTiff, worldFile, type Plane } from './make-images.js';

const folder = temporaryFolder();
const NORTH_UP: Affine = [0.3, 0, 500_000, 0, -0.3, 5_300_000];
const TURNED: Affine = [0.28, 0.1, 500_000, 0.1, -0.28, 5_300_000];

function read(path: string, options: Partial<SourceOptions> = {}): Promise<SourceTable> {
  return readImageLabels({ path, ...options }, undefined, readMask);
}

const pam = ([a, b, c, d, e, f]: Affine) =>
  `<PAMDataset><SRS>EPSG:32633</SRS><GeoTransform> ${[c, a, b, f, d, e].join(', ')}</GeoTransform></PAMDataset>`;

/** Every way to store a mask and its place; each lies in a folder of its own. */
const CASES: readonly (readonly [what: string, files: Readonly<Record<string, string | Uint8Array>>])[] = [
  [
    'GeoTIFF in tiles',
    { 'a.tif': geoTiff(blobs(1, 70, 50, 3), { transform: NORTH_UP, epsg: 32_633, tile: { width: 16, height: 16 } }) },
  ],
  [
    'GeoTIFF that is turned',
    { 'a.tif': geoTiff(blobs(2, 40, 33, 1), { transform: TURNED, epsg: 32_633, dtype: 'uint16', rowsPerStrip: 7 }) },
  ],
  [
    'GeoTIFF whose pixels are points',
    { 'a.tif': geoTiff(blobs(3, 21, 20, 2), { transform: NORTH_UP, epsg: 32_633, point: true }) },
  ],
  [
    'GeoTIFF in degrees',
    { 'a.tif': geoTiff(blobs(4, 30, 20, 2), { transform: [1e-5, 0, 10, 0, -1e-5, 50], epsg: 4326 }) },
  ],
  [
    'GeoTIFF of bits',
    { 'a.tif': geoTiff(blobs(5, 45, 31, 1), { transform: NORTH_UP, epsg: 32_633, bits: 1, rowsPerStrip: 31 }) },
  ],
  [
    'GeoTIFF of 64-bit integers',
    { 'a.tif': geoTiff(blobs(6, 20, 20, 2), { transform: NORTH_UP, epsg: 32_633, dtype: 'int64' }) },
  ],
  [
    'GeoTIFF with nodata',
    {
      'a.tif': geoTiff(blobs(7, 40, 20, 3), {
        transform: NORTH_UP,
        epsg: 32_633,
        tags: [{ tag: 42_113, type: 2, values: '2\0' }],
      }),
    },
  ],
  ['TIFF with a world file', { 'a.tif': geoTiff(blobs(8, 40, 20, 3)), 'a.tfw': worldFile(NORTH_UP) }],
  ['grey PNG with a world file', { 'a.png': png(blobs(9, 60, 41, 255)), 'a.pgw': worldFile(TURNED) }],
  ['PNG of bits with a .wld', { 'a.png': png(blobs(10, 61, 41, 1), 'grey', 1), 'a.wld': worldFile(NORTH_UP) }],
  ['indexed PNG with .aux.xml', { 'a.png': png(blobs(11, 33, 41, 15), 'indexed', 4), 'a.png.aux.xml': pam(NORTH_UP) }],
  ['PNG of 16 bits', { 'a.png': png(blobs(12, 33, 41, 900), 'grey', 16), 'a.pgw': worldFile(NORTH_UP) }],
  ['PNG in colours that are grey', { 'a.png': png(blobs(13, 33, 41, 2), 'rgb'), 'a.pgw': worldFile(NORTH_UP) }],
];

describe('a mask', () => {
  it.skipIf(pythonWithOracles() === null)(
    'becomes the polygons of rasterio.features.shapes, where GDAL places it',
    async () => {
      const cases = [];
      for (const [i, [what, files]] of CASES.entries()) {
        for (const [name, content] of Object.entries(files)) put(join(folder, String(i)), name, content);
        const path = join(folder, String(i), Object.keys(files)[0]!);
        const table = await read(path, { crsIfAbsent: 'EPSG:32633' });
        const regions = table.records.map(({ geometry, properties }) => ({
          ...properties,
          rings: geometry.kind === 'polygons' ? geometry.polygons[0]!.map((ring) => [...ring]) : [],
        }));
        cases.push({ what, path, crs: formatCrs(table.records[0]!.crs!), regions });
      }
      const input = put(folder, 'cases.json', cases);
      const script = fileURLToPath(new URL('mask_check.py', import.meta.url));
      const answer = (await runPython(script, [input])) as { faults: string[]; regions: number };
      expect(answer.faults).toEqual([]);
      expect(answer.regions).toBeGreaterThan(1000);
    },
  );

  const square: Plane = { width: 4, height: 3, data: [0, 0, 0, 0, 0, 7, 7, 0, 0, 0, 0, 0] };

  it('has its corners at corners of pixels, half a pixel from their centres', async () => {
    put(folder, 'half/a.png', png(square));
    put(folder, 'half/a.pgw', '2\n0\n0\n-2\n101\n999'); // the centre of the first pixel; its corner is 100, 1000
    const { records } = await read(join(folder, 'half/a.png'), { crsIfAbsent: 'EPSG:32633' });
    expect(records).toEqual([
      {
        record: 1,
        id: 'a.png:1',
        geometry: { kind: 'polygons', polygons: [[Float64Array.of(102, 998, 106, 998, 106, 996, 102, 996, 102, 998)]] },
        properties: { image: 'a.png', value: 7, pixels: 2 },
        crs: { kind: 'epsg', code: 32_633 },
        split: null,
      },
    ]);
  });

  it('lies where the image of its name lies when it has no place itself', async () => {
    put(folder, 'by-image/images/train/a.tif', geoTiff(square, { transform: NORTH_UP, epsg: 32_633 }));
    const path = put(folder, 'by-image/masks/train/a_mask.png', png(square));
    const { records } = await read(path);
    expect(records).toMatchObject([{ id: 'masks/train/a_mask.png:1', split: 'train', crs: { code: 32_633 } }]);
    put(folder, 'by-image/images/train/a.tif', geoTiff(blobs(1, 8, 6, 1), { transform: NORTH_UP, epsg: 32_633 }));
    await expect(read(path)).rejects.toMatchObject({
      problem: { kind: 'invalid-data', what: 'it has 4 by 3 pixels, images/train/a.tif, which places it, 8 by 6' },
    });
  });

  it('takes other values for background when it is told to, and NaN always', async () => {
    const data = [255, 255, 0, 0, 255, NaN, NaN, 1, 255, 255, 255, 1];
    const path = put(
      folder,
      'nan/a.tif',
      geoTiff({ ...square, data }, { transform: NORTH_UP, epsg: 32_633, dtype: 'float32' }),
    );
    const valuesOf = ({ records }: SourceTable) => records.map(({ properties }) => properties['value']);
    expect(valuesOf(await read(path, { background: [255] }))).toEqual([0, 1]);
    expect(valuesOf(await read(path))).toEqual([255, 1]);
  });

  it('without a place is refused with what to do, or unusable where other images have one', async () => {
    const path = put(folder, 'nowhere/a.png', png(square));
    await expect(read(path)).rejects.toThrow(
      /unsupported: .*a\.png: a mask without a place on the ground \(a\.png has no place.*\) \(put GeoTIFFs, world files/,
    );
    put(folder, 'nowhere/a.pgw', worldFile(NORTH_UP));
    await expect(read(path)).rejects.toThrow(/a\.png has no CRS/);
    put(folder, 'nowhere/b.tif', geoTiff(square, { transform: NORTH_UP, epsg: 32_633 }));
    const { records } = await read(path);
    expect(records).toEqual([
      {
        record: 1,
        id: 'a.png',
        split: null,
        properties: { image: 'a.png' },
        geometry: { kind: 'unusable', reason: 'a.png has no CRS' },
      },
    ]);
  });

  const coloured = png({ ...square, data: square.data.map((value) => value * 9) }, 'colours');
  const refused: readonly (readonly [what: string, file: string, bytes: Uint8Array, reason: RegExp])[] = [
    ['a colour image', 'a.png', coloured, /a mask in colours/],
    ['several bands', 'a.tif', geoTiff(square, { bands: 3 }), /a mask of 3 bands/],
    ['a JPEG', 'a.jpg', Buffer.from('ffd8ffc0000b080003000401011100', 'hex'), /a mask as JPEG/],
    ['an interlaced PNG', 'a.png', interlaced(png(square)), /interlaced PNG/],
    ['a PNG of a billion pixels', 'a.png', resized(png(square), 40_000, 40_000), /40000 by 40000 pixels as PNG/],
    ['a TIFF of 10^12 pixels', 'a.tif', sparseTiff(2 ** 20, 2 ** 20, NORTH_UP), /1048576 by 1048576|bytes/],
  ];
  it.each(refused)('that is %s is refused by name', async (what, file, bytes, reason) => {
    const path = put(folder, `${what}/${file}`, bytes);
    put(folder, `${what}/a.wld`, worldFile(NORTH_UP));
    const error = await read(path, { crsIfAbsent: 'EPSG:32633' }).then(
      () => null,
      (thrown: CubeError) => thrown,
    );
    expect(error).toMatchObject({ problem: { kind: 'unsupported' } });
    expect(error?.message).toMatch(reason);
  });
});
