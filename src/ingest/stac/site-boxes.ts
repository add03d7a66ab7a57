import type { DuckDb } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';
import { LAKE } from '../../lake/attach.js';
import { hasTable } from '../../lake/schema.js';
import { SCHEMA } from '../../lake/tables.js';
import { wrapBox, type LonLatBox } from '../../stac/item-box.js';
import { growBox } from '../../vector/grow-box.js';
import { h3Cell } from '../../vector/h3-cover.js';

/** A site's interior point and box. */
export type SiteExtent = {
  readonly lon: number;
  readonly lat: number;
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
};

/** Cells of 12,400 km², as large as a scene: sites of one cell are mostly in the same scenes. */
const CLUSTER_RESOLUTION = 3;
/** Wider sites are those that are cut at the antimeridian. */
const HALF_TURN = 180;

/** The sites of the attached lake. Problem: `no-data` where there are none. */
export async function readSiteExtents(database: DuckDb): Promise<SiteExtent[]> {
  const rows = (await hasTable(database, LAKE, 'sites'))
    ? await database.all(`SELECT lon, lat, xmin, ymin, xmax, ymax FROM ${LAKE}.${SCHEMA}.sites`)
    : [];
  if (rows.length === 0) {
    throw new CubeError({
      kind: 'no-data',
      what: 'the lake has no sites',
      fix: 'run cube ingest first, or give a bbox',
    });
  }
  return rows.map((row) => ({
    lon: Number(row['lon']),
    lat: Number(row['lat']),
    xmin: Number(row['xmin']),
    ymin: Number(row['ymin']),
    xmax: Number(row['xmax']),
    ymax: Number(row['ymax']),
  }));
}

/**
 * Boxes that hold every site with `bufferM` metres around it: one for the sites of each H3 cell of resolution 3, on each side of
 * the antimeridian. In the order of the cells.
 */
export function boxesAround(sites: readonly SiteExtent[], bufferM: number): LonLatBox[] {
  const clusters = new Map<string, [number, number, number, number]>();
  for (const site of sites) {
    const side = site.lon < 0 ? 'west' : 'east';
    const key = `${h3Cell(site.lon, site.lat, CLUSTER_RESOLUTION).toString(16)} ${side}`;
    for (const [i, [xmin, ymin, xmax, ymax]] of partsOf(site).entries()) {
      const box = clusters.get(`${key} ${i}`);
      const grown: [number, number, number, number] = [
        Math.min(box?.[0] ?? Infinity, xmin),
        Math.min(box?.[1] ?? Infinity, ymin),
        Math.max(box?.[2] ?? -Infinity, xmax),
        Math.max(box?.[3] ?? -Infinity, ymax),
      ];
      clusters.set(`${key} ${i}`, grown);
    }
  }
  return [...clusters].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, box]) => wrapBox(growBox(box, bufferM)));
}

/** The box; of a site across the antimeridian, whose box is around the world, a degree on both sides of it. */
function partsOf({ xmin, ymin, xmax, ymax }: SiteExtent): LonLatBox[] {
  if (xmax - xmin <= HALF_TURN) return [[xmin, ymin, xmax, ymax]];
  return [
    [179, ymin, 180, ymax],
    [-180, ymin, -179, ymax],
  ];
}
