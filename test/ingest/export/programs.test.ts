import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExportReport } from '../../../src/ingest/export/export-report.js';
import { exportTable } from '../../../src/ingest/export/export-table.js';
import { queryLake } from '../../../src/lake/query.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { pythonWithOracles, runPython } from '../../python.js';
import { makeSampleLake } from './sample-lake.js';

const READER = fileURLToPath(new URL('read_exports.py', import.meta.url));
const folder = temporaryFolder();

type Summary = {
  readonly rows: readonly (readonly unknown[])[];
  readonly bounds: readonly number[] | null;
  readonly lonlat: boolean;
  readonly columns: readonly string[];
  readonly valid: boolean;
  readonly counterclockwise: boolean;
  readonly driver?: string;
  readonly features?: number;
  readonly fast?: boolean;
  readonly byBox?: number;
  readonly byIntersection?: number;
};

function hasPyarrow(): boolean {
  const python = pythonWithOracles();
  if (python === null) return false;
  try {
    execFileSync(python, ['-c', 'import pyarrow, geopandas, pyogrio, pyiceberg'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const NAMES = ['s.parquet', 's.fgb', 's.geojson', 's.geojsonl', 's.csv', 's.arrow', 's.iceberg'];
const QUERY = `SELECT site_uid, ST_GeometryType(geometry)::VARCHAR AS kind, ST_Area(geometry) AS area, xmin, ymin, xmax, ymax,
  cap_ac_mw, CAST(inst_start AS VARCHAR) AS day, lower(to_hex(h3_r5)) AS cell, members, country_iso3 FROM sites ORDER BY site_uid`;

describe.skipIf(!hasPyarrow())('geopandas and GDAL read every export', () => {
  let read: Record<string, Summary> = {};
  let reports: Record<string, ExportReport> = {};
  let rows: readonly (readonly unknown[])[] = [];

  beforeAll(async () => {
    const lake = await makeSampleLake(join(folder, 'lake'));
    ({ rows } = await queryLake({ catalog: lake, dataPath: lake.replace(/\.ducklake$/, '/') }, QUERY));
    for (const name of NAMES) reports[name] = await exportTable({ lake, table: 'sites', out: join(folder, name) });
    for (const name of NAMES.filter((one) => one !== 's.geojsonl'))
      reports[`empty-${name}`] = await exportTable({
        lake,
        table: 'sites',
        where: 'false',
        out: join(folder, `empty-${name}`),
      });
    const files = Object.keys(reports).map((name) => join(folder, name));
    read = (await runPython(READER, files)) as Record<string, Summary>;
  });

  it.each(NAMES)('%s has the rows, CRS and extent of the lake', (name) => {
    const summary = read[name]!;
    expect(rows.length).toBeGreaterThan(60);
    expect(summary.lonlat).toBe(true);
    expect(summary.valid).toBe(true);
    expect(summary.bounds).toEqual(reports[name]!.bbox);
    expect(summary.rows.length).toBe(rows.length);
    for (const [
      i,
      [uid, kind, area, xmin, ymin, xmax, ymax, capacity, day, cell, members, country],
    ] of rows.entries()) {
      const [foundUid, shape, ...rest] = summary.rows[i]!;
      const [foundKind, foundArea, ...bounds] = shape as [string, number, ...number[]];
      expect([foundUid, foundKind.toUpperCase(), ...bounds]).toEqual([uid, kind, xmin, ymin, xmax, ymax]);
      expect(foundArea).toBeCloseTo(Number(area), 15);
      expect(rest).toEqual([capacity, day, cell, Number(members), country]);
    }
  });

  // No features in a sequence are no bytes, which GDAL takes for no file of its own.
  it.each(NAMES.filter((one) => one !== 's.geojsonl'))('%s is a valid file without rows, too', (name) => {
    expect(read[`empty-${name}`]!.rows).toEqual([]);
    if (name !== 's.geojson') expect(read[`empty-${name}`]!.columns).toContain('site_uid');
  });

  it('FlatGeobuf has its index', () => {
    expect(read['s.fgb']).toMatchObject({ driver: 'FlatGeobuf', features: rows.length, fast: true });
  });

  it('GeoJSON has outer rings counterclockwise', () => {
    expect(read['s.geojson']).toMatchObject({ driver: 'GeoJSON', counterclockwise: true });
    expect(read['s.geojsonl']).toMatchObject({ driver: 'GeoJSONSeq', counterclockwise: true });
  });

  it('geopandas finds rows of a box by the covering of GeoParquet', () => {
    const { byBox, byIntersection } = read['s.parquet']!;
    expect(byBox).toBe(byIntersection);
    expect(byBox).toBeGreaterThan(0);
    expect(byBox).toBeLessThan(rows.length);
  });
});
