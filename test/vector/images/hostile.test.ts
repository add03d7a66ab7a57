import { describe, expect, it } from 'vitest';
import { isCubeError, type CubeError } from '../../../src/errors.js';
import type { Affine } from '../../../src/grid/affine.js';
import { decodeCocoMask } from '../../../src/vector/images/coco-rle.js';
import { readImageLabels, type ImageLabelReader } from '../../../src/vector/images/read-image-labels.js';
import { readMask } from '../../../src/vector/images/read-mask.js';
import { readYolo } from '../../../src/vector/images/read-yolo.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { mutated, seeded } from '../mutate.js';
import { blobs, geoTiff, png, put, sparseTiff, worldFile } from './make-images.js';

const folder = temporaryFolder();
const NORTH_UP: Affine = [0.3, 0, 500_000, 0, -0.3, 5_300_000];
const plane = blobs(1, 40, 30, 3);

/** Records, or a CubeError: nothing else. */
async function answer(path: string, read: ImageLabelReader): Promise<number | string> {
  return readImageLabels({ path, crsIfAbsent: 'EPSG:32633' }, undefined, read).then(
    ({ records }) => records.length,
    (error: CubeError) => {
      expect(isCubeError(error), String(error.stack)).toBe(true);
      return error.message;
    },
  );
}

const KINDS: readonly (readonly [what: string, file: string, bytes: Uint8Array])[] = [
  [
    'a GeoTIFF',
    'a.tif',
    geoTiff(plane, { transform: NORTH_UP, epsg: 32_633, compression: 'deflate', tile: { width: 16, height: 16 } }),
  ],
  ['a PNG', 'a.png', png(plane)],
  ['an indexed PNG', 'a.png', png(plane, 'indexed', 2)],
  ['a PNG of 16 bits', 'a.png', png(plane, 'grey', 16)],
];

describe('hostile masks and labels', () => {
  it.each(KINDS)('300 mutants of %s give records or a CubeError', async (what, file, bytes) => {
    const random = seeded(23);
    put(folder, `${what}/a.wld`, worldFile(NORTH_UP));
    expect(await answer(put(folder, `${what}/${file}`, bytes), readMask)).toBeGreaterThan(10);
    for (let i = 0; i < 300; i++) await answer(put(folder, `${what}/${file}`, mutated(bytes, random)), readMask);
  });

  it('300 mutants of what lies beside an image, and of YOLO lines, give records or a CubeError', async () => {
    const random = seeded(29);
    const texts: Readonly<Record<string, string>> = {
      'images/a.pgw': worldFile(NORTH_UP),
      'images/a.png.aux.xml':
        '<PAMDataset><SRS>EPSG:32633</SRS><GeoTransform>5e5,0.3,0,53e5,0,-0.3</GeoTransform></PAMDataset>',
      'data.yaml': 'names:\n  - roof\n  - ground\n',
      'labels/a.txt': '0 0.5 0.5 0.1 0.1\n1 0.1 0.1 0.2 0.1 0.2 0.2 0.9\n',
    };
    put(folder, 'texts/images/a.png', png(plane));
    for (let i = 0; i < 300; i++) {
      for (const [name, text] of Object.entries(texts)) {
        put(folder, `texts/${name}`, random() < 0.5 ? text : mutated(new TextEncoder().encode(text), random));
      }
      await answer(`${folder}/texts/labels/a.txt`, readYolo);
    }
  });

  it('an image that only says to be large costs nothing', async () => {
    const before = process.memoryUsage().rss;
    expect(await answer(put(folder, 'large/a.tif', sparseTiff(2 ** 30, 2 ** 30, NORTH_UP)), readMask)).toMatch(
      /1073741824|bytes/,
    );
    expect(decodeCocoMask([0, 2 ** 46], { width: 2 ** 23, height: 2 ** 23 })).toMatch(
      /the mask has 8388608 pieces of columns, which are too many/,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
  });

  it('a zip bomb of a PNG is no more than its header says', async () => {
    const small = png({ width: 40, height: 30, data: plane.data });
    const bomb = png({ width: 4000, height: 4000, data: [] });
    const data = bomb.subarray(33, bomb.length - 12);
    put(folder, 'bomb/a.pgw', worldFile(NORTH_UP));
    const path = put(
      folder,
      'bomb/a.png',
      Buffer.concat([small.subarray(0, 33), data, small.subarray(small.length - 12)]),
    );
    const before = process.memoryUsage().rss;
    await answer(path, readMask);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 27);
  });
});
