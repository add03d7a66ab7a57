import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Affine } from '../../src/grid/affine.js';
import { ingest } from '../../src/ingest/ingest.js';
import { labelFiles } from '../../src/ingest/label-files.js';
import { parseManifest } from '../../src/ingest/parse-manifest.js';
import { queryLakeRows } from '../../src/lake/query.js';
import { temporaryFolder } from '../lake/temporary.js';
import { makeZip } from './fetch/make-archives.js';
import { startRepository, zenodoFiles, zenodoRecord } from './fetch/repository-server.js';
import { geoTiff, png, put, worldFile, type Plane } from '../vector/images/make-images.js';

const folder = temporaryFolder();
const lake = join(folder, 'labels.ducklake');

/** Images of 40 by 30 pixels of 1 m, in rows of 1 km: their labels do not meet. */
const at = (number: number): Affine => [1, 0, 500_000 + 1000 * number, 0, -1, 5_300_000];
const SIZE = { width: 40, height: 30 };
const blank: Plane = { ...SIZE, data: Array.from({ length: 1200 }, () => 0) };
const image = (number: number) => geoTiff(blank, { transform: at(number), epsg: 32_633 });

/** Rectangles of a value in an otherwise empty mask. */
function mask(
  ...boxes: readonly (readonly [col: number, row: number, width: number, height: number, value: number])[]
): Plane {
  const data = [...blank.data];
  for (const [col, row, width, height, value] of boxes) {
    for (let y = row; y < row + height; y++) data.fill(value, y * SIZE.width + col, y * SIZE.width + col + width);
  }
  return { ...SIZE, data };
}

function writeCoco(): void {
  const box = { category_id: 1, iscrowd: 0, bbox: [10, 10, 10, 5], area: 50 };
  put(folder, 'coco/images/0.tif', image(0));
  put(folder, 'coco/images/1.tif', image(1));
  put(folder, 'coco/annotations/train.json', {
    images: [0, 1, 2].map((id) => ({ id, file_name: `${id}.tif`, ...SIZE })),
    annotations: [
      { ...box, id: 1, image_id: 0, score: 0.75 },
      { ...box, id: 2, image_id: 1, segmentation: [[0, 0, 10, 0, 10, 10, 0, 10]], score: 0.5 },
      { ...box, id: 3, image_id: 2, score: 0.5 },
      { ...box, id: 4, image_id: 1, segmentation: { size: [30, 40], counts: [0, 1] } },
      { ...box, id: 5, image_id: 1, iscrowd: 1 },
    ],
    categories: [{ id: 1, name: 'panel' }],
  });
}

function writeYolo(): void {
  put(folder, 'yolo/images/train/a.tif', image(10));
  put(folder, 'yolo/images/test/b.png', png(blank));
  put(folder, 'yolo/images/test/b.pgw', worldFile(at(11)));
  put(folder, 'yolo/images/test/c.png', png(blank)); // without a place
  put(folder, 'yolo/data.yaml', 'names: [roof, ground]\n');
  put(folder, 'yolo/README.txt', 'Read me.');
  put(folder, 'yolo/labels/train/a.txt', '0 0.5 0.5 0.25 0.2\n1 0.1 0.1 0.1 0.1 0.9\nbroken\n');
  put(folder, 'yolo/labels/test/b.txt', '1 0.5 0.5 0.75 0.5 0.75 0.75\n');
  put(folder, 'yolo/labels/test/c.txt', '1 0.5 0.5 0.2 0.2\n');
  put(folder, 'yolo/labels/test/d.txt', '');
}

function writeMasks(): void {
  put(folder, 'masks/images/a.tif', image(20));
  put(folder, 'masks/labels/a.png', png(mask([1, 1, 10, 5, 1], [20, 20, 5, 5, 2], [30, 1, 1, 1, 255]))); // by its image
  put(folder, 'masks/labels/b.tif', geoTiff(mask([0, 0, 40, 30, 1]), { transform: at(21), epsg: 32_633 }));
  put(folder, 'masks/labels/c.png', png(mask([1, 1, 1, 1, 1]))); // without a place
}

const manifest = {
  of_coco: { doi: 'coco', repo: 'local', label_fmt: 'coco', field_map: { confidence: 'score', native_id: 'id' } },
  of_yolo: {
    doi: 'yolo',
    repo: 'local',
    label_fmt: 'yolo',
    crs: 'EPSG:32633',
    field_map: { setting: { column: 'category', map: { roof: 'rooftop' } } },
  },
  of_masks: {
    doi: 'masks',
    repo: 'local',
    label_fmt: ['png', 'tif'],
    label_files: ['labels/*'],
    where: 'value <> 255',
  },
};

const rows = (sql: string) => queryLakeRows({ catalog: lake, dataPath: lake.replace(/\.ducklake$/, '/') }, sql);

describe('an ingest of labels in pixels', () => {
  it('brings COCO, YOLO and masks into a lake, and its counts add up', async () => {
    writeCoco();
    writeYolo();
    writeMasks();
    const report = await ingest({ manifest, folder, lake, models: false });
    const counts = report.datasets.map(({ dataset, status, records, features, quarantined, excluded }) => [dataset, status, records, features, quarantined, excluded]); // prettier-ignore
    expect(counts).toEqual([
      ['of_coco', 'added', 5, 3, 2, 0],
      ['of_yolo', 'added', 5, 3, 2, 0],
      ['of_masks', 'added', 5, 3, 1, 1],
    ]);
    // Polygons of these formats leave out the last vertex.
    expect(report.datasets.flatMap(({ warnings }) => warnings.filter((text) => text.includes('open rings')))).toEqual(
      [],
    );
    expect(await rows(`SELECT count(*) AS n FROM features WHERE repair LIKE '%closed%'`)).toEqual([{ n: 0n }]);
    const features = await rows(
      `SELECT dataset AS d, source_file AS f, source_split AS s, native_id AS n, confidence AS c, setting, round(area_geod_m2 / 10) * 10 AS m2,
         properties->>'image' AS image FROM features ORDER BY dataset, source_file, record`,
    );
    expect(features).toEqual([
      { d: 'of_coco', f: 'annotations/train.json', s: 'train', n: '1', c: 0.75, setting: 'unknown', m2: 50, image: '0.tif' },
      { d: 'of_coco', f: 'annotations/train.json', s: 'train', n: '2', c: 0.5, setting: 'unknown', m2: 100, image: '1.tif' },
      { d: 'of_coco', f: 'annotations/train.json', s: 'train', n: '5', c: null, setting: 'unknown', m2: 50, image: '1.tif' },
      { d: 'of_masks', f: 'labels/a.png', s: null, n: 'labels/a.png:1', c: null, setting: 'unknown', m2: 50, image: 'labels/a.png' },
      { d: 'of_masks', f: 'labels/a.png', s: null, n: 'labels/a.png:3', c: null, setting: 'unknown', m2: 30, image: 'labels/a.png' },
      { d: 'of_masks', f: 'labels/b.tif', s: null, n: 'labels/b.tif:1', c: null, setting: 'unknown', m2: 1200, image: 'labels/b.tif' },
      { d: 'of_yolo', f: 'labels/test/b.txt', s: 'test', n: 'images/test/b.png:1', c: null, setting: 'ground', m2: 40, image: 'images/test/b.png' },
      { d: 'of_yolo', f: 'labels/train/a.txt', s: 'train', n: 'images/train/a.tif:1', c: null, setting: 'rooftop', m2: 60, image: 'images/train/a.tif' },
      { d: 'of_yolo', f: 'labels/train/a.txt', s: 'train', n: 'images/train/a.tif:2', c: null, setting: 'ground', m2: 10, image: 'images/train/a.tif' },
    ]); // prettier-ignore
    expect(await rows('SELECT source, record, reason FROM quarantine ORDER BY source, record')).toEqual([
      { source: 'of_coco/annotations/train.json', record: 3n, reason: 'annotations/2.tif is not among the files' },
      {
        source: 'of_coco/annotations/train.json',
        record: 4n,
        reason: 'the run lengths are of 1 pixels, the image has 1200',
      },
      { source: 'of_masks/labels/c.png', record: 1n, reason: 'labels/c.png has no place on the ground' },
      { source: 'of_yolo/labels/test/c.txt', record: 1n, reason: 'images/test/c.png has no place on the ground' },
      { source: 'of_yolo/labels/train/a.txt', record: 3n, reason: 'not a class and four numbers or more' },
    ]);
    const again = await ingest({ manifest, folder, lake, models: false });
    expect(again.datasets.map(({ status }) => status)).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });

  it('finds the images of masks in another archive of the record, and world files whatever the patterns say', async () => {
    const files = {
      'images.zip': makeZip([{ name: 'train/a.tif', bytes: image(30) }]),
      'masks.zip': makeZip([
        { name: 'train/a_mask.png', bytes: png(mask([1, 1, 10, 5, 1])) },
        { name: 'train/b_mask.png', bytes: png(mask([1, 1, 2, 5, 1])) },
        { name: 'train/b_mask.pgw', bytes: worldFile(at(31)) },
        { name: 'notes.pdf', bytes: '%PDF' },
      ]),
    };
    const server = await startRepository({
      json: { '/api/records/5005868': (url) => zenodoRecord(url, files) },
      files: zenodoFiles(files),
    });
    try {
      const served = {
        doi: '10.5281/zenodo.5005868',
        repo: 'zenodo',
        api: server.url,
        label_fmt: 'png',
        label_files: ['*_mask.png'],
        crs: 'EPSG:32633',
        file_filters: { include_patterns: ['*.zip', '*.png', '*.tif'] },
      };
      const own = join(folder, 'served.ducklake');
      const fetch = { cacheDir: join(folder, 'cache') };
      const report = await ingest({ manifest: { served }, folder, lake: own, models: false, fetch });
      expect(report.datasets).toMatchObject([{ records: 2, features: 2, quarantined: 0 }]);
      const sql = 'SELECT source_file AS f, source_split AS s, round(area_geod_m2) AS m2 FROM features ORDER BY 1';
      const found = await queryLakeRows({ catalog: own, dataPath: own.replace(/\.ducklake$/, '/') }, sql);
      expect(found).toEqual([
        { f: 'masks.zip/train/a_mask.png', s: 'train', m2: 50 },
        { f: 'masks.zip/train/b_mask.png', s: 'train', m2: 10 },
      ]);
    } finally {
      await server.close();
    }
  });

  it('refuses a data set none of whose images has a place, by name and with what to do', async () => {
    put(folder, 'flat/a.png', png(blank));
    put(folder, 'flat/a.txt', '0 0.5 0.5 0.1 0.1');
    const flat = { doi: 'flat', repo: 'local', label_fmt: 'yolo' };
    const run = ingest({ manifest: { flat }, folder, lake: join(folder, 'flat.ducklake'), models: false });
    await expect(run).rejects.toMatchObject({
      problem: { kind: 'unsupported', fix: expect.stringMatching(/world files/) },
    });
  });
});

describe('files of labels', () => {
  const select = (text: string, ...names: string[]) => {
    const files = names.map((name) => ({ name, path: `/x/${name}`, size: 1, sha256: '', url: null }));
    return labelFiles(parseManifest(`a: { doi: x, repo: local, ${text} }`).datasets[0]!, files).map(({ name }) => name);
  };

  it('are those that label_fmt says: images and texts are none unless it does', () => {
    const files = ['a.json', 'a.png', 'a.tif', 'a.txt', 'classes.txt', 'train.txt', 'b.geojson'];
    expect(select('license: x', ...files)).toEqual(['a.json', 'b.geojson']);
    expect(select('label_fmt: coco', ...files)).toEqual(['a.json']);
    expect(select('label_fmt: yolo', ...files)).toEqual(['a.txt']);
    expect(select('label_fmt: yolo', 'train.txt', 'train.png')).toEqual(['train.txt']);
    expect(select('label_fmt: png', ...files)).toEqual(['a.png', 'a.tif']);
    expect(select('label_fmt: [geojson, mask]', ...files)).toEqual(['a.json', 'a.png', 'a.tif', 'b.geojson']);
    expect(() => select('label_fmt: yolo', 'a.json')).toThrow(/no file of labels.*label_fmt/);
  });

  it('are those that label_files selects among them', () => {
    expect(select('label_fmt: mask, label_files: ["*_mask.png"]', 'a.png', 'a_mask.png')).toEqual(['a_mask.png']);
    const regex = 'label_fmt: mask, file_filters: { use_regex: true }, label_files: ["^gt/"]';
    expect(select(regex, 'gt/a.png', 'im/a.png')).toEqual(['gt/a.png']);
  });
});
