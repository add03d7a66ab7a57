// Steps of setting up: each is skipped when its inputs have not changed since it last succeeded.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stampFile = join(root, '.heliocube', 'setup.json');
const readStamps = () => (existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {});

export const say = (text) => process.stderr.write(`setup: ${text}\n`);

export function fail(what, fix) {
  say(`FAILED: ${what}`);
  say(`to do: ${fix}`);
  process.exit(1);
}

/** Hash of files and folders (sizes and times are not enough: a checkout changes times). */
export function fingerprint(...paths) {
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

/** Runs a step whose key has changed or whose product is gone. One that answers false is tried again the next time. */
export function step(name, key, product, run) {
  if (readStamps()[name] === key && existsSync(join(root, product))) return;
  const started = Date.now();
  say(`${name} …`);
  const done = run();
  if (done === false) return;
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, JSON.stringify({ ...readStamps(), [name]: key }, null, 1));
  say(`${name} done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** Runs a command with its output on stderr; returns the exit code, or null where it cannot be started. */
export function command(file, args) {
  const result = spawnSync(file, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  return result.error === undefined ? (result.status ?? 1) : null;
}
