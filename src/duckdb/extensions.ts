import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { version } from '@duckdb/node-api';
import { CubeError } from '../errors.js';

/** The same place seen from `src/duckdb` and from `dist/duckdb`. */
const INSTALLER = fileURLToPath(new URL('../../scripts/duckdb-extensions.mjs', import.meta.url));

/** Names reach a file name and SQL text, so nothing but this passes. */
const EXTENSION_NAME = /^[a-z][a-z0-9_]{0,40}$/;

const installing = new Map<string, Promise<void>>();

/**
 * The folder that DuckDB takes as `extension_directory`: `$HELIOCUBE_CACHE/duckdb-extensions`, else the same below
 * heliocube's folder in the platform's cache folder. `scripts/duckdb-extensions.mjs` follows the same rule.
 */
export function extensionDirectory(): string {
  const chosen = process.env['HELIOCUBE_CACHE'];
  if (chosen !== undefined && chosen !== '') return join(chosen, 'duckdb-extensions');
  return join(platformCache(), 'heliocube', 'duckdb-extensions');
}

/** Where the file of an extension lies for the running DuckDB and platform; it need not exist. */
export function extensionPath(name: string): string {
  assertExtensionName(name);
  return join(extensionDirectory(), version(), duckDbPlatform(), `${name}.duckdb_extension`);
}

/**
 * Make sure that the named extensions are on this machine, fetching what is missing (progress on stderr). Throws
 * `missing-component` with the way out where that fails. Calls that overlap fetch once.
 */
export async function ensureExtensions(names: readonly string[]): Promise<void> {
  const missing = names.filter((name) => !existsSync(extensionPath(name)));
  await Promise.all(missing.map((name) => fetchOnce(name)));
}

/** DuckDB's name of this platform, such as `linux_amd64`. */
export function duckDbPlatform(): string {
  const system = { linux: 'linux', darwin: 'osx', win32: 'windows' }[String(process.platform)] ?? process.platform;
  const machine = { x64: 'amd64', arm64: 'arm64' }[String(process.arch)] ?? process.arch;
  return `${system}_${machine}`;
}

/** The command that fetches an extension, for messages. */
export function fetchCommand(name: string): string {
  return `node scripts/duckdb-extensions.mjs ${name}`;
}

function fetchOnce(name: string): Promise<void> {
  const running = installing.get(name);
  if (running !== undefined) return running;
  const started = fetchExtension(name).finally(() => installing.delete(name));
  installing.set(name, started);
  return started;
}

async function fetchExtension(name: string): Promise<void> {
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, [INSTALLER, name], { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0 && existsSync(extensionPath(name))) return;
  throw new CubeError({
    kind: 'missing-component',
    component: `DuckDB extension ${name}`,
    what: `not at ${extensionPath(name)}${otherVersions()}, and fetching it failed (the lines above say why)`,
    fix: `run \`${fetchCommand(name)}\` where DuckDB's extension host or PyPI is reachable`,
  });
}

// DuckDB loads an extension only if it was built for exactly its own version.
function otherVersions(): string {
  const directory = extensionDirectory();
  const versions = existsSync(directory) ? readdirSync(directory).filter((entry) => /^v\d/.test(entry)) : [];
  const others = versions.filter((entry) => entry !== version());
  return others.length === 0 ? '' : ` (there are files for DuckDB ${others.join(', ')}, but this is ${version()})`;
}

function assertExtensionName(name: string): void {
  if (EXTENSION_NAME.test(name)) return;
  throw new CubeError({ kind: 'invalid-argument', what: `"${name}" is not the name of a DuckDB extension` });
}

function platformCache(): string {
  if (process.platform === 'win32') return process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  const xdg = process.env['XDG_CACHE_HOME'];
  return xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.cache');
}
