import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { RouteCommand } from './route-process.js';

const NODE_ROUTES = new Set(['heliocube', 'heliocube-icechunk', 'cube', 'geotiff.js-pool', 'zarrita', 'duckdb-sql']);
/** Peers whose requirements contradict the others' have an environment of their own. */
const OWN_ENVIRONMENT: ReadonlyMap<string, string> = new Map([
  ['rasteret', 'python-bench-rasteret'],
  ['virtualizarr', 'python-bench-virtual'],
  ['icechunk', 'python-bench-virtual'],
  ['zarr-icechunk', 'python-bench-virtual'],
]);
const missing = z.record(z.string(), z.string());

/**
 * How each route is started: Node routes are the compiled `run-route.js`, all others `peers/main.py`; a text says why there
 * is none. `HELIOCUBE_BENCH_PYTHON` names another Python than the ones that the set-up makes.
 */
export function routeCommands(root: string): (route: string) => RouteCommand | string {
  return (name) => {
    if (NODE_ROUTES.has(name)) {
      const file = fileURLToPath(new URL('run-route.js', import.meta.url));
      return { name, file: process.execPath, parameters: ['--expose-gc', file, name] };
    }
    const environment = OWN_ENVIRONMENT.get(name) ?? 'python-bench';
    const named = process.env['HELIOCUBE_BENCH_PYTHON'] ?? '';
    const python = named === '' ? join(root, '.heliocube', environment, 'bin', 'python') : named;
    if (!existsSync(python)) return whyAbsent(root, environment);
    return { name, file: python, parameters: ['-W', 'ignore', join(root, 'bench', 'peers', 'main.py'), name] };
  };
}

/** What the set-up wrote where it could not make an environment. */
function whyAbsent(root: string, environment: string): string {
  const path = join(root, '.heliocube', `${environment}.absent.json`);
  if (!existsSync(path)) return `there is no Python environment ${environment}; npm run bench makes it`;
  return missing.parse(JSON.parse(readFileSync(path, 'utf8')))['reason'] ?? 'its environment could not be made';
}
