// Makes a fresh checkout ready: packages, addon, compiled JavaScript, DuckDB extensions. Needs nothing but Node. Each
// step is skipped when its inputs have not changed since it last succeeded.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stampFile = join(root, '.heliocube', 'setup.json');
const stamps = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {};

const say = (text) => process.stderr.write(`setup: ${text}\n`);

function fail(what, fix) {
  say(`FAILED: ${what}`);
  say(`to do: ${fix}`);
  process.exit(1);
}

/** Hash of files and folders (sizes and times are not enough: a checkout changes times). */
function fingerprint(...paths) {
  const hash = createHash('sha256').update(process.version);
  const visit = (path) => {
    if (!existsSync(path)) return hash.update(`absent ${path}`);
    if (!statSync(path).isDirectory()) return hash.update(path.slice(root.length)).update(readFileSync(path));
    for (const name of readdirSync(path).sort())
      if (name !== 'target' && !name.endsWith('.node')) visit(join(path, name));
  };
  for (const path of paths) visit(join(root, path));
  return hash.digest('hex');
}

function step(name, key, product, run) {
  if (stamps[name] === key && existsSync(join(root, product))) return;
  const started = Date.now();
  say(`${name} …`);
  const done = run();
  if (done === false) return;
  stamps[name] = key;
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, JSON.stringify(stamps, null, 1));
  say(`${name} done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** Runs a command with its output on stderr; returns the exit code, or null where it cannot be started. */
function command(file, args) {
  const result = spawnSync(file, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  return result.error === undefined ? (result.status ?? 1) : null;
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node ${process.versions.node} is too old`, 'install Node 20.19 or newer');
}

step('packages', fingerprint('package.json', 'package-lock.json'), 'node_modules/.package-lock.json', () => {
  const code = command('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) fail('npm ci failed', 'check that the npm registry is reached (npm ping), then run it again');
});

step('native addon', fingerprint('native/core', 'native/Cargo.toml', 'native/Cargo.lock'), 'native/core.node', () => {
  const code = command(process.execPath, ['scripts/build-native.mjs']);
  if (code === 0) return true;
  if (code !== 3)
    fail(
      'the native addon does not compile',
      'see the messages of cargo above; Rust 1.88 or newer and a C compiler are needed',
    );
  say(
    'no cargo here: the TypeScript twins run instead, slower. Install Rust (rustup.rs) and run this again for the addon',
  );
  return false;
});

step(
  'compile',
  fingerprint('src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'),
  'dist/index.js',
  () => {
    const code = command(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
    if (code !== 0) fail('TypeScript does not compile', 'see the messages above');
  },
);

const extensions = ['ducklake', 'spatial'];
if (command(process.execPath, ['scripts/duckdb-extensions.mjs', ...extensions]) !== 0) {
  fail('DuckDB extensions are missing', 'see the messages above');
}
