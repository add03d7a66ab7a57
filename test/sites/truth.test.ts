import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb, type DuckDb } from '../../src/duckdb/connection.js';
import { deduplicate } from '../../src/sites/deduplicate.js';
import { DEFAULT_RULES, type SiteFeature } from '../../src/sites/site-feature.js';
import type { Geometry, PolygonRings } from '../../src/vector/label.js';
import { readLabels } from '../../src/vector/read-labels.js';
import { formatWkb, parseWkb } from '../../src/vector/wkb.js';
import { hasShared, sharedPath } from '../shared.js';
import { seeded } from '../vector/mutate.js';
import { feature, polygon, star } from './shapes.js';

/** How a second version of a polygon is made; metres of a degree at the equator. */
const KINDS = ['copy', 'hull', 'shrunk', 'shifted 5 m', 'shifted 15 m', 'part'] as const;
type Kind = (typeof KINDS)[number];
const METRE = 1 / 111_320;

let db: DuckDb;
beforeAll(async () => {
  db = await openDuckDb({ extensions: ['spatial'] });
});
afterAll(() => db.close());

/** Real polygons where they are at hand, stars elsewhere: the numbers hold for both. */
async function originals(): Promise<Geometry[]> {
  if (!hasShared) {
    const random = seeded(21);
    return Array.from({ length: 1500 }, () => {
      const [lon, lat] = [10 + random(), 48 + random()];
      const vertices = 4 + Math.floor(random() * 30);
      return polygon(star(random, lon, lat, { radiusM: 5 + 300 * random() ** 3, vertices }));
    });
  }
  const files = [
    'osm-germany-austria/germany_photovoltaic.shp',
    'osm-germany-austria/photovoltaic.shp',
    'india/solar_farms_india_2021_merged_simplified.geojson',
  ];
  const sets = await Promise.all(files.map((file) => readLabels({ path: sharedPath('data/pv', file), h3: null })));
  return sets.flatMap(({ labels }) => labels.map(({ geometry }) => geometry));
}

/** The second version, by GEOS, or null where the kind does not suit the polygon. */
async function variants(shapes: readonly Geometry[], kinds: readonly Kind[]): Promise<(Geometry | null)[]> {
  await db.run('CREATE OR REPLACE TEMP TABLE originals (i INTEGER, kind VARCHAR, wkb BLOB)');
  for (let start = 0; start < shapes.length; start += 500) {
    const rows = shapes.slice(start, start + 500);
    await db.run(
      `INSERT INTO originals VALUES ${rows.map(() => '(?, ?, ?::BLOB)').join(', ')}`,
      rows.flatMap((shape, k) => [start + k, kinds[start + k]!, formatWkb(shape)]),
    );
  }
  const east = (metres: number) => `${metres * METRE} / cos(radians(ST_Y(c)))`;
  const moved = (metres: number) => `ST_Translate(g, ${east(metres)}, 0, 0)`;
  const wide = (metres: number) => `(ST_XMax(g) - ST_XMin(g)) * cos(radians(ST_Y(c))) > ${4 * metres * METRE}`;
  const rows = await db.all(
    `SELECT i, ST_AsWKB(CASE kind
        WHEN 'copy' THEN g
        WHEN 'hull' THEN ST_ConvexHull(g)
        WHEN 'shrunk' THEN ST_Affine(g, 0.85, 0, 0, 0.85, 0.15 * ST_X(c), 0.15 * ST_Y(c))
        WHEN 'shifted 5 m' THEN CASE WHEN ${wide(5)} THEN ${moved(5)} END
        WHEN 'shifted 15 m' THEN CASE WHEN ${wide(15)} THEN ${moved(15)} END
        ELSE ST_CollectionExtract(ST_Intersection(g, ST_MakeEnvelope(ST_XMin(g), ST_YMin(g), ST_X(c), ST_YMax(g))), 3) END) AS wkb
     FROM (SELECT *, ST_Centroid(g) AS c FROM (SELECT i, kind, ST_GeomFromWKB(wkb) AS g FROM originals)) ORDER BY i`,
  );
  return rows.map(({ wkb }) => {
    const geometry = wkb instanceof Uint8Array ? parseWkb(wkb) : null;
    return geometry?.kind === 'polygons' ? geometry : null;
  });
}

/** All pairs that share area, measured by GEOS in degrees: ratios of areas need no projection. */
async function judged(features: readonly SiteFeature[]): Promise<Map<string, { iou: number; iomin: number }>> {
  await db.run('CREATE OR REPLACE TEMP TABLE judged (i INTEGER, g GEOMETRY)');
  for (let start = 0; start < features.length; start += 500) {
    const rows = features.slice(start, start + 500);
    await db.run(
      `INSERT INTO judged SELECT * REPLACE (ST_GeomFromWKB(g) AS g) FROM (VALUES ${rows.map(() => '(?::INTEGER, ?::BLOB)').join(', ')}) AS t(i, g)`,
      rows.flatMap(({ geometry }, k) => [start + k, formatWkb(geometry)]),
    );
  }
  await db.run(
    'CREATE OR REPLACE TEMP TABLE met AS SELECT a.i AS a, b.i AS b FROM judged a JOIN judged b ON ST_Intersects(a.g, b.g)',
  );
  const rows = await db.all(
    `SELECT met.a, met.b, ST_Area(ST_Intersection(x.g, y.g)) AS shared, ST_Area(x.g) AS one, ST_Area(y.g) AS other
     FROM met JOIN judged x ON x.i = met.a JOIN judged y ON y.i = met.b WHERE met.a < met.b`,
  );
  return new Map(
    rows.map((row) => {
      const [shared, one, other] = [Number(row['shared']), Number(row['one']), Number(row['other'])];
      const uids = [features[Number(row['a'])]!.featureUid, features[Number(row['b'])]!.featureUid].sort();
      return [uids.join(' '), { iou: shared / (one + other - shared), iomin: shared / Math.min(one, other) }] as const;
    }),
  );
}

describe('duplicates that are known', () => {
  it('are found: recall 0.999 at precision 0.99, by kind, and by H3 cells the same', async () => {
    const shapes = await originals();
    const random = seeded(22);
    const kinds = shapes.map(() => KINDS[Math.floor(random() * KINDS.length)]!);
    const second = await variants(shapes, kinds);
    const features: SiteFeature[] = [];
    const kindOf = new Map<string, Kind>();
    for (const [i, geometry] of shapes.entries()) {
      const uid = `a${String(i).padStart(6, '0')}`;
      features.push(feature(uid, geometry));
      const other = second[i]!;
      if (other === null || !isProper(other)) continue;
      features.push(feature(`b${String(i).padStart(6, '0')}`, other, { dataset: 'b', priority: 2 }));
      kindOf.set(`${uid} b${String(i).padStart(6, '0')}`, kinds[i]!);
    }
    const truth = await judged(features);
    const rtree = timed(() => deduplicate(features));
    const cells = timed(() => deduplicate(features, { ...DEFAULT_RULES, candidates: 'h3' }));
    expect(cells.result).toEqual(rtree.result);
    const { pairs, members } = rtree.result;
    const isTrue = (key: string) => {
      const measured = truth.get(key);
      return measured !== undefined && (measured.iou >= 0.5 || measured.iomin >= 0.5);
    };
    const found = pairs.filter(({ class: kind }) => ['exact', 'same', 'part_of'].includes(kind));
    const keys = new Set(found.map(({ aUid, bUid }) => `${aUid} ${bUid}`));
    const wanted = [...truth.keys()].filter(isTrue);
    const recall = wanted.filter((key) => keys.has(key)).length / wanted.length;
    const precision = [...keys].filter(isTrue).length / keys.size;
    const site = new Map(members.map(({ featureUid, siteUid }) => [featureUid, siteUid]));
    const together = wanted.filter((key) => {
      const [a, b] = key.split(' ');
      return site.get(a!) === site.get(b!);
    }).length;
    const byKind = KINDS.map((kind) => {
      const all = [...kindOf].filter(([, one]) => one === kind).map(([key]) => key);
      const those = all.filter(isTrue);
      return `${kind}: ${those.filter((key) => keys.has(key)).length} of ${those.length} (${all.length - those.length} are less than half one)`;
    });
    console.info(
      `${features.length} features, ${wanted.length} true pairs: recall ${recall}, precision ${precision}, in one site ${together / wanted.length}; CPU: R-tree ${rtree.seconds} s, H3 cells ${cells.seconds} s\n${byKind.join('\n')}`,
    );
    expect(wanted.length).toBeGreaterThan(1000);
    expect(recall).toBeGreaterThanOrEqual(0.999);
    expect(precision).toBeGreaterThanOrEqual(0.99);
    expect(together / wanted.length).toBeGreaterThanOrEqual(0.999);
    expect(members.length).toBe(features.length);
  });
});

function timed<T>(run: () => T): { readonly result: T; readonly seconds: string } {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: ((user + system) / 1e6).toFixed(1) };
}

function isProper(geometry: Geometry): boolean {
  return geometry.kind === 'polygons' && geometry.polygons.every((rings: PolygonRings) => rings[0]!.length >= 8);
}
