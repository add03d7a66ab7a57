import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCubeError, type CubeError } from '../../../src/errors.js';
import type { Affine } from '../../../src/grid/affine.js';
import { decodeCocoMask } from '../../../src/vector/images/coco-rle.js';
import { readCoco } from '../../../src/vector/images/read-coco.js';
import { readImageLabels } from '../../../src/vector/images/read-image-labels.js';
import { readLabels } from '../../../src/vector/read-labels.js';
import type { SourceTable } from '../../../src/vector/source-table.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { pythonWithOracles, runPython } from '../../python.js';
import { mutated, seeded } from '../mutate.js';
import { blobs, geoTiff, png, put, worldFile, type Plane } from './make-images.js';

const folder = temporaryFolder();
const NORTH_UP: Affine = [2, 0, 500_000, 0, -2, 5_300_000];

const read = (path: string): Promise<SourceTable> => readImageLabels({ path }, undefined, readCoco);

/** Lengths of runs down the columns, background first. */
function encode({ width, height, data }: Plane): number[] {
  const counts: number[] = [];
  let [value, length] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    const pixel = data[(i % height) * width + Math.floor(i / height)] === 0 ? 0 : 1;
    if (pixel === value) length++;
    else {
      counts.push(length);
      [value, length] = [pixel, 1];
    }
  }
  return [...counts, length];
}

/** pycocotools' text of them. */
function compress(counts: readonly number[]): string {
  let text = '';
  for (const [i, count] of counts.entries()) {
    let rest = i > 2 ? count - counts[i - 2]! : count;
    for (let more = true; more;) {
      let digit = rest & 31;
      rest >>= 5;
      more = (digit & 16) !== 0 ? rest !== -1 : rest !== 0;
      if (more) digit |= 32;
      text += String.fromCharCode(digit + 48);
    }
  }
  return text;
}

/** By the even-odd rule at the centres of pixels. */
function paint(polygons: ReturnType<typeof decodeCocoMask>, { width, height }: Plane): number[] {
  if (typeof polygons === 'string') throw new Error(polygons);
  const data = Array.from({ length: width * height }, () => 0);
  for (const ring of polygons.flat()) {
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [x, from, to] = [ring[i]!, Math.min(ring[i + 1]!, ring[i + 3]!), Math.max(ring[i + 1]!, ring[i + 3]!)];
      for (let row = from; row < to; row++) for (let col = x; col < width; col++) data[row * width + col]! ^= 1;
    }
  }
  return data;
}

const planes: fc.Arbitrary<Plane> = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }))
  .chain(([width, height]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      data: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: width * height, maxLength: width * height }),
    }),
  );

describe('masks in run lengths', () => {
  it('are what they were made of, as list and as text', () => {
    fc.assert(
      fc.property(planes, (plane) => {
        const counts = encode(plane);
        expect(paint(decodeCocoMask(counts, plane), plane)).toEqual([...plane.data]);
        expect(decodeCocoMask(compress(counts), plane)).toEqual(decodeCocoMask(counts, plane));
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it.each([
    // Written by pycocotools 2.0.
    ['5220003', ['00000', '01110', '01110', '00000']],
    ['09', ['111', '111', '111']],
    ['811010O51L00OO001100O0051', ['000111111', '001100011', '010101001', '001010111', '011010110', '001101010']],
  ])('%s is the mask that pycocotools wrote', (counts, rows) => {
    const plane = { width: rows[0]!.length, height: rows.length, data: rows.join('').split('').map(Number) };
    expect(paint(decodeCocoMask(counts, plane), plane)).toEqual(plane.data);
    expect(compress(encode(plane))).toBe(counts);
  });

  it.each([
    ['too few pixels', [3, 2], 'the run lengths are of 5 pixels, the image has 6'],
    ['too many', [0, 7], 'the run lengths are of 7 pixels, the image has 6'],
    ['an overrun that would wrap', [2 ** 52, 2 ** 52], /the run lengths are of/],
    ['a negative length', [-1, 7], 'a run length is no count'],
    ['a fraction', [1.5, 4.5], 'a run length is no count'],
    ['words', ['6'], 'a run length is no count'],
    ['text that ends within a number', 'P', 'the text of the run lengths is broken'],
    ['text of other characters', '0 6', 'the text of the run lengths is broken'],
    ['an endless number', 'o'.repeat(100), 'a run length is too long'],
    ['a negative length as text', 'O', 'a run length is negative'],
    ['nothing', undefined, 'no run lengths'],
  ])('with %s say what is wrong', (_, counts, reason) => {
    const answer = decodeCocoMask(counts, { width: 3, height: 2 });
    expect(answer).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
  });
});

const square = { id: 7, image_id: 1, category_id: 2, bbox: [1, 1, 2, 1], area: 2, iscrowd: 0 };
const document = (annotations: readonly unknown[], more: object = {}) => ({
  info: { description: 'a' },
  images: [
    { id: 1, file_name: 'a.tif', width: 8, height: 6 },
    { id: 2, file_name: 'sub/b.png', width: 8, height: 6 },
    { id: 3, file_name: 'gone.png', width: 8, height: 6 },
  ],
  annotations,
  categories: [{ id: 2, name: 'panel' }],
  ...more,
});

/** A data set of two images in two zones, one of them by a world file and a .prj, and of one that is not there. */
function dataSet(name: string, annotations: readonly unknown[], more: object = {}): string {
  const plane = blobs(1, 8, 6, 1);
  put(folder, `${name}/images/a.tif`, geoTiff(plane, { transform: NORTH_UP, epsg: 32_633 }));
  put(folder, `${name}/images/sub/b.png`, png(plane));
  put(folder, `${name}/images/sub/b.pgw`, worldFile(NORTH_UP));
  put(folder, `${name}/images/sub/b.prj`, 'EPSG:32632');
  return put(folder, `${name}/annotations/instances_val2017.json`, document(annotations, more));
}

describe('COCO', () => {
  it('gives polygons, masks and boxes where their images lie, with what they say', async () => {
    const mask = { width: 8, height: 6, data: blobs(1, 8, 6, 1).data.map((_, i) => (i === 9 || i === 10 ? 1 : 0)) };
    const path = dataSet('all', [
      square,
      {
        ...square,
        id: 8,
        segmentation: [
          [0, 0, 4, 0, 4, 3],
          [5, 5, 6, 5, 6, 6, 5, 6],
        ],
        score: 0.5,
        note: 'x',
      },
      { ...square, id: 9, image_id: 2, iscrowd: 1, segmentation: { size: [6, 8], counts: encode(mask) } },
      { ...square, id: 10, image_id: 2, segmentation: { size: [6, 8], counts: compress(encode(mask)) } },
    ]);
    const { records, warnings } = await read(path);
    expect(warnings).toEqual([]);
    expect(records.map(({ id, split, crs }) => [id, split, crs?.kind === 'epsg' ? crs.code : null])).toEqual([
      ['a.tif:7', 'val2017', 32_633],
      ['a.tif:8', 'val2017', 32_633],
      ['sub/b.png:9', 'val2017', 32_632],
      ['sub/b.png:10', 'val2017', 32_632],
    ]);
    const box = [
      Float64Array.of(
        500_002,
        5_299_998,
        500_006,
        5_299_998,
        500_006,
        5_299_996,
        500_002,
        5_299_996,
        500_002,
        5_299_998,
      ),
    ];
    expect(records[0]!.geometry).toEqual({ kind: 'polygons', polygons: [box] });
    expect(records[1]!.geometry).toEqual({
      kind: 'polygons',
      polygons: [
        [Float64Array.of(500_000, 5_300_000, 500_008, 5_300_000, 500_008, 5_299_994, 500_000, 5_300_000)],
        [
          Float64Array.of(
            500_010,
            5_299_990,
            500_012,
            5_299_990,
            500_012,
            5_299_988,
            500_010,
            5_299_988,
            500_010,
            5_299_990,
          ),
        ],
      ],
    });
    expect(records[1]!.properties).toEqual({
      image: 'a.tif', category: 'panel', id: 8, image_id: 1, category_id: 2, bbox: [1, 1, 2, 1], area: 2, iscrowd: 0, score: 0.5, note: 'x',
    }); // prettier-ignore
    expect(records[3]!.geometry).toEqual(records[2]!.geometry);
    const { labels, warnings: told } = await readLabels({ path, h3: null });
    expect(told.filter((text) => text.includes('open rings'))).toEqual([]);
    // The squares that a box and a mask of the same pixels make, of 2 by 1 pixels of 2 m, in their own zones.
    expect(labels.map(({ areaGeodM2 }) => Math.round(areaGeodM2 * 10) / 10)).toEqual([8, 28, 8, 8]);
    expect(labels[0]!.lon - labels[2]!.lon).toBeCloseTo(6, 3);
  });

  it('keeps what cannot be placed with the reason', async () => {
    const path = dataSet('reasons', [
      square,
      { ...square, image_id: 3 },
      { ...square, image_id: 99 },
      'no annotation',
      { ...square, bbox: [1, 1, 0, 4] },
      { ...square, bbox: [1, 'x', 0, 4] },
      { ...square, bbox: null },
      { ...square, segmentation: [[0, 0, 1]] },
      { ...square, segmentation: [[0, 0, 1, 1, null, 2]] },
      { ...square, segmentation: [[0, 0, 4, 0, 4, 1e300]] },
      { ...square, segmentation: { size: [8, 6], counts: [48] } },
      { ...square, segmentation: { size: [6, 8], counts: [48] } },
      { ...square, segmentation: { size: [6, 8], counts: [0, 2 ** 40] } },
      { ...square, bbox: [300, 200, 10, 10] },
    ]);
    const { records } = await read(path);
    expect(records.map(({ geometry }) => (geometry.kind === 'unusable' ? geometry.reason : null))).toEqual([
      null,
      'annotations/gone.png is not among the files',
      'its image is not in the list of images',
      'not an annotation',
      'the bbox has no area',
      'the bbox is not four numbers',
      'neither segmentation nor bbox',
      'a polygon is no list of x and y',
      'coordinates are not numbers',
      'pixel 4, 1e+300 lies outside the image of 8 by 6 pixels',
      'the mask is of 6 by 8 pixels, the image has 8 by 6',
      'the mask is empty',
      'the run lengths are of 1099511627776 pixels, the image has 48',
      'pixel 300, 200 lies outside the image of 8 by 6 pixels',
    ]);
    const { labels, quarantine } = await readLabels({ path, h3: null });
    expect([labels.length, quarantine.length]).toEqual([1, 13]);
  });

  it('is of images that were made smaller: they place nothing', async () => {
    const images = [
      { id: 1, file_name: 'a.tif', width: 4, height: 3 },
      { id: 2, file_name: 'b.png' },
    ];
    const { records } = await read(dataSet('smaller', [square, { ...square, image_id: 2 }], { images }));
    expect(records[0]!.geometry).toEqual({
      kind: 'unusable',
      reason: 'the labels are of an image of 4 by 3 pixels, a.tif has 8 by 6',
    });
    expect(records[1]!.geometry.kind).toBe('polygons'); // of no stated size, found by its name alone
  });

  it('of images without a place is refused, with what to do', async () => {
    const path = put(folder, 'flat/a.json', document([square]));
    put(folder, 'flat/a.tif', geoTiff(blobs(1, 8, 6, 1)));
    await expect(read(path)).rejects.toThrow(
      /unsupported: .*a\.json: labels in pixels of images without a place on the ground \(a\.tif has no place on the ground\) \(put GeoTIFFs/,
    );
    // A world file is enough, the image itself need not be there.
    put(folder, 'bare/a.tfw', worldFile(NORTH_UP));
    put(folder, 'bare/a.prj', 'EPSG:32633');
    expect((await read(put(folder, 'bare/a.json', document([square])))).records[0]!.geometry.kind).toBe('polygons');
  });

  it.each([
    ['no images', { images: undefined }, /no list "images"/],
    ['an image without an id', { images: [{ file_name: 'a.tif' }] }, /an image without an id/],
    ['an image without a name', { images: [{ id: 1 }] }, /image 1 has no file_name/],
    [
      'two images of one id',
      {
        images: [
          { id: 1, file_name: 'a' },
          { id: 1, file_name: 'b' },
        ],
      },
      /two images have the id 1/,
    ],
    [
      'an image of 10^18 pixels',
      { images: [{ id: 1, file_name: 'a', width: 1e9, height: 1e9 }] },
      /a width or height that is none/,
    ],
    ['categories that are none', { categories: 3 }, /"categories" is no list/],
    ['no annotations', { annotations: undefined }, /no list "annotations"/],
  ])('with %s is invalid-data', async (what, more, reason) => {
    const path = put(folder, `${what}.json`, document([square], more));
    await expect(read(path)).rejects.toThrow(reason);
    await expect(read(path)).rejects.toMatchObject({ problem: { kind: 'invalid-data' } });
  });

  it('nested without end is invalid-data', async () => {
    const deep = `{"images":[],"annotations":[${'['.repeat(1e6)}${']'.repeat(1e6)}]}`;
    await expect(read(put(folder, 'deep.json', deep))).rejects.toThrow(/not COCO: values nested deeper/);
  });

  it('400 mutants give records or a CubeError', async () => {
    const random = seeded(17);
    const mask = blobs(1, 8, 6, 1);
    dataSet('mutants', []);
    const whole = document([square, { ...square, segmentation: { size: [6, 8], counts: compress(encode(mask)) } }]);
    const bytes = new TextEncoder().encode(JSON.stringify(whole));
    for (let i = 0; i < 400; i++) {
      const path = put(folder, 'mutants/annotations/m.json', mutated(bytes, random));
      const fault = await read(path).then(
        () => null,
        (error: CubeError) => error,
      );
      if (fault !== null) expect(isCubeError(fault), String(fault)).toBe(true);
    }
  });

  it.skipIf(pythonWithOracles() === null)(
    'masks of both kinds are those that a slow decoder of Python paints',
    async () => {
      const cases = Array.from({ length: 30 }, (_, i) => {
        const plane = blobs(100 + i, 1 + ((i * 7) % 50), 1 + ((i * 13) % 40), 1);
        const counts = encode(plane);
        const polygons = decodeCocoMask(compress(counts), plane);
        if (typeof polygons === 'string') throw new Error(polygons);
        const rings = polygons.map((polygon) => polygon.map((ring) => [...ring]));
        return { width: plane.width, height: plane.height, counts, text: compress(counts), polygons: rings };
      });
      const script = fileURLToPath(new URL('coco_check.py', import.meta.url));
      const answer = await runPython(script, [put(folder, 'rle.json', cases)]);
      expect(answer).toEqual({ masks: 30, faults: [] });
    },
  );
});
