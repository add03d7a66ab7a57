// Makes a Python environment of other programs (GDAL through rasterio, zarr-python, exactextract, …) to compare with:
// node scripts/python-env.mjs [REQUIREMENTS]. That of test/ is .heliocube/python, that of bench/ .heliocube/python-bench.
// Prints nothing on success. Exit code 1: it cannot be made; what needs it is skipped and says so.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const wanted = process.argv[2] ?? 'test/python-requirements.txt';
const requirements = join(root, wanted);
const folder = join(root, '.heliocube', wanted.startsWith('test/') ? 'python' : `python-${basename(dirname(wanted))}`);
const stampFile = join(
  root,
  '.heliocube',
  `python-${createHash('sha256').update(requirements).digest('hex').slice(0, 8)}.stamp`,
);
const key = createHash('sha256').update(readFileSync(requirements)).digest('hex');
const python = join(folder, 'bin', 'python');

function run(file, args) {
  return spawnSync(file, args, { stdio: ['ignore', 2, 2] }).status === 0;
}

if (existsSync(python) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === key) process.exit(0);
process.stderr.write(`python: installing the programs of ${wanted} …\n`);
mkdirSync(dirname(folder), { recursive: true });
if (!existsSync(python)) rmSync(folder, { recursive: true, force: true });
const ready =
  (existsSync(python) || run('python3', ['-m', 'venv', folder])) &&
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
if (!ready) {
  process.stderr.write(`python: not available; comparisons with the programs of ${wanted} are skipped\n`);
  process.exit(1);
}
writeFileSync(stampFile, key);
