import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { codeVersion } from '../../src/build/code-version.js';
import { addonStatus } from '../../src/native/load.js';
import type { Measure } from '../measure.js';
import { ZONAL_STATISTICS, type JobOf } from '../protocol.js';
import { bytesOf, notCompared, type Place, type Route, type Work } from '../route.js';
import { buildSpec, cubeSamples } from './heliocube/build.js';

const COMMAND = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const PROBE = new URL('../usage-probe.js', import.meta.url).href;

/** The command `cube`: every round is a whole process, from its start to its end. */
export function openCube(): Route {
  return {
    versions: `heliocube ${codeVersion()} (addon ${addonStatus().kind})`,
    async prepare(job, place) {
      if (job.kind === 'build') return prepareBuild(job, place);
      if (job.kind === 'zonal') return prepareStats(job, place);
      throw notCompared('cube', job.kind);
    },
  };
}

async function prepareBuild(job: JobOf<'build'>, { scratch }: Place): Promise<Work> {
  const spec = join(scratch, 'spec.json');
  await writeFile(spec, JSON.stringify(buildSpec(job)));
  const parameters = ['build', spec, '--out', scratch, '--workers', String(job.threads), '--quiet'];
  return async () => {
    const measure = await runCube(parameters, scratch);
    return { measure, result: cubeSamples(join(scratch, 'cube.zarr'), job) };
  };
}

async function prepareStats({ labels, files }: JobOf<'zonal'>, { scratch }: Place): Promise<Work> {
  const out = join(scratch, 'stats.csv');
  const parameters = ['stats', labels, ...files, '--stats', ZONAL_STATISTICS.join(','), '-o', out, '--quiet'];
  return async () => {
    const measure = await runCube(parameters, scratch);
    return {
      measure,
      async *result() {
        yield bytesOf(await readTable(out, files.length));
      },
    };
  };
}

/** Seconds from start to exit as this process sees them; CPU and memory as the process itself says at its end. */
async function runCube(parameters: readonly string[], scratch: string): Promise<Measure> {
  const usage = join(scratch, 'usage.json');
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', PROBE, COMMAND, ...parameters], {
    stdio: ['ignore', 'ignore', 2],
    env: { ...process.env, BENCH_USAGE_FILE: usage },
  });
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve));
  const wall = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(`cube ${parameters[0]} ended with ${code}`);
  return { wall, ...(JSON.parse(await readFile(usage, 'utf8')) as { cpu: number; peakMiB: number }) };
}

/** The CSV's rows come by label, then by raster; the result is by raster. */
async function readTable(path: string, files: number): Promise<Float64Array> {
  const rows: number[][] = [];
  let columns: number[] | null = null;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const cells = line.split(',');
    if (columns === null) columns = ZONAL_STATISTICS.map((name) => cells.indexOf(name));
    else rows.push(columns.map((column) => (cells[column] === '' ? Number.NaN : Number(cells[column]))));
  }
  const labels = rows.length / files;
  return Float64Array.from(
    Array.from({ length: files }, (_, file) =>
      Array.from({ length: labels }, (_, label) => rows[label * files + file]!),
    ).flat(2),
  );
}
