import { describe, expect, it } from 'vitest';
import type { Affine } from '../../../src/grid/affine.js';
import { readImageLabels } from '../../../src/vector/images/read-image-labels.js';
import { readYolo } from '../../../src/vector/images/read-yolo.js';
import type { SourceTable } from '../../../src/vector/source-table.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { blobs, geoTiff, png, put, worldFile } from './make-images.js';

const folder = temporaryFolder();
/** 40 by 20 pixels of 2 m. */
const NORTH_UP: Affine = [2, 0, 500_000, 0, -2, 5_300_000];
const plane = blobs(1, 40, 20, 1);
const image = geoTiff(plane, { transform: NORTH_UP, epsg: 32_633 });

const read = (path: string): Promise<SourceTable> => readImageLabels({ path }, undefined, readYolo);

function dataSet(name: string, text: string, files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  put(folder, `${name}/images/train/a.tif`, image);
  for (const [file, content] of Object.entries(files)) put(folder, `${name}/${file}`, content);
  return put(folder, `${name}/labels/train/a.txt`, text);
}

const reasonsOf = ({ records }: SourceTable) =>
  records.map(({ geometry }) => (geometry.kind === 'unusable' ? geometry.reason : null));

describe('YOLO', () => {
  it('gives boxes and polygons in pixels from edge to edge, with confidence where it is', async () => {
    const text = '0 0.5 0.5 0.1 0.2\n1 0.5 0.5 1 1 0.9\n\n1 0 0 0.5 0 0.5 1\n1 0 0 0.5 0 0.5 1 0.25\r\n';
    const { records } = await read(dataSet('all', text, { 'data.yaml': 'names:\n  0: roof\n  1: ground\n' }));
    expect(records.map(({ record, id, split, properties }) => ({ record, id, split, ...properties }))).toEqual([
      {
        record: 1,
        id: 'images/train/a.tif:1',
        split: 'train',
        image: 'images/train/a.tif',
        class: 0,
        category: 'roof',
      },
      {
        record: 2,
        id: 'images/train/a.tif:2',
        split: 'train',
        image: 'images/train/a.tif',
        class: 1,
        category: 'ground',
        confidence: 0.9,
      },
      {
        record: 3,
        id: 'images/train/a.tif:3',
        split: 'train',
        image: 'images/train/a.tif',
        class: 1,
        category: 'ground',
      },
      {
        record: 4,
        id: 'images/train/a.tif:4',
        split: 'train',
        image: 'images/train/a.tif',
        class: 1,
        category: 'ground',
        confidence: 0.25,
      },
    ]);
    const rings = records.map(({ geometry }) => (geometry.kind === 'polygons' ? [...geometry.polygons[0]![0]!] : []));
    // 4 by 4 pixels around column 20, row 10.
    expect(rings[0]).toEqual([
      500_036, 5_299_984, 500_044, 5_299_984, 500_044, 5_299_976, 500_036, 5_299_976, 500_036, 5_299_984,
    ]);
    expect(rings[1]).toEqual([
      500_000, 5_300_000, 500_080, 5_300_000, 500_080, 5_299_960, 500_000, 5_299_960, 500_000, 5_300_000,
    ]);
    expect(rings[2]).toEqual([500_000, 5_300_000, 500_040, 5_300_000, 500_040, 5_299_960, 500_000, 5_300_000]);
    expect(rings[3]).toEqual(rings[2]);
    expect(records[0]!.crs).toEqual({ kind: 'epsg', code: 32_633 });
  });

  it('keeps lines that are none with the reason', async () => {
    const text = ['0 0.5 0.5 0.1', 'roof 0.5 0.5 0.1 0.1', '-1 0.5 0.5 0.1 0.1', '0 nan 0.5 0.1 0.1', '0 20 10 4 4', '0 0.5 0.5 0 0.1', '0 0.5 0.5 1e400 1', '0 0.01 0.5 0.5 0.5'].join('\n'); // prettier-ignore
    expect(reasonsOf(await read(dataSet('lines', text)))).toEqual([
      'not a class and four numbers or more',
      'not a class and four numbers or more',
      'the class is no count',
      'not a class and four numbers or more',
      '20 is no share of the image: 0 to 1',
      'the box has no area',
      'not a class and four numbers or more',
      expect.stringMatching(/^pixel -9\.6, 5 lies outside the image of 40 by 20 pixels$/),
    ]);
  });

  it('takes names from the nearest file that has some, and goes without', async () => {
    const line = '1 0.5 0.5 0.1 0.2';
    const nameIn = async (name: string, files: Readonly<Record<string, string>>) =>
      (await read(dataSet(name, line, files))).records[0]!.properties['category'];
    expect(await nameIn('none', {})).toBeNull();
    expect(await nameIn('list', { 'labels/classes.txt': 'roof\nground\n', 'data.yaml': 'names: [x, y]' })).toBe(
      'ground',
    );
    expect(await nameIn('yaml', { 'data.yaml': 'train: images/train\nnames: [x, y]' })).toBe('y');
    await expect(nameIn('bad', { 'data.yaml': 'names: [x' })).rejects.toMatchObject({
      problem: { kind: 'invalid-data' },
    });
    await expect(nameIn('bomb', { 'data.yaml': `a: &a [1,1]\n${'bcdefgh'.split('').map((key, i) => `${key}: &${key} [${`*${'abcdefg'[i]},`.repeat(9)}]`).join('\n')}` })).rejects.toMatchObject({ problem: { kind: 'invalid-data' } }); // prettier-ignore
    await expect(nameIn('pose', { 'data.yaml': 'kpt_shape: [17, 3]\nnames: [x]' })).rejects.toThrow(
      /YOLO labels of key points/,
    );
  });

  it('without image, size or place is refused, or unusable where other images have one', async () => {
    const line = '0 0.5 0.5 0.1 0.2';
    const path = put(folder, 'flat/labels/a.txt', line);
    await expect(read(path)).rejects.toThrow(/the image of labels\/a\.txt is not among the files/);
    put(folder, 'flat/images/a.png', png(plane));
    await expect(read(path)).rejects.toThrow(
      /unsupported: .*a\.txt: labels in pixels .*\(images\/a\.png has no place.*put GeoTIFFs/,
    );
    put(folder, 'flat/images/b.tif', image);
    expect(reasonsOf(await read(path))).toEqual(['images/a.png has no place on the ground']);
    put(folder, 'flat/images/a.pgw', worldFile(NORTH_UP));
    put(folder, 'flat/images/a.prj', 'EPSG:32633');
    expect(reasonsOf(await read(path))).toEqual([null]);
    put(folder, 'flat/images/a.png', 'no image');
    expect(reasonsOf(await read(path))).toEqual(['the size of images/a.png cannot be read']);
    put(folder, 'flat/images/a.png', Buffer.from(image.subarray(0, 40)));
    expect(reasonsOf(await read(path))).toEqual([
      expect.stringMatching(/^images\/a\.png cannot be read: invalid-data/),
    ]);
  });

  it('is of the image of the same part, and of none where several may be meant', async () => {
    const line = '0 0.5 0.5 0.1 0.2';
    const path = dataSet('parts', line, { 'images/val/a.tif': geoTiff(plane) });
    expect(reasonsOf(await read(path))).toEqual([null]);
    expect(reasonsOf(await read(put(folder, 'parts/labels/test/a.txt', line)))).toEqual([
      'the image of labels/test/a.txt is not among the files',
    ]);
    expect(reasonsOf(await read(put(folder, 'parts/labels/2021/a.txt', line)))).toEqual([
      'several images may be that of labels/2021/a.txt: images/train/a.tif, images/val/a.tif',
    ]);
  });

  it('of an empty file has no records, and of bytes that are no text is invalid-data', async () => {
    expect((await read(dataSet('empty', '\n'))).records).toEqual([]);
    put(folder, 'bytes/a.txt', Uint8Array.of(0xff, 0xfe, 0x00));
    await expect(read(`${folder}/bytes/a.txt`)).rejects.toMatchObject({ problem: { kind: 'invalid-data' } });
  });
});
