// Behind the set-up: compiles bench/ to .heliocube/bench, makes the Pythons of the peers (not for --smoke), runs the cases.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, '.heliocube', 'bench');
const run = (args, stdio = ['ignore', 2, 2]) => spawnSync(process.execPath, args, { cwd: root, stdio }).status ?? 1;

mkdirSync(out, { recursive: true });
rmSync(join(out, 'src'), { recursive: true, force: true });
if (run(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.bench.json']) !== 0) {
  process.stderr.write('bench: bench/ does not compile; see the messages above\n');
  process.exit(1);
}
// The engine that is measured is the one in dist/: compiled bench files find it where their sources say "../src".
rmSync(join(out, 'src'), { recursive: true, force: true });
symlinkSync(join(root, 'dist'), join(out, 'src'), 'junction');

const parameters = process.argv.slice(2);
const measures = !['--smoke', '--help', '--list'].some((option) => parameters.includes(option));
if (measures && !process.env.HELIOCUBE_BENCH_PYTHON) {
  run(['scripts/python-env.mjs', 'bench/python-requirements.txt']);
  run(['scripts/python-env.mjs', 'bench/python-rasteret-requirements.txt', 'python-bench-rasteret']);
  run(['scripts/python-env.mjs', 'bench/python-virtual-requirements.txt', 'python-bench-virtual']);
}
process.exit(run([join(out, 'bench', 'main.js'), ...parameters], 'inherit'));
