import { existsSync } from 'node:fs';
import { codeVersion } from '../build/code-version.js';
import { openDuckDb } from '../duckdb/connection.js';
import { extensionPath } from '../duckdb/extensions.js';
import { problemOf, formatProblem } from '../errors.js';
import { addonStatus, gdalStatus, icechunkStatus, simdPath } from '../native/load.js';
import { askGdal } from '../raster/gdal/ask-gdal.js';
import { GDAL_FORMATS } from '../raster/gdal/formats.js';
import { printResult, type CommonOptions } from './output.js';

type Check = {
  readonly name: string;
  readonly ok: boolean;
  readonly needed: boolean;
  readonly found: string;
  readonly fix: string | null;
};

const EXTENSIONS = [
  { name: 'ducklake', needed: true, use: 'lake tables' },
  { name: 'spatial', needed: true, use: 'labels' },
  { name: 'sqlite_scanner', needed: false, use: 'SQLite catalogs; fetched at first use' },
  { name: 'postgres_scanner', needed: false, use: 'Postgres catalogs; fetched at first use' },
  { name: 'httpfs', needed: false, use: 'remote lakes; fetched at first use' },
  { name: 'iceberg', needed: false, use: 'exports to Iceberg; fetched at first use' },
] as const;

/** What `cube doctor` does: every check, and exit code 3 where a needed part is missing. */
export async function runDoctor(options: CommonOptions): Promise<void> {
  const checks = [
    versionCheck(),
    addonCheck(),
    icechunkCheck(),
    await gdalCheck(),
    await duckDbCheck(),
    ...EXTENSIONS.map(extensionCheck),
  ];
  printResult(options, checks, () => checks.map(describe).join('\n'));
  if (checks.some(({ ok, needed }) => needed && !ok)) process.exitCode = 3;
}

function versionCheck(): Check {
  const found = `heliocube ${codeVersion()}, Node ${process.versions.node}, ${process.platform}-${process.arch}`;
  return { name: 'version', ok: true, needed: true, found, fix: null };
}

function addonCheck(): Check {
  const status = addonStatus();
  const name = 'native addon';
  if (status.kind === 'loaded')
    return { name, ok: true, needed: false, found: `loaded, ${simdPath()} kernels`, fix: null };
  return {
    name,
    ok: false,
    needed: false,
    found: `${status.why}; the TypeScript twins run instead, slower`,
    fix: status.fix,
  };
}

function icechunkCheck(): Check {
  const status = icechunkStatus();
  const name = 'Icechunk binding';
  if (status.kind === 'loaded') return { name, ok: true, needed: false, found: 'loaded', fix: null };
  return { name, ok: false, needed: false, found: `${status.why}; no Icechunk repositories`, fix: status.fix };
}

async function gdalCheck(): Promise<Check> {
  const name = 'GDAL';
  const formats = GDAL_FORMATS.map((format) => format.name).join(', ');
  const status = gdalStatus();
  if (status.kind === 'absent') {
    return { name, ok: false, needed: false, found: `${status.why}; optional, no ${formats}`, fix: status.fix };
  }
  try {
    const found = `${await askGdal('version', null, status.path)} for ${formats}`;
    return { name, ok: true, needed: false, found, fix: null };
  } catch (error) {
    const fix = 'rebuild it with `npm run setup:gdal`';
    return { name, ok: false, needed: false, found: formatProblem(problemOf(error)), fix };
  }
}

async function duckDbCheck(): Promise<Check> {
  try {
    const database = await openDuckDb();
    const [row] = await database.all('SELECT version() AS version');
    await database.close();
    return { name: 'DuckDB', ok: true, needed: true, found: String(row?.['version']), fix: null };
  } catch (error) {
    return {
      name: 'DuckDB',
      ok: false,
      needed: true,
      found: formatProblem(problemOf(error)),
      fix: 'run `npm run setup`',
    };
  }
}

function extensionCheck({ name, needed, use }: (typeof EXTENSIONS)[number]): Check {
  const ok = existsSync(extensionPath(name));
  const fix = ok ? null : `node scripts/duckdb-extensions.mjs ${name}`;
  return { name: `extension ${name}`, ok, needed, found: ok ? `there (${use})` : `not there (${use})`, fix };
}

function describe({ name, ok, needed, found, fix }: Check): string {
  const mark = ok ? 'ok     ' : needed ? 'MISSING' : 'absent ';
  return `${mark} ${name}: ${found}${fix === null ? '' : `\n        to get it: ${fix}`}`;
}
