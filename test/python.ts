import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OWN = fileURLToPath(new URL('../.heliocube/python/bin/python', import.meta.url));

/** Python with icechunk, virtual-tiff and fsspec, made by `npm test` where a Python 3.12 is; HELIOCUBE_ICECHUNK_PYTHON names another. */
export const ICECHUNK_PYTHON =
  process.env['HELIOCUBE_ICECHUNK_PYTHON'] ??
  fileURLToPath(new URL('../.heliocube/python-icechunk/bin/python', import.meta.url));

/** dbt with its adapter for DuckDB, made by `npm test`; HELIOCUBE_DBT names another. */
export const DBT =
  process.env['HELIOCUBE_DBT'] ?? fileURLToPath(new URL('../.heliocube/python-dbt/bin/dbt', import.meta.url));

const PGSTAC = fileURLToPath(new URL('../.heliocube/python-pgstac/', import.meta.url));

/** pypgstac, made by `npm test` where PostGIS is. */
export const PYPGSTAC = join(PGSTAC, 'bin/pypgstac');

/** The file of SQL that makes pgstac: HELIOCUBE_PGSTAC_SQL, else that of the pypgstac which `npm test` installs, else null. */
export function pgstacSql(): string | null {
  const named = process.env['HELIOCUBE_PGSTAC_SQL'];
  if (named !== undefined && named !== '') return named;
  for (const python of existsSync(join(PGSTAC, 'lib')) ? readdirSync(join(PGSTAC, 'lib')) : []) {
    const packages = join(PGSTAC, 'lib', python, 'site-packages');
    const version = readdirSync(packages).flatMap((name) => /^pypgstac-(.+)\.dist-info$/.exec(name)?.[1] ?? [])[0];
    if (version !== undefined) return join(packages, 'pypgstac/migrations', `pgstac.${version}.sql`);
  }
  return null;
}

/** The Python that holds the programs we compare with (test/python-requirements.txt), or null: then those tests are skipped. */
export function pythonWithOracles(): string | null {
  const named = process.env['HELIOCUBE_PYTHON'];
  if (named !== undefined && named !== '') return existsSync(named) ? named : null;
  return existsSync(OWN) ? OWN : null;
}

/** Run a script of ours with arguments and text on its standard input; what it prints is JSON. */
export function runPython(script: string, parameters: readonly string[], input = ''): Promise<unknown> {
  const python = pythonWithOracles();
  if (python === null) return Promise.reject(new Error('no Python with the oracles'));
  return new Promise((resolve, reject) => {
    const child = spawn(python, [script, ...parameters], { stdio: ['pipe', 'pipe', 'pipe'] });
    const [output, errors]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (part: Buffer) => output.push(part));
    child.stderr.on('data', (part: Buffer) => errors.push(part));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(Buffer.concat(output).toString('utf8')));
      else reject(new Error(`${script} left with ${code}: ${Buffer.concat(errors).toString('utf8').slice(-2000)}`));
    });
    child.stdin.end(input);
  });
}
