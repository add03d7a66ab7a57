import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExportReport } from '../../../src/ingest/export/export-report.js';
import { exportTable } from '../../../src/ingest/export/export-table.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { pythonWithOracles, runPython } from '../../python.js';
import { asInLake, readLakeTable, type LakeTable } from './lake-rows.js';
import { makeSampleLake } from './sample-lake.js';

const READER = fileURLToPath(new URL('read_exports.py', import.meta.url));
const folder = temporaryFolder();

type Summary = {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly columns: readonly string[];
  /** Of tables with geometries, and what follows. */
  readonly places?: readonly (readonly [kind: string, area: number, ...bounds: number[]] | null)[];
  readonly bounds?: readonly number[] | null;
  readonly lonlat?: boolean;
  readonly valid?: boolean;
  readonly counterclockwise?: boolean;
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

const EXTENSIONS = ['parquet', 'fgb', 'geojson', 'geojsonl', 'csv', 'arrow', 'iceberg'];
const NAMES = EXTENSIONS.map((extension) => `s.${extension}`);
/** Formats that take rows without a geometry. */
const WITHOUT_GEOMETRY = ['csv', 'arrow', 'iceberg'];
/** Tables by the first part of their files' names; the last one has no geometry. */
const TABLES = {
  s: { table: 'sites', key: 'site_uid' },
  f: { table: 'features', key: 'feature_uid' },
  c: { table: 'curated.pv_by_country', key: 'country_iso3' },
} as const;
const FILES = Object.keys(TABLES).flatMap((short) =>
  EXTENSIONS.filter((extension) => short !== 'c' || WITHOUT_GEOMETRY.includes(extension)).map(
    (extension) => `${short}.${extension}`,
  ),
);

describe.skipIf(!hasPyarrow())('geopandas and GDAL read every export', () => {
  let read: Record<string, Summary> = {};
  const reports: Record<string, ExportReport> = {};
  const tables: Record<string, LakeTable> = {};

  beforeAll(async () => {
    const lake = await makeSampleLake(join(folder, 'lake'));
    for (const [short, { table, key }] of Object.entries(TABLES)) {
      tables[short] = await readLakeTable(lake, table === 'curated.pv_by_country' ? `lake.${table}` : table, key);
    }
    for (const name of FILES)
      reports[name] = await exportTable({
        lake,
        table: TABLES[name[0] as keyof typeof TABLES].table,
        out: join(folder, name),
      });
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

  /** What was read of a file, its rows and places in the order of the lake's. */
  function inOrder(name: string): { summary: Summary; order: number[]; lake: LakeTable } {
    const short = name[0] as keyof typeof TABLES;
    const summary = read[name]!;
    const keys = summary.rows.map((row) => String(row[TABLES[short].key]));
    const order = keys.map((_, i) => i).sort((a, b) => (keys[a]! < keys[b]! ? -1 : 1));
    return { summary, order, lake: tables[short]! };
  }

  it.each(FILES)('%s has every column of every row of the lake, by value', (name) => {
    const { summary, order, lake } = inOrder(name);
    expect(lake.rows.length).toBeGreaterThan(name.startsWith('c') ? 2 : 60);
    expect(summary.rows.length).toBe(lake.rows.length);
    // GDAL takes columns without any value in GeoJSON for text; nothing is left out.
    expect([...summary.columns].sort()).toEqual(lake.columns.map((column) => column.name).sort());
    for (const { name: column, type } of lake.columns) {
      const values = order.map((i) => asInLake(summary.rows[i]![column], type));
      expect(values, column).toEqual(lake.rows.map((row) => row[column]));
    }
  });

  it.each(FILES.filter((name) => !name.startsWith('c')))(
    '%s has the geometries, CRS and extent of the lake',
    (name) => {
      const { summary, order, lake } = inOrder(name);
      expect(summary.lonlat).toBe(true);
      expect(summary.valid).toBe(true);
      expect(summary.bounds).toEqual(reports[name]!.bbox);
      for (const [i, [kind, area, ...bounds]] of lake.places.entries()) {
        const [foundKind, foundArea, ...foundBounds] = summary.places![order[i]!]!;
        expect([foundKind.toUpperCase(), ...foundBounds]).toEqual([kind, ...bounds]);
        expect(foundArea).toBeCloseTo(Number(area), 15);
      }
    },
  );

  // No features in a sequence are no bytes, which GDAL takes for no file of its own.
  it.each(NAMES.filter((one) => one !== 's.geojsonl'))('%s is a valid file without rows, too', (name) => {
    expect(read[`empty-${name}`]!.rows).toEqual([]);
    if (name !== 's.geojson') expect(read[`empty-${name}`]!.columns).toContain('site_uid');
  });

  it('FlatGeobuf has its index', () => {
    expect(read['s.fgb']).toMatchObject({ driver: 'FlatGeobuf', features: tables['s']!.rows.length, fast: true });
  });

  it('GeoJSON has outer rings counterclockwise', () => {
    expect(read['s.geojson']).toMatchObject({ driver: 'GeoJSON', counterclockwise: true });
    expect(read['s.geojsonl']).toMatchObject({ driver: 'GeoJSONSeq', counterclockwise: true });
  });

  it('geopandas finds rows of a box by the covering of GeoParquet', () => {
    const { byBox, byIntersection } = read['s.parquet']!;
    expect(byBox).toBe(byIntersection);
    expect(byBox).toBeGreaterThan(0);
    expect(byBox).toBeLessThan(tables['s']!.rows.length);
  });
});
