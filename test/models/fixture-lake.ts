import { cellToParent, latLngToCell } from 'h3-js';
import { sqlName, sqlString } from '../../src/duckdb/connection.js';
import { LAKE, openSession, withAttached, type LakeLocation } from '../../src/lake/attach.js';

/** SQL in a row of the fixture. */
type Sql = { readonly sql: string };
type Row = { readonly [column: string]: null | boolean | number | string | Sql };

const FEATURE_COLUMNS = `feature_uid VARCHAR, dataset VARCHAR, dataset_version VARCHAR, source_file VARCHAR, source_split VARCHAR,
  native_id VARCHAR, record BIGINT, part INTEGER, geometry GEOMETRY, geom_kind VARCHAR, raw_valid BOOLEAN, repair VARCHAR,
  xmin DOUBLE, ymin DOUBLE, xmax DOUBLE, ymax DOUBLE, lon DOUBLE, lat DOUBLE, area_geod_m2 DOUBLE, area_src_m2 DOUBLE,
  area_src_unit VARCHAR, area_src_kind VARCHAR, area_ratio DOUBLE, cap_dc_mw DOUBLE, cap_ac_mw DOUBLE, cap_kind VARCHAR,
  inst_start DATE, inst_end DATE, observed_at DATE, mount VARCHAR, tilt_deg DOUBLE, azimuth_deg DOUBLE, setting VARCHAR,
  confidence DOUBLE, conf_src VARCHAR, country_iso3 VARCHAR, admin1 VARCHAR, license VARCHAR, h3_r15 UBIGINT, h3_r5 UBIGINT,
  h3_r7 UBIGINT, h3_r9 UBIGINT, h3_r12 UBIGINT, h3_cover UBIGINT[], geometry_hash VARCHAR, properties JSON`;

const SITE_COLUMNS = `site_uid VARCHAR, dataset VARCHAR, geometry GEOMETRY, geom_kind VARCHAR, xmin DOUBLE, ymin DOUBLE, xmax DOUBLE,
  ymax DOUBLE, lon DOUBLE, lat DOUBLE, area_geod_m2 DOUBLE, cap_dc_mw DOUBLE, cap_ac_mw DOUBLE, cap_kind VARCHAR, inst_start DATE,
  inst_end DATE, observed_at DATE, mount VARCHAR, tilt_deg DOUBLE, azimuth_deg DOUBLE, setting VARCHAR, confidence DOUBLE,
  country_iso3 VARCHAR, admin1 VARCHAR, h3_r15 UBIGINT, h3_r5 UBIGINT, h3_r7 UBIGINT, h3_r9 UBIGINT, h3_r12 UBIGINT,
  members INTEGER, datasets INTEGER, provenance JSON, group_uid VARCHAR`;

const TABLES: { readonly [table: string]: string } = {
  datasets: `dataset VARCHAR, version VARCHAR, doi VARCHAR, repo VARCHAR, license VARCHAR, citation VARCHAR, priority INTEGER,
    files JSON, content_hash VARCHAR, records BIGINT, features BIGINT, quarantined BIGINT, ingested_at TIMESTAMP`,
  features: FEATURE_COLUMNS,
  sites: SITE_COLUMNS,
  site_members: `site_uid VARCHAR, feature_uid VARCHAR, dataset VARCHAR, relation VARCHAR, iou DOUBLE, iomin DOUBLE`,
  duplicates: `a_uid VARCHAR, b_uid VARCHAR, a_dataset VARCHAR, b_dataset VARCHAR, class VARCHAR, iou DOUBLE, iomin DOUBLE,
    gap_m DOUBLE, merged BOOLEAN`,
  site_admin: `site_uid VARCHAR, level INTEGER, code VARCHAR, name VARCHAR, country_iso3 VARCHAR, share DOUBLE, area_m2 DOUBLE,
    is_best BOOLEAN, method VARCHAR, distance_m DOUBLE, source VARCHAR, release VARCHAR`,
  site_buildings: `site_uid VARCHAR, building_id VARCHAR, class VARCHAR, share DOUBLE, area_m2 DOUBLE, source VARCHAR, release VARCHAR`,
  site_land: `site_uid VARCHAR, theme VARCHAR, class VARCHAR, share DOUBLE, area_m2 DOUBLE, zones INTEGER, source VARCHAR,
    release VARCHAR`,
  site_scores: `site_uid VARCHAR, rules_version INTEGER, site_classification VARCHAR, classification_evidence VARCHAR,
    classification_agrees VARCHAR, completeness DOUBLE, environmental_sensitivity DOUBLE, development_context VARCHAR, inputs JSON`,
  runs: `name VARCHAR, spec JSON, plan_hash VARCHAR, code_version VARCHAR, started_at TIMESTAMP, finished_at TIMESTAMP,
    status VARCHAR, cube_href VARCHAR, cube_snapshot VARCHAR`,
  stac_items: `item_id VARCHAR, collection VARCHAR, datetime TIMESTAMP, start_datetime TIMESTAMP, geometry GEOMETRY, cloud_cover DOUBLE,
    properties JSON, fetched_at TIMESTAMP`,
  items: `item_id VARCHAR, collection VARCHAR, datetime TIMESTAMP, solar_day INTEGER, time_index INTEGER, geometry GEOMETRY,
    xmin DOUBLE, ymin DOUBLE, xmax DOUBLE, ymax DOUBLE, properties JSON, used BOOLEAN, reason_unused VARCHAR`,
};

/** Tables of builds and of fetches; a lake that was only ingested into has none. */
const BUILD_TABLES = ['runs', 'items', 'stac_items'];

/** The ring of a box as WKT. */
function ring(west: number, south: number, east: number, north: number): string {
  return `(${west} ${south}, ${east} ${south}, ${east} ${north}, ${west} ${north}, ${west} ${south})`;
}

const box = (west: number, south: number, east: number, north: number) => `POLYGON(${ring(west, south, east, north)})`;

const wkt = (text: string): Sql => ({ sql: `ST_GeomFromText(${sqlString(text)})` });

/** The finest cell and its ancestors, which need not be the cells that coarser grids have at that place. */
function cells(lon: number, lat: number): Row {
  const finest = latLngToCell(lat, lon, 15);
  const cell = (resolution: number) => ({ sql: `${BigInt(`0x${cellToParent(finest, resolution)}`)}::UBIGINT` });
  return { h3_r15: cell(15), h3_r12: cell(12), h3_r9: cell(9), h3_r7: cell(7), h3_r5: cell(5) };
}

/** A square feature 0.01 degrees wide whose middle is its interior point; a point where `size` is 0. */
function feature(uid: string, dataset: string, lon: number, lat: number, size: number, more: Row): Row {
  const [x, y] = [lon + size / 2, lat + size / 2];
  return {
    feature_uid: uid,
    dataset,
    dataset_version: '1',
    source_file: `${dataset}.geojson`,
    record: 1,
    part: 0,
    geometry: wkt(size === 0 ? `POINT(${lon} ${lat})` : box(lon, lat, lon + size, lat + size)),
    geom_kind: size === 0 ? 'point' : 'polygon',
    raw_valid: true,
    xmin: lon,
    ymin: lat,
    xmax: lon + size,
    ymax: lat + size,
    lon: x,
    lat: y,
    ...cells(x, y),
    geometry_hash: `hash of ${uid}`,
    properties: '{}',
    ...more,
  };
}

const DATASETS: Row[] = [
  {
    dataset: 'de',
    version: '1',
    doi: '10.1/de',
    license: 'CC-BY-4.0',
    citation: 'Of Germany',
    priority: 1,
    records: 4,
  },
  { dataset: 'uk', version: '2', doi: '10.1/uk', license: 'ODbL-1.0', citation: 'Of Britain', priority: 2, records: 3 },
  { dataset: 'osm', version: 'nan', doi: '', license: 'nan', citation: ' ', priority: 3, records: 6 },
];

const SOUTH = -16.8;

const FEATURES: Row[] = [
  feature('d1', 'de', 10, 50, 0.01, {
    area_geod_m2: 800_000,
    cap_dc_mw: 40,
    cap_ac_mw: 32.5,
    inst_start: '2018-01-01',
    inst_end: '2018-12-31',
    setting: 'ground',
    confidence: 0.9,
    country_iso3: 'DEU',
    license: 'CC-BY-4.0',
  }),
  feature('u1', 'uk', 10.001, 50, 0.01, {
    area_geod_m2: 790_000,
    setting: 'ground',
    country_iso3: 'DEU',
    license: 'ODbL-1.0',
  }),
  feature('o1', 'osm', 10.002, 50.002, 0.005, { area_geod_m2: 200_000, country_iso3: 'DEU' }),
  feature('d2', 'de', 10.1, 50.1, 0.01, {
    area_geod_m2: 790_000.5,
    cap_dc_mw: 10,
    setting: 'ground',
    country_iso3: 'DEU',
  }),
  feature('u3', 'uk', 10.1, 50.1, 0.01, { area_geod_m2: 790_000.5, country_iso3: 'DEU' }),
  // Touches d2; words and codes as sources write them.
  feature('u2', 'uk', 10.11, 50.1, 0.01, {
    area_geod_m2: 400_000,
    setting: ' Rooftop ',
    mount: 'FIXED',
    country_iso3: 'gbr',
  }),
  // At sea, in no country; values out of their ranges.
  feature('o2', 'osm', -30, 40, 0, { setting: null, confidence: 1.5, cap_ac_mw: -9999, native_id: '-9999' }),
  // One on each side of the antimeridian, in one cell of resolution 5.
  feature('o3', 'osm', 179.997, SOUTH, 0.001, { area_geod_m2: 12_000, setting: 'water', country_iso3: 'FJI' }),
  feature('o4', 'osm', -179.998, SOUTH, 0.001, { area_geod_m2: 11_000, setting: 'water' }),
  // Across the antimeridian.
  feature('o6', 'osm', 179.99, -16.5, 0.01, {
    geometry: wkt(`MULTIPOLYGON((${ring(179.99, -16.5, 180, -16.49)}), (${ring(-180, -16.5, -179.99, -16.49)}))`),
    xmin: -180,
    xmax: 180,
    area_geod_m2: 5_000,
    setting: 'water',
    country_iso3: 'FJI',
  }),
  // Ends before it begins, tilts too far, is smaller than any site may be.
  feature('d3', 'de', 11, 51, 0.0001, {
    area_geod_m2: 0.5,
    tilt_deg: 95,
    azimuth_deg: 180,
    inst_start: '2020-06-01',
    inst_end: '2019-06-01',
    setting: 'unknown',
    country_iso3: 'DEU',
  }),
  feature('o5', 'osm', 11, 51, 0.0001, {
    area_geod_m2: { sql: `'nan'::DOUBLE` },
    setting: 'ground',
    country_iso3: 'DEU',
  }),
];

/** The site that a feature stands for. */
function site(uid: string, members: number, datasets: number, more: Row = {}): Row {
  const known = new Set(Array.from(SITE_COLUMNS.matchAll(/(\w+) [A-Z]+/g), (match) => match[1]!));
  const canonical = Object.entries(FEATURES.find((row) => row['feature_uid'] === uid)!).filter(([name]) =>
    known.has(name),
  );
  return {
    ...Object.fromEntries(canonical),
    site_uid: uid,
    members,
    datasets,
    provenance: '{}',
    group_uid: uid,
    ...more,
  };
}

const SITES: Row[] = [
  site('d1', 3, 3, { provenance: '{"cap_dc_mw":"d1"}' }),
  site('d2', 2, 2),
  site('u2', 1, 1, { group_uid: 'd2' }),
  site('o2', 1, 1, { group_uid: null }),
  site('o3', 1, 1),
  site('o4', 1, 1),
  site('o6', 1, 1),
  site('d3', 2, 2),
];

const member = (
  site_uid: string,
  feature_uid: string,
  dataset: string,
  relation: string,
  iou: number | null,
  iomin: number | null,
): Row => ({
  site_uid,
  feature_uid,
  dataset,
  relation,
  iou,
  iomin,
});

const SITE_MEMBERS: Row[] = [
  member('d1', 'd1', 'de', 'canonical', null, null),
  member('d1', 'u1', 'uk', 'same', 0.8, 0.9),
  member('d1', 'o1', 'osm', 'part_of', 0.25, 1),
  member('d2', 'd2', 'de', 'canonical', null, null),
  member('d2', 'u3', 'uk', 'exact', 1, 1),
  member('u2', 'u2', 'uk', 'canonical', null, null),
  member('o2', 'o2', 'osm', 'canonical', null, null),
  member('o3', 'o3', 'osm', 'canonical', null, null),
  member('o4', 'o4', 'osm', 'canonical', null, null),
  member('o6', 'o6', 'osm', 'canonical', null, null),
  member('d3', 'd3', 'de', 'canonical', null, null),
  member('d3', 'o5', 'osm', 'chained', 1.5, 0.4),
];

const pair = (
  a: string,
  b: string,
  kind: string,
  [iou, iomin, gap_m]: readonly number[],
  merged: boolean | null,
): Row => ({
  a_uid: a,
  b_uid: b,
  a_dataset: { d: 'de', u: 'uk', o: 'osm' }[a[0]!]!,
  b_dataset: { d: 'de', u: 'uk', o: 'osm' }[b[0]!]!,
  class: kind,
  iou: iou!,
  iomin: iomin!,
  gap_m: gap_m!,
  merged,
});

const DUPLICATES: Row[] = [
  pair('d1', 'u1', 'same', [0.8, 0.9, 0], true),
  pair('d1', 'o1', 'part_of', [0.25, 1, 0], true),
  pair('o1', 'u1', 'part_of', [0.2, 0.95, 0], true),
  pair('d2', 'u3', 'exact', [1, 1, 0], true),
  pair('d2', 'u2', 'adjacent', [0, 0, 0], null),
];

const unit = (site_uid: string, level: number, code: string | null, share: number, more: Row = {}): Row => ({
  site_uid,
  level,
  code,
  name: code === null ? null : `Name of ${code}`,
  country_iso3: code !== null && level === 0 ? code : null,
  share,
  is_best: false,
  method: code === null ? 'outside' : 'area',
  source: 'made',
  release: '1',
  ...more,
});

const SITE_ADMIN: Row[] = [
  // Across a border, and half of it at sea.
  unit('d1', 0, 'DEU', 0.375, { is_best: true }),
  unit('d1', 0, 'FRA', 0.125),
  unit('d1', 0, null, 0.5),
  unit('d1', 1, 'DE-HE', 1, { is_best: true, country_iso3: 'DEU' }),
  // The source says GBR, and is believed.
  unit('u2', 0, 'DEU', 0.5, { is_best: true }),
  unit('u2', 0, 'FRA', 0.5),
  unit('d3', 0, null, 1),
  unit('o4', 0, 'FJI', 1, { is_best: true, method: 'nearest', distance_m: 12 }),
  // Of a site that is no longer there.
  unit('gone', 0, 'DEU', 1, { is_best: true }),
];

const SITE_BUILDINGS: Row[] = [
  { site_uid: 'u2', building_id: 'b2', class: 'industrial', share: 0.2, source: 'made', release: '1' },
  { site_uid: 'u2', building_id: 'b1', class: 'industrial', share: 0.5, source: 'made', release: '1' },
  { site_uid: 'u2', building_id: null, class: null, share: 0.25, source: 'made', release: '1' },
  { site_uid: 'd1', building_id: null, class: null, share: 1, source: 'made', release: '1' },
];

const land = (site_uid: string, theme: string, kind: string | null, share: number): Row => ({
  site_uid,
  theme,
  class: kind,
  share,
  zones: 1,
  source: 'made',
  release: '1',
});

const SITE_LAND: Row[] = [
  land('d1', 'cover', 'grass', 0.4),
  land('d1', 'cover', 'crop', 0.4),
  land('d1', 'use', null, 1),
  land('u2', 'use', 'industrial', 0.1),
  land('u2', 'use', null, 0.9),
];

const SITE_SCORES: Row[] = [
  {
    site_uid: 'u2',
    rules_version: 1,
    site_classification: 'rooftop',
    classification_evidence: 'source',
    classification_agrees: 'yes',
    completeness: 0.5,
    development_context: 'unknown',
    inputs: '{}',
  },
];

const RUNS: Row[] = [
  { run_id: 'build-1', name: 'first', started_at: '2024-01-01 00:00:00', status: 'complete' },
  { run_id: 'build-2', name: 'second', started_at: '2024-02-01 00:00:00', status: 'complete' },
];

function item(
  run_id: string,
  item_id: string,
  collection: string | null,
  datetime: string,
  footprint: string | null,
  properties: string | null,
): Row {
  return {
    run_id,
    item_id,
    collection,
    datetime,
    geometry: footprint === null ? null : wkt(footprint),
    properties,
    used: true,
  };
}

const ITEMS: Row[] = [
  item('build-1', 'A', 's2', '2023-06-01 10:00:00', box(9.5, 49.5, 10.105, 50.5), '{"eo:cloud_cover": 10}'),
  item('build-2', 'A', 's2', '2023-06-01 10:00:00', box(9.5, 49.5, 10.105, 50.5), '{"eo:cloud_cover": 20}'),
  // Half of d1, without its middle.
  item('build-1', 'B', 's2', '2023-06-02 10:00:00', box(9.5, 49.5, 10.004, 50.5), '{"eo:cloud_cover": 5}'),
  item('build-1', 'C', 's2', '2023-06-03 10:00:00', box(9, 49, 10.5, 50.5), '{"eo:cloud_cover": 80}'),
  // Its ring jumps from 179.9 to -179.9.
  item(
    'build-1',
    'D',
    's2',
    '2023-06-04 10:00:00',
    'POLYGON((179.9 -17, -179.9 -16.9, -179.9 -16, 179.9 -16.1, 179.9 -17))',
    '{}',
  ),
  item('build-1', 'E', null, '2023-06-05 10:00:00', box(-31, 39, -29, 41), '{"eo:cloud_cover": "much"}'),
  item('build-1', 'F', 's2', '2023-06-06 10:00:00', null, '{"eo:cloud_cover": 0}'),
  // Sees nothing.
  item('build-1', 'G', 's2', '2023-06-07 10:00:00', box(100, 0, 101, 1), null),
];

const STAC_ITEMS: Row[] = [
  // Fetched before a build saw it, cloudless.
  {
    item_id: 'A',
    collection: 's2',
    datetime: '2023-06-01 10:00:00',
    geometry: wkt(box(9.5, 49.5, 10.105, 50.5)),
    properties: '{"eo:cloud_cover": 0}',
    fetched_at: '2023-12-01 00:00:00',
  },
  // Sees nothing.
  {
    item_id: 'H',
    collection: 'hls',
    start_datetime: '2023-06-08 10:00:00',
    geometry: wkt(box(100, 0, 101, 1)),
    properties: '{"eo:cloud_cover": 3}',
    fetched_at: '2024-03-01 00:00:00',
  },
];

/** What is different in a fixture. */
export type FixtureOptions = {
  /** Without the tables of builds. */
  readonly isIngestOnly?: boolean;
  /** One feature is there twice. */
  readonly hasDuplicateUid?: boolean;
};

/** Make a lake with a few features, sites, pairs and items by hand: what the models have to get right is in them. */
export async function writeFixtureLake(lake: LakeLocation, options: FixtureOptions = {}): Promise<void> {
  const rows: { readonly [table: string]: readonly Row[] } = {
    datasets: DATASETS,
    features: options.hasDuplicateUid === true ? [...FEATURES, FEATURES[0]!] : FEATURES,
    sites: SITES,
    site_members: SITE_MEMBERS,
    duplicates: DUPLICATES,
    site_admin: SITE_ADMIN,
    site_buildings: SITE_BUILDINGS,
    site_land: SITE_LAND,
    site_scores: SITE_SCORES,
    runs: RUNS,
    items: ITEMS,
    stac_items: STAC_ITEMS,
  };
  const tables = Object.keys(TABLES).filter((table) => options.isIngestOnly !== true || !BUILD_TABLES.includes(table));
  await changeLake(lake, [
    `CREATE SCHEMA ${LAKE}.cube`,
    ...tables.flatMap((table) => [
      `CREATE TABLE ${LAKE}.cube.${table} (run_id VARCHAR, ${TABLES[table]})`,
      insertStatement(
        table,
        rows[table]!.map((row) => ({ run_id: 'ingest-1', ...row })),
      ),
    ]),
  ]);
}

/** What a second ingest does: one feature is replaced, one comes, one goes. */
export async function changeFeatures(lake: LakeLocation): Promise<void> {
  const changed = { ...FEATURES.find((row) => row['feature_uid'] === 'u3')!, run_id: 'ingest-2', area_geod_m2: 1_000 };
  const added = feature('d4', 'de', 12, 52, 0.01, { run_id: 'ingest-2', area_geod_m2: 5, setting: 'ground' });
  await changeLake(lake, [
    `DELETE FROM ${LAKE}.cube.features WHERE feature_uid IN ('u3', 'o5')`,
    insertStatement('features', [changed, added]),
  ]);
}

/** Run statements over a lake, all in one commit. */
export async function changeLake(lake: LakeLocation, statements: readonly string[]): Promise<void> {
  const session = await openSession(lake);
  try {
    await withAttached(session, { readOnly: false }, async () => {
      await session.database.run(['BEGIN', ...statements, 'COMMIT'].join(';\n'));
    });
  } finally {
    await session.database.close();
  }
}

function insertStatement(table: string, rows: readonly Row[]): string {
  const selects = rows.map((row) => {
    const values = Object.entries(row).map(([name, value]) => `${literal(value)} AS ${sqlName(name)}`);
    return `SELECT ${values.join(', ')}`;
  });
  return `INSERT INTO ${LAKE}.cube.${table} BY NAME ${selects.join('\nUNION ALL BY NAME ')}`;
}

function literal(value: Row[string]): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return sqlString(value);
  return typeof value === 'object' ? value.sql : String(value);
}
