import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDuckDb, sqlString } from '../../src/duckdb/connection.js';
import { ensureExtensions, extensionDirectory, extensionPath } from '../../src/duckdb/extensions.js';
import { verifyExtensions } from '../../src/duckdb/verified-extensions.js';

/** The smallest extension of the set-up. */
const NAME = 'ducklake';

let root: string;
let real: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'heliocube-verified-'));
  await ensureExtensions([NAME]);
  real = extensionPath(NAME);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

/** Copy the extension to a cache of its own, which is the one of this test from then on. */
function copied(name: string): string {
  const cache = join(root, name);
  const file = join(cache, 'duckdb-extensions', relative(extensionDirectory(), real));
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(real, file);
  vi.stubEnv('HELIOCUBE_CACHE', cache);
  return file;
}

/** Turn one bit in the middle of a file, in place; its size stays. */
function damage(file: string): void {
  const handle = openSync(file, 'r+');
  const [byte, at] = [Buffer.alloc(1), statSync(file).size >> 1];
  readSync(handle, byte, 0, 1, at);
  writeSync(handle, Buffer.of(byte[0]! ^ 1), 0, 1, at);
  closeSync(handle);
}

async function open(): Promise<void> {
  const database = await openDuckDb({ extensions: [NAME] });
  await database.close();
}

const refusal = { problem: { kind: 'missing-component', what: expect.stringMatching(/signature/i) } };

describe('an extension whose signature was right', () => {
  it('is not hashed again', async () => {
    await open();
    const asked: string[] = [];
    await verifyExtensions([NAME], async (names) => void asked.push(...names));
    expect(asked).toEqual([]);
    await open();
  });

  it('is refused at another place where it is damaged', async () => {
    await open();
    damage(copied('elsewhere'));
    await expect(open()).rejects.toMatchObject(refusal);
    await expect(open()).rejects.toMatchObject(refusal);
  });

  it('is refused where another file has taken its place, with its size and times', async () => {
    const file = copied('replaced');
    await verifyExtensions([NAME], async () => {}); // as if it had been loaded: the code of a loaded file cannot be replaced
    const { atime, mtime } = statSync(file);
    const other = `${file}.other`;
    copyFileSync(file, other);
    damage(other);
    utimesSync(other, atime, mtime);
    renameSync(other, file);
    await expect(open()).rejects.toMatchObject(refusal);
  });

  it('is refused where it was damaged in place and its times were set back', async () => {
    const file = copied('in-place');
    await verifyExtensions([NAME], async () => {});
    const { atime, mtime } = statSync(file);
    damage(file);
    utimesSync(file, atime, mtime);
    await expect(open()).rejects.toMatchObject(refusal);
  });

  it('is asked for again where its check failed', async () => {
    copied('failing');
    const fails = verifyExtensions([NAME], async () => Promise.reject(new Error('wrong signature')));
    await expect(fails).rejects.toThrow('wrong signature');
    const asked: string[] = [];
    await verifyExtensions([NAME], async (names) => void asked.push(...names));
    expect(asked).toEqual([NAME]);
  });
});

it('an unsigned extension is refused in a database whose own were checked before', async () => {
  await open();
  const unsigned = join(root, 'unsigned.duckdb_extension');
  linkSync(copied('unsigned'), unsigned);
  vi.unstubAllEnvs();
  damage(unsigned);
  const database = await openDuckDb({ extensions: [NAME] });
  await expect(database.run(`LOAD ${sqlString(unsigned)}`)).rejects.toThrow(/signature/i);
  await expect(database.run('SET allow_unsigned_extensions = true')).rejects.toThrow(/while database is running/);
  await expect(database.run('RESET allow_unsigned_extensions')).resolves.toBeUndefined();
  await expect(database.run(`LOAD ${sqlString(unsigned)}`)).rejects.toThrow(/signature/i);
  await database.close();
});
