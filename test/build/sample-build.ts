import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { queryLake } from '../../src/lake/query.js';

/** Side of a tile of the small sample, in pixels. */
export const SAMPLE_SIZE = 256;
export const SAMPLE_LABELS = 40;

/** The sample's imagery as a specification; `source` is the sample's catalogue. */
export function imagerySpec(source: string, changes: object = {}): object {
  return {
    name: 'small',
    source: { stac: source, collections: ['sample-imagery'] },
    bands: ['blue', 'nir', 'scl'],
    grid: { crs: 'EPSG:32632', resolution: 10, extent: 'items', chunk: 128 },
    mask: { band: 'scl', values: [3, 9], dilate: 20 },
    resampling: { '*': 'bilinear' },
    clip: { mode: 'none' },
    ...changes,
  };
}

/** SHA-256 of every file below a folder, by relative path. */
export async function folderHashes(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const hashes: Record<string, string> = {};
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    hashes[relative(folder, path)] = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  }
  return Object.fromEntries(Object.entries(hashes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What every run must leave in the lake, whatever its id and times: all rows of all tables but those columns. */
export async function lakeRows(folder: string): Promise<Record<string, unknown>> {
  const options = { catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'lake/') };
  const tables = {
    runs: 'name, plan_hash, status, cube_href',
    items: '* EXCLUDE (run_id)',
    assets: '* EXCLUDE (run_id)',
    labels: '* EXCLUDE (run_id)',
    chunks: '* EXCLUDE (run_id)',
    failures: '* EXCLUDE (run_id, attempts)',
    label_stats: '* EXCLUDE (run_id)',
    quarantine: '* EXCLUDE (run_id)',
  };
  const rows: Record<string, unknown> = {};
  for (const [table, columns] of Object.entries(tables)) {
    rows[table] = (await queryLake(options, `SELECT ${columns} FROM ${table} ORDER BY ALL`)).rows.map((row) =>
      row.map(plain),
    );
  }
  return rows;
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}
