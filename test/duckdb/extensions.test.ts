import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDuckDb } from '../../src/duckdb/connection.js';
import { ensureExtensions, extensionDirectory, extensionPath } from '../../src/duckdb/extensions.js';

const SCRIPT = fileURLToPath(new URL('../../scripts/duckdb-extensions.mjs', import.meta.url));
const FAKE_PYTHON = fileURLToPath(new URL('fake-python.mjs', import.meta.url));
/** The smallest extension of the set-up. */
const NAME = 'ducklake';

let root: string;
let real: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'heliocube-extensions-'));
  await ensureExtensions([NAME]);
  real = extensionPath(NAME);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

/** Run the installer against a cache of its own, with the stand-in for pip and without DuckDB's host. */
function install(cache: string, wheel: string | undefined, ...names: string[]) {
  const env = {
    ...process.env,
    HELIOCUBE_CACHE: cache,
    HELIOCUBE_DUCKDB_HOST: 'off',
    PYTHON: FAKE_PYTHON,
    FAKE_EXTENSION: real,
  };
  return new Promise<{ code: number | null; said: string }>((resolve) => {
    const child = spawn(process.execPath, [SCRIPT, ...names], {
      env: wheel === undefined ? env : { ...env, FAKE_WHEEL: wheel },
    });
    let said = '';
    child.stderr.on('data', (text) => (said += String(text)));
    child.once('close', (code) => resolve({ code, said }));
  });
}

function cachedFile(cache: string): string {
  return join(cache, 'duckdb-extensions', relative(extensionDirectory(), real));
}

describe.skipIf(process.platform === 'win32')('scripts/duckdb-extensions.mjs', () => {
  it('brings the signed file of the wheel to where DuckDB looks, two processes at once', async () => {
    const cache = join(root, 'fresh');
    const results = await Promise.all([install(cache, 'stored', NAME), install(cache, 'stored', NAME)]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    const file = cachedFile(cache);
    expect(statSync(file).size).toBe(statSync(real).size);
    expect(readdirSync(dirname(file)).toSorted()).toEqual([
      `${NAME}.duckdb_extension`,
      `${NAME}.duckdb_extension.json`,
    ]);
    expect(await install(cache, undefined, NAME)).toEqual({ code: 0, said: '' });
    vi.stubEnv('HELIOCUBE_CACHE', cache);
    expect(extensionPath(NAME)).toBe(file);
    const database = await openDuckDb({ extensions: [NAME] });
    await database.close();
  });

  it('replaces a file that was cut short', async () => {
    const cache = join(root, 'cut');
    await install(cache, 'stored', NAME);
    truncateSync(cachedFile(cache), 1000);
    vi.stubEnv('HELIOCUBE_CACHE', cache);
    await expect(openDuckDb({ extensions: [NAME] })).rejects.toMatchObject({ problem: { kind: 'missing-component' } });
    expect((await install(cache, 'stored', NAME)).code).toBe(0);
    expect(statSync(cachedFile(cache)).size).toBe(statSync(real).size);
  });

  it.each([
    ['damaged', /signature/i],
    ['empty', /has no duckdb_extension_ducklake/],
    [undefined, /Could not find a version at https:\/\/index\.example/],
  ])('keeps nothing of a wheel that is %s, and says what to do', async (wheel, reason) => {
    const cache = join(root, String(wheel));
    const { code, said } = await install(cache, wheel, NAME);
    expect(code).toBe(1);
    expect(said).toMatch(reason);
    expect(said).toMatch(/what to do: .*PyPI/);
    expect(existsSync(cachedFile(cache))).toBe(false);
    expect(readdirSync(join(cache, 'duckdb-extensions'))).toEqual([expect.stringMatching(/^v\d/)]);
  });

  it.each([[[]], [['../x']], [['spatial', 'a b']]])('refuses the arguments %j', async (names) => {
    const { code, said } = await install(join(root, 'none'), undefined, ...names);
    expect(code).toBe(2);
    expect(said).toMatch(/usage/);
  });

  it('makes the error of a missing extension name the file, other versions and the command', async () => {
    const cache = join(root, 'other');
    mkdirSync(join(cache, 'duckdb-extensions', 'v0.9.9'), { recursive: true });
    writeFileSync(join(cache, 'duckdb-extensions', 'v0.9.9', 'x'), '');
    vi.stubEnv('HELIOCUBE_CACHE', cache);
    vi.stubEnv('HELIOCUBE_DUCKDB_HOST', 'off');
    vi.stubEnv('PYTHON', FAKE_PYTHON);
    await expect(ensureExtensions([NAME, NAME])).rejects.toMatchObject({
      problem: {
        kind: 'missing-component',
        component: 'DuckDB extension ducklake',
        what: expect.stringMatching(
          /ducklake\.duckdb_extension \(there are files for DuckDB v0\.9\.9, but this is v\d/,
        ),
        fix: expect.stringContaining('scripts/duckdb-extensions.mjs ducklake'),
      },
    });
  });
});
