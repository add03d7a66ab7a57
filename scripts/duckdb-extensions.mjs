// Brings DuckDB extensions to this machine: node scripts/duckdb-extensions.mjs NAME…
// They go to DIR/v<DuckDB>/<platform>/NAME.duckdb_extension, where DIR is $HELIOCUBE_CACHE/duckdb-extensions or the same
// in the platform's cache folder (src/duckdb/extensions.ts follows the same rule). Sources, in this order: what is there
// already; DuckDB's own INSTALL; the wheels `duckdb-extension-NAME` of exactly DuckDB's version, through pip. Whatever
// came is loaded once by DuckDB with unsigned extensions off, so its signature has been checked before it is kept.
// Files are renamed into place: two processes at once do the work twice and agree.
// $PYTHON names the Python to use; HELIOCUBE_DUCKDB_HOST=off leaves DuckDB's own host out.
// Progress on stderr. Exit code 0: all there; 1: the last lines say what to do; 2: wrong arguments.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { crc32, inflateRawSync } from 'node:zlib';

const run = promisify(execFile);
const HERE = dirname(fileURLToPath(import.meta.url));
const EXTENSION_HOST = 'http://extensions.duckdb.org';
/** Long enough for a slow link to answer, short enough that a blocked one does not hold up the set-up. */
const PROBE_MS = 3_000;
const INSTALL_MS = 180_000;
const PIP_MS = 600_000;
/** The largest extension is about 90 MB; a wheel that claims more than this is not one. */
const MAX_EXTENSION_BYTES = 512 * 1024 * 1024;
/** Extensions that load only after others. */
const NEEDS = { iceberg: ['avro'] };

const names = [...new Set(process.argv.slice(2).flatMap((name) => [...(NEEDS[name] ?? []), name]))];
if (names.length === 0 || names.some((name) => !/^[a-z][a-z0-9_]{0,40}$/.test(name))) {
  say('usage: node scripts/duckdb-extensions.mjs NAME…   for example: ducklake spatial');
  process.exit(2);
}
process.exit(await main(names));

async function main(wanted) {
  let version;
  try {
    version = duckDbVersion();
  } catch (error) {
    say(`DuckDB is not installed here (${error.message}); run \`npm ci\` first`);
    return 1;
  }
  const directory = extensionDirectory();
  const folder = join(directory, `v${version}`, platformName());
  await mkdir(folder, { recursive: true });
  const missing = [];
  for (const name of wanted) if (!(await isRecorded(join(folder, fileName(name))))) missing.push(name);
  if (missing.length === 0) return 0;
  const hostAnswers = await canReachHost();
  for (const name of missing) {
    if (!(await fetchExtension({ name, version, directory, folder, hostAnswers }))) return 1;
  }
  return 0;
}

async function fetchExtension({ name, version, directory, folder, hostAnswers }) {
  const target = join(folder, fileName(name));
  const work = await mkdtemp(join(directory, `.${name}-`));
  const failures = [];
  try {
    for (const [source, fetchFile] of [
      ['the file in the cache', () => (existsSync(target) ? target : null)],
      ["DuckDB's extension host", () => (hostAnswers ? installFile(name, work) : null)],
      ['PyPI', () => wheelFile(name, version, work)],
    ]) {
      try {
        const file = await fetchFile();
        if (file === null) continue;
        await assertLoads(
          file,
          (NEEDS[name] ?? []).map((needed) => join(folder, fileName(needed))),
        );
        await keep(file, target);
        say(`${name} ${version} from ${source}: ${((await stat(target)).size / 1e6).toFixed(0)} MB`);
        return true;
      } catch (error) {
        failures.push(`  ${source}: ${firstLines(error)}`);
      }
    }
    if (!hostAnswers) failures.push(`  DuckDB's extension host: ${whyNoHost()}`);
    say(`the DuckDB extension "${name}" ${version} could not be fetched:\n${failures.join('\n')}`);
    say(
      `what to do: give this machine access to ${EXTENSION_HOST} or to a PyPI index (python3 with pip), and run again;`,
    );
    say(`or put the signed file of DuckDB v${version} for ${platformName()} at ${target}`);
    return false;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

// DuckDB's own INSTALL runs in a child, because a blocked download cannot be cancelled from within.
async function installFile(name, work) {
  say(`${name}: INSTALL from DuckDB's extension host`);
  await duckDb(work, [`INSTALL ${name}`], INSTALL_MS);
  return findFile(work, fileName(name));
}

async function wheelFile(name, version, work) {
  const wheel = `duckdb-extension-${name.replaceAll('_', '-')}==${version}`;
  say(`${name}: ${wheel} through pip`);
  const downloads = join(work, 'wheel');
  await pip(['download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', downloads, wheel]);
  const [file] = (await readdir(downloads)).filter((entry) => entry.endsWith('.whl'));
  if (file === undefined) throw new Error(`pip brought no wheel for ${wheel}`);
  const member = `duckdb_extension_${name}/extensions/v${version}/${fileName(name)}`;
  const target = join(work, fileName(name));
  await writeFile(target, await zipMember(join(downloads, file), member));
  return target;
}

async function pip(args) {
  let failure = new Error('no Python with pip found');
  for (const python of process.env.PYTHON ? [process.env.PYTHON] : ['python3', 'python']) {
    try {
      await run(python, ['-m', 'pip', ...args], { timeout: PIP_MS, maxBuffer: 1 << 26 });
      return;
    } catch (error) {
      if (error.code !== 'ENOENT') failure = error;
    }
  }
  throw failure;
}

/** Bytes of one member of a zip file (PKWARE APPNOTE 4.3): stored or deflated, checked against its CRC. */
async function zipMember(path, member) {
  const bytes = await readFile(path);
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0 || end + 22 > bytes.length) throw new Error(`${basename(path)} is not a zip file`);
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > end || bytes.readUInt32LE(at) !== 0x02014b50) throw new Error(`${basename(path)}: broken directory`);
    const nameLength = bytes.readUInt16LE(at + 28);
    const entry = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    if (entry === member) return inflateMember(bytes, at, member);
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  throw new Error(`${basename(path)} has no ${member}`);
}

function inflateMember(bytes, at, member) {
  const [method, crc, packed, size] = [
    bytes.readUInt16LE(at + 10),
    ...[16, 20, 24].map((skip) => bytes.readUInt32LE(at + skip)),
  ];
  const header = bytes.readUInt32LE(at + 42);
  if (size > MAX_EXTENSION_BYTES || header + 30 > bytes.length)
    throw new Error(`${member}: size or place out of range`);
  const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  const body = bytes.subarray(start, start + packed);
  if (method !== 0 && method !== 8) throw new Error(`${member}: compression method ${method}`);
  const content = method === 0 ? body : inflateRawSync(body, { maxOutputLength: size });
  if (content.length !== size || crc32(content) !== crc) throw new Error(`${member} is damaged`);
  return content;
}

// A signature is checked when DuckDB loads the file, so it is loaded once, by a process that is thrown away.
async function assertLoads(file, needed) {
  const statements = [...needed, file].map((path) => `LOAD '${path.replaceAll("'", "''")}'`);
  await duckDb(dirname(file), statements, INSTALL_MS);
}

async function duckDb(extensionDirectory, statements, timeout) {
  const script = `
    const { DuckDBInstance } = require('@duckdb/node-api');
    const [directory, ...statements] = process.argv.slice(1);
    (async () => {
      const instance = await DuckDBInstance.create(':memory:', {
        extension_directory: directory,
        allow_unsigned_extensions: 'false',
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      });
      const connection = await instance.connect();
      for (const statement of statements) await connection.run(statement);
    })().catch((error) => { process.stderr.write(String(error.message)); process.exit(1); });`;
  await run(process.execPath, ['-e', script, '--', extensionDirectory, ...statements], { cwd: HERE, timeout });
}

async function keep(file, target) {
  const size = (await stat(file)).size;
  const record = `${JSON.stringify({ size, sha256: await sha256(file) })}\n`;
  if (file !== target) {
    const next = `${target}.${process.pid}.tmp`;
    await rename(file, next);
    const handle = await open(next, 'r+');
    await handle.sync().finally(() => handle.close());
    await rename(next, target);
  }
  await writeFile(`${target}.${process.pid}.json`, record);
  await rename(`${target}.${process.pid}.json`, `${target}.json`);
}

// Quick on purpose: the size tells a file that was cut short; DuckDB checks the signature where a process loads the file first.
async function isRecorded(target) {
  try {
    const { size } = JSON.parse(await readFile(`${target}.json`, 'utf8'));
    return (await stat(target)).size === size;
  } catch {
    return false;
  }
}

async function sha256(path) {
  const hash = createHash('sha256');
  for await (const block of createReadStream(path)) hash.update(block);
  return hash.digest('hex');
}

async function canReachHost() {
  if (process.env.HELIOCUBE_DUCKDB_HOST === 'off') return false;
  try {
    await fetch(EXTENSION_HOST, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_MS) });
    return true;
  } catch {
    return false;
  }
}

function whyNoHost() {
  if (process.env.HELIOCUBE_DUCKDB_HOST === 'off') return 'left out, because HELIOCUBE_DUCKDB_HOST is off';
  return `${EXTENSION_HOST} did not answer within ${PROBE_MS / 1000} s`;
}

async function findFile(root, name) {
  const found = (await readdir(root, { recursive: true })).find((entry) => basename(entry) === name);
  if (found === undefined) throw new Error(`INSTALL left no ${name}`);
  return join(root, found);
}

// The npm version is DuckDB's with a revision: 1.5.5-r.5.
function duckDbVersion() {
  return createRequire(import.meta.url)('@duckdb/node-api/package.json').version.replace(/-.*$/, '');
}

function platformName() {
  const system = { linux: 'linux', darwin: 'osx', win32: 'windows' }[process.platform] ?? process.platform;
  const machine = { x64: 'amd64', arm64: 'arm64' }[process.arch] ?? process.arch;
  return `${system}_${machine}`;
}

function extensionDirectory() {
  const { HELIOCUBE_CACHE, LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (HELIOCUBE_CACHE) return join(HELIOCUBE_CACHE, 'duckdb-extensions');
  const cache = {
    win32: LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'),
    darwin: join(homedir(), 'Library', 'Caches'),
  }[process.platform];
  return join(cache ?? (XDG_CACHE_HOME || join(homedir(), '.cache')), 'heliocube', 'duckdb-extensions');
}

function fileName(name) {
  return `${name}.duckdb_extension`;
}

function firstLines(error) {
  const text = String(error.stderr ?? '').trim() || error.message;
  return text
    .split('\n')
    .slice(-3)
    .join(' | ')
    .replace(/(https?:\/\/)[^/\s@]*@/g, '$1');
}

function say(line) {
  process.stderr.write(`duckdb-extensions: ${line}\n`);
}
