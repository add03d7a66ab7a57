// Makes a Python environment of other programs (GDAL through rasterio, zarr-python, exactextract, …) to compare with:
// node scripts/python-env.mjs [REQUIREMENTS [FOLDER]]. That of test/ is .heliocube/python, that of bench/ .heliocube/python-bench.
// All but the first want the newest programs, so they take the newest Python that is found. Prints nothing on success. Exit code 1: it
// cannot be made, and why is in FOLDER.absent.json; what needs it is skipped and says so.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const wanted = process.argv[2] ?? 'test/python-requirements.txt';
const requirements = join(root, wanted);
const wantsNewest = wanted !== 'test/python-requirements.txt';
const name = process.argv[3] ?? (wantsNewest ? `python-${basename(dirname(wanted))}` : 'python');
const folder = join(root, '.heliocube', name);
const stampFile = join(
  root,
  '.heliocube',
  `python-${createHash('sha256').update(requirements).digest('hex').slice(0, 8)}.stamp`,
);
const absentFile = `${folder}.absent.json`;
const python = join(folder, 'bin', 'python');

function run(file, args) {
  const { status, stderr, error } = spawnSync(file, args, { stdio: ['ignore', 2, 'pipe'], encoding: 'utf8' });
  return { ok: status === 0, why: (stderr || error?.message || '').trim().split('\n').at(-1) };
}

/** Python 3.12 or 3.13 on the path or in pyenv where the newest is wanted; else python3. */
function interpreter() {
  if (!wantsNewest) return 'python3';
  const versions = ['3.13', '3.12'];
  const shelf = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const shelved = existsSync(shelf) ? readdirSync(shelf) : [];
  const candidates = versions.flatMap((version) => [
    `python${version}`,
    ...shelved.filter((one) => one.startsWith(`${version}.`)).map((one) => join(shelf, one, 'bin', 'python3')),
  ]);
  return candidates.find((file) => spawnSync(file, ['-m', 'venv', '--help']).status === 0) ?? 'python3';
}

const command = existsSync(python) && !wantsNewest ? null : interpreter();
const version = command === null ? '' : `${spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout}`.trim();
const key = createHash('sha256')
  .update(readFileSync(requirements))
  .update(wantsNewest ? version : '')
  .digest('hex');
if (existsSync(python) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === key) process.exit(0);
process.stderr.write(`python: installing the programs of ${wanted}${wantsNewest ? ` for ${version}` : ''} …\n`);
mkdirSync(dirname(folder), { recursive: true });
rmSync(absentFile, { force: true });
if (wantsNewest || !existsSync(python)) rmSync(folder, { recursive: true, force: true });
const steps = [
  ...(existsSync(python) ? [] : [[command ?? 'python3', ['-m', 'venv', folder]]]),
  [python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]],
];
for (const [file, args] of steps) {
  const { ok, why } = run(file, args);
  if (ok) continue;
  writeFileSync(absentFile, JSON.stringify({ reason: `cannot be installed on ${version || 'this Python'}: ${why}` }));
  if (wantsNewest) rmSync(folder, { recursive: true, force: true });
  process.stderr.write(`${why}\npython: not available; comparisons with the programs of ${wanted} are skipped\n`);
  process.exit(1);
}
writeFileSync(stampFile, key);
