import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';

/** Where Debian puts what is not on the path. */
const DEBIAN = '/usr/lib/postgresql';

/**
 * A `key=value` connection string of a Postgres server of its own for the test file that calls this at its top level, or null
 * where Postgres is not installed. It listens on a socket in a temporary folder, and is up in tests and hooks that come later.
 */
export function postgresServer(): string | null {
  const bin = binaries();
  if (bin === null) return null;
  const folder = mkdtempSync(join(tmpdir(), 'heliocube-pg-'));
  const user = serverUser();
  let server: ChildProcess | null = null;
  beforeAll(async () => {
    server = await start(bin, folder, user);
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => server?.once('close', resolve));
    server?.kill('SIGQUIT'); // at once: nothing of it is kept
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return `host=${folder} user=postgres dbname=postgres`;
}

/** Whether the server of `postgresServer` has PostGIS. */
export function hasPostgis(): boolean {
  const bin = binaries();
  return bin !== null && isWithPostgis(bin);
}

/** Run psql with parameters of its own on a database of a server whose connection string is given. */
export function runPsql(server: string, database: string, ...parameters: string[]): void {
  const settings = Object.fromEntries(server.split(' ').map((pair) => pair.split('=') as [string, string]));
  const place = ['-h', settings['host']!, '-U', settings['user']!, '-d', database];
  const psql = join(binaries() ?? '', 'psql');
  const ran = spawnSync(psql, [...place, '-q', '-v', 'ON_ERROR_STOP=1', ...parameters], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`psql: ${ran.stderr ?? ran.error?.message}`);
}

type User = { readonly uid?: number; readonly gid?: number };

async function start(bin: string, folder: string, user: User): Promise<ChildProcess> {
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (user.uid !== undefined) for (const path of [folder, data]) chownSync(path, user.uid, user.gid!);
  const options = { ...user, cwd: folder };
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
    { ...options, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const settings = ['fsync=off', 'listen_addresses=', 'max_connections=200'].flatMap((setting) => ['-c', setting]);
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-k', folder, ...settings], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr!.on('data', (part: Buffer) => (said += part.toString()));
  for (let i = 0; i < 600; i++) {
    if (said.includes('ready to accept connections')) return server;
    if (server.exitCode !== null) break;
    await setTimeout(50);
  }
  throw new Error(`postgres: ${said}`);
}

/** The server refuses to run as root. */
function serverUser(): User {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim());
  return { uid: id('-u'), gid: id('-g') };
}

/** The folder of the newest server that has PostGIS, else of any. */
function binaries(): string | null {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...debian.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  const whole = folders.filter((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
  return whole.find(isWithPostgis) ?? whole[0] ?? null;
}

function isWithPostgis(bin: string): boolean {
  const { stdout } = spawnSync(join(bin, 'pg_config'), ['--sharedir'], { encoding: 'utf8' });
  return typeof stdout === 'string' && existsSync(join(stdout.trim(), 'extension', 'postgis.control'));
}
