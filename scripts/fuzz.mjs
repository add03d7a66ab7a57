// Fuzzes the native targets one after the other: node scripts/fuzz.mjs SECONDS [TARGET…]. Prints a table row for each.
// Needs the nightly toolchain, cargo-fuzz and clang; docs/fuzzing.md says more. New inputs are kept in native/fuzz/corpus,
// inputs that crash in native/fuzz/artifacts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const fuzz = join(root, 'native', 'fuzz');
const [seconds = '60', ...names] = process.argv.slice(2);
const all = readdirSync(join(fuzz, 'fuzz_targets')).map((file) => file.replace('.rs', ''));
const targets = names.length > 0 ? names : all;
if (!/^\d+$/.test(seconds) || targets.some((name) => !all.includes(name))) {
  console.error(`usage: node scripts/fuzz.mjs SECONDS [${all.join('|')} …]`);
  process.exit(2);
}

const env = {
  ...process.env,
  // C libraries are instrumented, too: zstd and libdeflate are where memory is handled by hand.
  CC: 'clang',
  CFLAGS: '-fsanitize=address,fuzzer-no-link -g1',
};
const cargo = (args, stdio) =>
  spawnSync('cargo', ['+nightly', 'fuzz', ...args], { cwd: root, env, stdio, encoding: 'utf8', maxBuffer: 1 << 28 });
const options = ['--fuzz-dir', fuzz, '--features', 'libfuzzer'];

if (cargo(['build', ...options], ['ignore', 2, 2]).status !== 0) process.exit(1);
console.log('| target | executions | a second | edges | features | corpus | peak MiB | result |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
// A scope of threads ends before their thread-local memory is freed (std::thread::scope), which the leak checker takes for
// lost when it looks in between; growing memory meets the limit of resident memory all the same.
const unwaited = new Set(['encode']);
let failed = 0;
for (const target of targets) {
  const corpus = join(fuzz, 'corpus', target);
  mkdirSync(corpus, { recursive: true });
  const folders = [corpus, join(root, 'fixtures', 'fuzz-corpus', target)].filter((folder) => existsSync(folder));
  const limits = ['-max_len=8192', '-timeout=20', '-rss_limit_mb=2048', '-malloc_limit_mb=512'];
  if (unwaited.has(target)) limits.push('-detect_leaks=0');
  const run = cargo(
    ['run', ...options, target, ...folders, '--', ...limits, `-max_total_time=${seconds}`, '-print_final_stats=1'],
    ['ignore', 'pipe', 'pipe'],
  );
  const stat = (name) => new RegExp(`stat::${name}:\\s+(\\d+)`).exec(run.stderr)?.[1] ?? '?';
  const last = [...run.stderr.matchAll(/cov: (\d+) ft: (\d+)/g)].at(-1) ?? ['', '?', '?'];
  const inputs = readdirSync(corpus).filter((name) => statSync(join(corpus, name)).isFile()).length;
  const result = run.status === 0 ? 'no crash' : 'CRASH';
  if (run.status !== 0) {
    failed++;
    console.error(run.stderr.split('\n').slice(-60).join('\n'));
  }
  const cells = [stat('number_of_executed_units'), stat('average_exec_per_sec'), last[1], last[2], inputs];
  console.log(`| ${[target, ...cells, stat('peak_rss_mb'), result].join(' | ')} |`);
}
process.exit(failed === 0 ? 0 : 1);
