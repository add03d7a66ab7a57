import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runLanes } from '../../src/io/run-lanes.js';
import { isCubeError } from '../../src/errors.js';
import { createSources } from '../../src/io/sources.js';
import { openRaster } from '../../src/raster/open.js';
import { runCube, type CubeRun } from '../cli/run-cube.js';
import { temporaryFolder } from '../lake/temporary.js';
import { pythonWithOracles, runPython } from '../python.js';
import { hasShared, sharedPath } from '../shared.js';

const SCRIPT = fileURLToPath(new URL('read_expected.py', import.meta.url));
/** Commands at work at a time. */
const LANES = 3;
const verdicts = z.array(z.object({ readable: z.boolean(), words: z.string() }));
const folder = temporaryFolder();

type Job = {
  readonly kind: 'geotiff' | 'zarr';
  readonly source: string;
  readonly run: CubeRun;
  readonly output: string;
};

function namesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .sort();
}

/** One GeoTIFF of every way to store samples: codecs, type, layout, byte order; refused ones count by their reason. */
async function geotiffClasses(): Promise<string[]> {
  const sources = createSources();
  const classes = new Map<string, string>();
  for (const path of namesBelow(sharedPath('data/conformance/geotiff'))) {
    if (!/\.tiff?$/i.test(path)) continue;
    const name = await describeFile(path);
    if (!classes.has(name)) classes.set(name, path);
  }
  await sources.close();
  return [...classes.values()];

  async function describeFile(path: string): Promise<string> {
    try {
      const { levels, bands } = await openRaster(sources, path);
      const { codecs, dtype, axes, edge } = levels[0]!;
      return JSON.stringify([codecs.map(({ name }) => name), dtype, axes, edge, bands.length, levels.length > 1]);
    } catch (error) {
      if (isCubeError(error, 'unsupported')) return error.problem.feature;
      throw error;
    }
  }
}

function zarrArrays(): string[] {
  return namesBelow(sharedPath('data/conformance/zarr'))
    .filter((path) => basename(path) === '.zarray' || basename(path) === 'zarr.json')
    .map((path) => dirname(path));
}

/** Run the command on every source, to .npy and .zarr by turns. */
async function readAll(kind: Job['kind'], paths: readonly string[]): Promise<Job[]> {
  const jobs: Job[] = [];
  const read = async ([i, source]: readonly [number, string]): Promise<void> => {
    const output = join(folder, `${kind}-${i}.${i % 2 === 0 ? 'npy' : 'zarr'}`);
    jobs.push({ kind, source, output, run: await runCube(['read', source, '-o', output, '--quiet']) });
  };
  await runLanes(paths.entries(), LANES, read);
  return jobs;
}

/** How many were read, and what is wrong. */
async function judge(jobs: readonly Job[]): Promise<{ readable: number; read: number; wrong: string[] }> {
  const input = jobs.map(({ kind, source, run, output }) => ({ kind, source, output: run.code === 0 ? output : null }));
  const answers = verdicts.parse(await runPython(SCRIPT, [], JSON.stringify(input)));
  const wrong = jobs.flatMap(({ source, run }, i) => {
    const { readable, words } = answers[i]!;
    if (run.code === 0) return readable && words !== '' ? [`${source}: ${words}`] : [];
    const refused = run.code === 4 && run.stdout === '' && run.stderr.startsWith('cube: unsupported: ');
    // What nobody reads may be broken as well, as long as it has a name.
    return refused || (!readable && /^cube: [a-z-]+: /.test(run.stderr))
      ? []
      : [`${source}: ${run.code} ${run.stderr}`];
  });
  const readable = answers.filter((answer) => answer.readable).length;
  return { readable, read: jobs.filter(({ run }, i) => run.code === 0 && answers[i]!.readable).length, wrong };
}

describe.skipIf(!hasShared || pythonWithOracles() === null)('cube read on real files', () => {
  it('one GeoTIFF of every kind has the samples that GDAL has, or is refused by name', async () => {
    const { readable, read, wrong } = await judge(await readAll('geotiff', await geotiffClasses()));
    expect(wrong).toEqual([]);
    expect(readable).toBeGreaterThan(30);
    expect(read / readable).toBeGreaterThanOrEqual(0.9);
  });

  it('every Zarr array has the samples and the shape that zarr-python has, or is refused by name', async () => {
    // Groups and arrays look alike from outside; the command refuses a group without a raster.
    const { readable, read, wrong } = await judge(await readAll('zarr', zarrArrays()));
    expect(wrong).toEqual([]);
    expect(readable).toBeGreaterThan(60);
    expect(read / readable).toBeGreaterThanOrEqual(0.9);
  });
});
