import { z } from 'zod';
import type { DuckDb } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';
import { LAKE } from '../../lake/attach.js';
import { hasTable } from '../../lake/schema.js';
import { inLake, type ExportSource } from './export-source.js';
import { narrowDescription } from './narrow-description.js';
import { surveySource, type LonLatBox } from './survey-source.js';

/** A data set in a lake, and what became of it. */
export type LakeDataset = {
  readonly dataset: string;
  readonly version: string | null;
  /** DOI, URL or path. */
  readonly doi: string;
  readonly license: string | null;
  readonly citation: string | null;
  readonly files: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
  readonly records: number;
  readonly features: number;
  readonly quarantined: number;
  /** Sites whose geometry it gives. */
  readonly sites: number;
  readonly ingestedAt: Date;
};

/** Sites of a country, and what is known of their capacity. */
export type CountrySites = {
  /** ISO 3166-1 alpha-3, as the source says it, else as borders do; null where neither is known. */
  readonly country: string | null;
  readonly sites: number;
  /** Sums over the sites that tell it; null where none does. */
  readonly acMw: number | null;
  readonly dcMw: number | null;
};

/** What a lake of published data sets holds. */
export type LakeDescription = {
  readonly snapshot: number;
  readonly datasets: readonly LakeDataset[];
  readonly sites: number;
  readonly bbox: LonLatBox | null;
  /** Most sites first. */
  readonly countries: readonly CountrySites[];
  readonly settings: readonly { readonly setting: string; readonly sites: number }[];
  /** Days, ISO 8601: the first that a site may have been installed on, and the last that one was installed or seen. */
  readonly days: readonly [first: string | null, last: string | null];
  /** Columns of `sites`; `filled` counts those that are not null. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly filled: number }[];
  /** Pairs of features by class. */
  readonly pairs: readonly { readonly class: string; readonly pairs: number }[];
};

const FILES = z.array(z.object({ name: z.string(), size: z.number(), sha256: z.string() }));

/**
 * Count what a lake of `ingest` holds; `datasets` and `days` are those of the rows of `source` (SQL), where it is given. Problem: `no-data`
 * where nothing was ingested.
 */
export function describeLake(
  options: Pick<ExportSource, 'lake' | 'snapshot' | 'maxMemory' | 'signal'>,
  source?: string,
): Promise<LakeDescription> {
  return inLake(options, {}, async (database) => {
    if (!(await hasTable(database, LAKE, 'sites'))) {
      const fix = 'fill it with cube ingest';
      throw new CubeError({ kind: 'no-data', what: 'the lake has no sites', fix });
    }
    const { rows: sites, bbox } = await surveySource(database, 'SELECT geometry FROM sites', 'geometry');
    const whole = { datasets: await readDatasets(database), days: await readDays(database) };
    return {
      ...(source === undefined ? whole : await narrowDescription(database, source, whole)),
      snapshot: options.snapshot ?? (await newestSnapshot(database)),
      sites,
      bbox,
      countries: await readCountries(database),
      settings: await readCounts(database, 'sites', 'setting', (setting, count) => ({ setting, sites: count })),
      columns: await readColumns(database),
      pairs: await readCounts(database, 'duplicates', 'class', (name, count) => ({ class: name, pairs: count })),
    };
  });
}

async function newestSnapshot(database: DuckDb): Promise<number> {
  const [row] = await database.all(`SELECT max(snapshot_id)::DOUBLE AS id FROM ${LAKE}.snapshots()`);
  return Number(row!['id']);
}

async function readDatasets(database: DuckDb): Promise<LakeDataset[]> {
  const rows = await database.all(`SELECT d.dataset, version, doi, license, citation, files, records::DOUBLE AS records,
      features::DOUBLE AS features, quarantined::DOUBLE AS quarantined, ingested_at, coalesce(s.sites, 0)::DOUBLE AS sites
    FROM datasets d LEFT JOIN (SELECT dataset, count(*) AS sites FROM sites GROUP BY dataset) s ON s.dataset = d.dataset
    ORDER BY priority, d.dataset`);
  return rows.map((row) => ({
    dataset: String(row['dataset']),
    version: textOrNull(row['version']),
    doi: String(row['doi']),
    license: textOrNull(row['license']),
    citation: textOrNull(row['citation']),
    files: FILES.parse(JSON.parse(String(row['files']))),
    records: Number(row['records']),
    features: Number(row['features']),
    quarantined: Number(row['quarantined']),
    sites: Number(row['sites']),
    ingestedAt: row['ingested_at'] as Date,
  }));
}

/** As sources say it, else as `cube enrich` found it: both as `pv_sites` has them. */
async function readCountries(database: DuckDb): Promise<CountrySites[]> {
  const isEnriched = await hasTable(database, LAKE, 'site_admin');
  const borders = isEnriched
    ? '(SELECT site_uid, country_iso3 AS inside FROM site_admin WHERE level = 0 AND is_best)'
    : '(SELECT NULL AS site_uid, NULL AS inside)';
  const rows =
    await database.all(`SELECT coalesce(country_iso3, inside) AS country, count(*)::DOUBLE AS sites, sum(cap_ac_mw) AS ac,
      sum(cap_dc_mw) AS dc
    FROM sites s LEFT JOIN ${borders} b ON b.site_uid = s.site_uid GROUP BY ALL ORDER BY sites DESC, country`);
  return rows.map(({ country, sites, ac, dc }) => ({
    country: textOrNull(country),
    sites: Number(sites),
    acMw: typeof ac === 'number' ? ac : null,
    dcMw: typeof dc === 'number' ? dc : null,
  }));
}

async function readCounts<T>(
  database: DuckDb,
  table: string,
  column: string,
  make: (value: string, count: number) => T,
): Promise<T[]> {
  const rows = await database.all(
    `SELECT ${column} AS value, count(*)::DOUBLE AS count FROM ${table} GROUP BY ${column} ORDER BY count DESC, value`,
  );
  return rows.map(({ value, count }) => make(String(value), Number(count)));
}

async function readDays(database: DuckDb): Promise<[string | null, string | null]> {
  const [row] = await database.all(`SELECT CAST(least(min(inst_start), min(observed_at)) AS VARCHAR) AS first,
    CAST(greatest(max(inst_end), max(inst_start), max(observed_at)) AS VARCHAR) AS last FROM sites`);
  return [textOrNull(row!['first']), textOrNull(row!['last'])];
}

async function readColumns(database: DuckDb): Promise<{ name: string; type: string; filled: number }[]> {
  const types = await database.all('DESCRIBE sites');
  const [filled] = await database.all('SELECT count(COLUMNS(*))::DOUBLE FROM sites');
  const counts = Object.values(filled!);
  return types.map((row, place) => ({
    name: String(row['column_name']),
    type: String(row['column_type']),
    filled: Number(counts[place]),
  }));
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
