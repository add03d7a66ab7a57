import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import type { Problem } from '../../src/errors.js';
import type { LabelSet } from '../../src/vector/label.js';
import { readLabels } from '../../src/vector/read-labels.js';
import type { ReadLabelsOptions } from '../../src/vector/read-labels.js';
import { doubleSignedArea, locateInPolygon } from '../../src/vector/ring-maths.js';
import { parseWkb } from '../../src/vector/wkb.js';
import { mutated, seeded } from './mutate.js';

let folder = '';
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labels-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Position = readonly number[];

function box(lon: number, lat: number, width: number, height = width): Position[] {
  return [
    [lon, lat],
    [lon + width, lat],
    [lon + width, lat + height],
    [lon, lat + height],
    [lon, lat],
  ];
}

function feature(geometry: unknown, properties: Record<string, unknown> = {}) {
  return { type: 'Feature', properties, geometry };
}

function polygon(...rings: Position[][]) {
  return { type: 'Polygon', coordinates: rings };
}

async function labelsOf(
  features: readonly unknown[],
  options: Partial<ReadLabelsOptions> & { head?: string } = {},
): Promise<LabelSet> {
  const path = join(folder, `${files++}.geojson`);
  await writeFile(path, `{"type":"FeatureCollection",${options.head ?? ''}"features":${JSON.stringify(features)}}`);
  return readLabels({ path, h3: 9, dataset: 'test', ...options });
}

async function problemOf(promise: Promise<unknown>): Promise<Problem | null> {
  try {
    await promise;
  } catch (error) {
    if (isCubeError(error)) return error.problem;
    throw error;
  }
  return null;
}

describe('labels', () => {
  it('give area, interior point, box, cells, WKB and properties', async () => {
    const properties = { name: 'Gänserndorf', power: 12.5, when: null, parts: [1, { a: true }] };
    const { labels, quarantine, warnings } = await labelsOf([feature(polygon(box(10, 48, 0.001)), properties)]);
    expect([quarantine, warnings]).toEqual([[], []]);
    const label = labels[0]!;
    expect(label).toMatchObject({
      labelId: 1,
      dataset: 'test',
      properties,
      xmin: 10,
      ymin: 48,
      xmax: 10.001,
      ymax: 48.001,
    });
    expect(label.areaGeodM2 / 8297.537683606148).toBeCloseTo(1, 9); // PROJ's geodesic on WGS 84
    expect(label.featureUid).toMatch(/^[0-9a-f]{32}$/);
    expect(label.h3Cells.length).toBeGreaterThan(0);
    expect(parseWkb(label.wkb)).toEqual(label.geometry);
    expect(label.h3R15 >> 52n).toBe(0x8fn);
  });

  it('lose no record: labels, quarantine and what where leaves out are all of them', async () => {
    const features = [
      feature(polygon(box(10, 48, 0.01)), { n: 1 }),
      feature(null, { n: 2 }),
      feature(polygon(), { n: 3 }),
      feature(
        {
          type: 'LineString',
          coordinates: [
            [1, 2],
            [3, 4],
          ],
        },
        { n: 4 },
      ),
      feature(
        polygon([
          [10, 48],
          [10.1, 48],
          [10, 48],
        ]),
        { n: 5 },
      ), // two distinct vertices
      feature(
        polygon([
          [10, 48],
          [10.1, 48.1],
          [10.2, 48.2],
          [10, 48],
        ]),
        { n: 6 },
      ), // on one line
      feature(polygon(box(10, 95, 0.01)), { n: 7 }),
      feature(polygon(box(200, 10, 0.01)), { n: 8 }),
      feature(
        polygon([
          ['a', 2],
          [3, 4],
          [5, 6],
          ['a', 2],
        ] as unknown as Position[]),
        { n: 9 },
      ),
      feature({ type: 'Point', coordinates: [10, 48, 300] }, { n: 10 }),
      feature({ type: 'Curve' }, { n: 11 }),
      feature(
        {
          type: 'GeometryCollection',
          geometries: [{ type: 'Point', coordinates: [1, 2] }, polygon(box(11, 48, 0.01))],
        },
        { n: 12 },
      ),
      feature({ type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [1, 2] }] }, { n: 13 }),
      'not a feature',
      feature(polygon(box(12, 48, 0.02)), { n: 15 }),
    ];
    const all = await labelsOf(features);
    expect(all.labels.map(({ labelId }) => labelId)).toEqual([1, 10, 12, 15]);
    expect(all.quarantine.map(({ record, reason }) => [record, reason.replace(/:.*/, '')])).toEqual([
      [2, 'no geometry'],
      [3, 'empty geometry'],
      [4, 'LineString has no area'],
      [5, 'no ring has three distinct vertices'],
      [6, 'no polygon is left after repair'],
      [7, 'latitude outside -90 to 90'],
      [8, 'longitude outside -180 to 180'],
      [9, 'coordinates are not numbers'],
      [11, 'unknown geometry type'],
      [13, 'a geometry collection without polygons'],
      [14, 'not a feature'],
    ]);
    expect(all.quarantine.map(({ properties }) => properties['n'])).toEqual([
      2,
      3,
      4,
      5,
      6,
      7,
      8,
      9,
      11,
      13,
      undefined,
    ]);
    expect(all.warnings.join()).toContain('11 records put into the quarantine');
    expect(all.warnings.join()).toContain('1 record points and lines beside polygons left out: 12');
    const some = await labelsOf(features, { where: 'n > 11' });
    expect(some.labels.map(({ labelId }) => labelId)).toEqual([12, 15]);
    expect(some.quarantine).toHaveLength(11);
  });

  it('repair what is invalid and say so', async () => {
    const bowTie = polygon([
      [10, 48],
      [10.01, 48.01],
      [10.01, 48],
      [10, 48.01],
      [10, 48],
    ]);
    const overlapping = { type: 'MultiPolygon', coordinates: [[box(11, 48, 0.02)], [box(11.01, 48.01, 0.02)]] };
    const holeOutside = polygon(box(12, 48, 0.01), box(12.02, 48, 0.005));
    const open = polygon(box(13, 48, 0.01).slice(0, 4));
    const { labels, quarantine, warnings } = await labelsOf(
      [bowTie, overlapping, holeOutside, open, polygon(box(14, 48, 0.01))].map((one) => feature(one)),
    );
    expect(quarantine).toEqual([]);
    expect(labels.map(({ geometry }) => (geometry.kind === 'polygons' ? geometry.polygons.length : 0))).toEqual([
      2, 1, 2, 1, 1,
    ]);
    // The overlap of the two squares counts once: 7 of 8 quarters.
    const quarter = labels[4]!.areaGeodM2;
    expect(labels[1]!.areaGeodM2 / quarter).toBeCloseTo(7, 2);
    expect(labels[0]!.areaGeodM2 / quarter).toBeCloseTo(0.5, 3);
    expect(warnings).toEqual([
      expect.stringContaining('3 records invalid geometry repaired: 1, 2, 3'),
      expect.stringContaining('1 record open rings closed: 4'),
    ]);
  });

  it('are labels or quarantined for 2,000 mutated features (seed 19)', async () => {
    const random = seeded(19);
    const whole = [
      polygon(box(10, 48, 0.01), box(10.002, 48.002, 0.002)),
      { type: 'MultiPolygon', coordinates: [[box(11, 48, 0.02)], [box(11.01, 48.01, 0.02)]] },
    ];
    const lines = Array.from({ length: 2000 }, (_, i) => {
      const text = JSON.stringify(feature(whole[i % 2]));
      if (i % 3 > 0) {
        const at = Math.floor(random() * text.length);
        return (
          text.slice(0, at) + '0123456789.-e'[Math.floor(random() * 13)]! + text.slice(at + Math.floor(random() * 3))
        );
      }
      return new TextDecoder().decode(mutated(new TextEncoder().encode(text), random)).replaceAll(/[\r\n]/g, ' ');
    });
    const path = join(folder, 'mutated.ndjson');
    await writeFile(path, lines.join('\n'));
    const { labels, quarantine } = await readLabels({ path, h3: 2 });
    const records = [...labels.map(({ labelId }) => labelId), ...quarantine.map(({ record }) => record)].sort(
      (a, b) => a - b,
    );
    const count = lines.filter((line) => /[^\0-\u0020]/.test(line)).length;
    expect(records).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    expect(Math.min(labels.length, quarantine.length)).toBeGreaterThan(100);
    for (const { areaGeodM2, xmin, ymin, xmax, ymax } of labels) {
      expect(areaGeodM2 >= 0 && xmin >= -180 && xmax <= 180 && ymin >= -90 && ymax <= 90).toBe(true);
    }
  });

  it('have outer rings counter-clockwise, holes clockwise, and a point inside', async () => {
    const rings = [box(10, 48, 0.03).toReversed(), box(10.01, 48.01, 0.01)];
    const crescent = polygon([
      [11, 48],
      [11.1, 48],
      [11.1, 48.1],
      [11, 48.1],
      [11, 48.09],
      [11.09, 48.09],
      [11.09, 48.01],
      [11, 48.01],
      [11, 48],
    ]);
    const { labels } = await labelsOf([feature(polygon(...rings)), feature(crescent)]);
    for (const { geometry, lon, lat } of labels) {
      if (geometry.kind !== 'polygons') throw new Error('no polygons');
      for (const [outer, ...holes] of geometry.polygons) {
        expect(doubleSignedArea(outer!)).toBeGreaterThan(0);
        for (const hole of holes) expect(doubleSignedArea(hole)).toBeLessThan(0);
      }
      expect(geometry.polygons.some((one) => locateInPolygon(one, lon, lat) === 1)).toBe(true);
    }
  });

  it('are transformed from any CRS', async () => {
    const square = polygon(box(500_000, 5_300_000, 100));
    const { labels } = await labelsOf([feature(square)], { crs: 'EPSG:32633' });
    expect(labels[0]!.xmin).toBeCloseTo(15, 9);
    expect(labels[0]!.ymin).toBeCloseTo(47.853341937826784, 11);
    expect(labels[0]!.areaGeodM2).toBeCloseTo(10_000 / 0.9996 ** 2, 1);
    const head = '"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::32633"}},';
    expect((await labelsOf([feature(square)], { head })).labels[0]!.wkb).toEqual(labels[0]!.wkb);
  });

  it('across the antimeridian are cut, with the area of the whole', async () => {
    const jump = polygon([
      [179.9, 10],
      [-179.9, 10],
      [-179.9, 10.1],
      [179.9, 10.1],
      [179.9, 10],
    ]);
    const beyond = polygon(box(179.9, 10, 0.2, 0.1));
    const west = polygon(box(-180.1, 10, 0.2, 0.1));
    const { labels, warnings } = await labelsOf(
      [jump, beyond, west, polygon(box(0, 10, 0.2, 0.1))].map((one) => feature(one)),
    );
    for (const label of labels.slice(0, 3)) {
      expect(label.geometry.kind === 'polygons' && label.geometry.polygons.length).toBe(2);
      expect(label.areaGeodM2 / labels[3]!.areaGeodM2).toBeCloseTo(1, 9);
      expect(label.h3Cells.length).toBeLessThan(labels[3]!.h3Cells.length * 1.5);
      expect(Math.abs(label.lon)).toBeGreaterThan(179.8);
      expect(Math.abs(label.lon)).toBeLessThanOrEqual(180);
    }
    expect(warnings.join()).toContain('3 records cut at the antimeridian: 1, 2, 3');
  });

  it('around a pole are refused, unless the ring runs along the edge of the map', async () => {
    const cap = Array.from({ length: 37 }, (_, i): Position => [((i * 10 + 180) % 360) - 180, 85]);
    const whole = polygon([
      [-180, 80],
      [180, 80],
      [180, 90],
      [-180, 90],
      [-180, 80],
    ]);
    const { labels, quarantine } = await labelsOf([feature(polygon(cap)), feature(whole)], { h3: 2 });
    expect(quarantine).toMatchObject([{ record: 1, reason: 'encloses a pole' }]);
    expect(labels).toMatchObject([{ labelId: 2, xmin: -180, xmax: 180 }]);
    // The area of the WGS 84 ellipsoid above 80° north, in closed form.
    expect(labels[0]!.areaGeodM2 / 3_908_572_761_836.565).toBeCloseTo(1, 4);
  });

  it('bad arguments name the key', async () => {
    expect(await problemOf(labelsOf([], { h3: 16 }))).toMatchObject({ kind: 'invalid-spec', path: 'labels.h3' });
    expect(await problemOf(labelsOf([], { crs: 'EPSG:nonsense' }))).toMatchObject({
      kind: 'invalid-spec',
      path: 'labels.crs',
    });
    expect(await problemOf(readLabels({ path: 'relative.shp', h3: 9 }))).toMatchObject({ kind: 'invalid-argument' });
    expect(await problemOf(readLabels({ path: '/x/labels.docx', h3: 9 }))).toMatchObject({ kind: 'unsupported' });
    expect(await problemOf(readLabels({ path: join(folder, 'none.shp'), h3: 9 }))).toMatchObject({ kind: 'not-found' });
    expect(await problemOf(readLabels({ path: 'https://example.com/labels.geojson', h3: 9 }))).toMatchObject({
      kind: 'unsupported',
    });
  });

  it('stop when the signal fires', async () => {
    expect(
      await problemOf(labelsOf([feature(polygon(box(10, 48, 1)))], { signal: AbortSignal.abort() })),
    ).toMatchObject({ kind: 'aborted' });
  });

  it('come from a file URL, named after the file', async () => {
    const path = join(folder, 'sites.geojson');
    await writeFile(path, JSON.stringify(feature({ type: 'Point', coordinates: [10, 48] })));
    const set = await readLabels({ path: pathToFileURL(path).href, h3: 9 });
    expect(set).toMatchObject({ dataset: 'sites', labels: [{ areaGeodM2: 0, lon: 10, lat: 48, dataset: 'sites' }] });
  });
});

describe('feature_uid', () => {
  const features = [
    feature(polygon(box(10, 48, 0.01)), { osm_id: 1 }),
    feature(polygon(box(11, 48, 0.01), box(11.002, 48.002, 0.002), box(11.006, 48.006, 0.002)), { name: 'b' }),
    feature(polygon(box(12, 48, 0.01)), { name: 'twin', n: 1 }),
    feature(polygon(box(12, 48, 0.01)), { name: 'twin', n: 2 }),
    feature({
      type: 'MultiPoint',
      coordinates: [
        [1, 2],
        [3, 4],
      ],
    }),
  ];
  const uids = async (list: readonly unknown[], dataset = 'test') =>
    (await labelsOf(list, { dataset })).labels.map(({ featureUid }) => featureUid);

  it('does not depend on the order of records, of rings and of vertices', async () => {
    const before = await uids(features);
    expect(new Set(before).size).toBe(5);
    expect(before[3]).toBe(`${before[2]}-2`);
    expect((await uids(features.toReversed())).toReversed()).toEqual(before);
    const ring = box(11, 48, 0.01);
    const turned = [...ring.slice(2, 4), ...ring.slice(0, 3)].toReversed();
    const [, other] = await uids([
      features[0],
      feature(polygon(turned, box(11.006, 48.006, 0.002).toReversed(), box(11.002, 48.002, 0.002)), { name: 'c' }),
    ]);
    expect(other).toBe(before[1]);
  });

  it('depends on data set, source id and geometry', async () => {
    const [one] = await uids(features.slice(0, 1));
    const others = [
      await uids(features.slice(0, 1), 'other'),
      await uids([feature(polygon(box(10, 48, 0.01)), { osm_id: 2 })]),
      await uids([feature(polygon(box(10, 48, 0.010_001)), { osm_id: 1 })]),
    ];
    expect(new Set([one, ...others.flat()]).size).toBe(4);
    expect(await uids([feature(polygon(box(10.000_000_000_01, 48, 0.01)), { osm_id: 1 })])).toEqual([one]);
  });
});

describe('where', () => {
  const features = [
    feature(polygon(box(10, 48, 0.01)), {
      State: 'Wien',
      power: 10,
      code: '007',
      mark: 'NA',
      list: [1],
      area_geod_m2: -1,
    }),
    feature(polygon(box(11, 48, 0.02)), {
      State: 'Tirol',
      power: 2.5,
      code: '008',
      mark: '12',
      list: null,
      area_geod_m2: -1,
    }),
    feature({ type: 'Point', coordinates: [12, 48] }, { State: null, 'Developed, "Open"': true }),
  ];
  const ids = async (where: string) => (await labelsOf(features, { where })).labels.map(({ labelId }) => labelId);

  it('sees the harmonised columns and the source columns with their types', async () => {
    expect(await ids('area_geod_m2 > 1e6')).toEqual([2]); // not the source's column of the same name
    expect(await ids("state = 'Wien' OR power < 5")).toEqual([1, 2]);
    expect(await ids("code = '007'")).toEqual([1]);
    expect(await ids('mark = 12')).toEqual([2]);
    expect(await ids('"Developed, ""Open"""')).toEqual([3]);
    expect(await ids('label_id IN (1, 3) -- a comment')).toEqual([1, 3]);
    expect(await ids("lon BETWEEN 11 AND 12 AND ST_GeometryType(geometry) = 'POLYGON'")).toEqual([2]);
    expect(await ids("dataset = 'test' AND length(feature_uid) = 32 AND h3_r15 > 0 AND xmax > 11.5")).toEqual([3]);
    expect(await ids('State IS NULL')).toEqual([3]);
  });

  it.each([
    'nonsense',
    'power >',
    'power > 1); DROP TABLE label_columns; --',
    "label_id IN (SELECT 1 FROM read_text('/etc/hostname'))",
    '1 = 1) OR (1 = 1',
    '',
  ])('refuses %s', async (where) => {
    if (where === '1 = 1) OR (1 = 1') return expect(await ids(where)).toEqual([1, 2, 3]); // odd, and still one harmless expression
    const problem = await problemOf(labelsOf(features, { where }));
    return expect(problem).toMatchObject({ kind: 'invalid-spec', path: 'labels.where' });
  });

  it('names the columns of the source where one is unknown', async () => {
    expect(await problemOf(labelsOf(features, { where: 'capacity > 1' }))).toMatchObject({
      fix: expect.stringContaining('State, power'),
    });
  });
});
