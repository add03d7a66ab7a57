import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../contract/sources.js';
import { temporaryFolder } from '../lake/temporary.js';
import { runCube } from './run-cube.js';

const folder = temporaryFolder();
const LIBRARY = JSON.stringify(join(ROOT, 'dist/index.js'));

function writeModule(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text.replaceAll("'heliocube'", LIBRARY));
  return path;
}

function writeLabels(name: string, sides: readonly number[]): string {
  const features = sides.map((side) => {
    const ring = [[10, 45], [10 + side, 45], [10 + side, 45 + side], [10, 45 + side], [10, 45]]; // prettier-ignore
    return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } };
  });
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', features }));
  return path;
}

const statuses = (stdout: string) =>
  (JSON.parse(stdout) as { nodes: { node: string; status: string }[] }).nodes.map(
    ({ node, status }) => `${node} ${status}`,
  );

describe('cube flow', () => {
  it('shows the flows that come with it, their nodes, and parts of them', async () => {
    expect((await runCube(['flow', 'show'])).stdout).toMatch(/^ingest {2}\d+ nodes {2}published data sets/);
    const svg = join(folder, 'ingest.svg');
    expect(await runCube(['flow', 'show', 'ingest', '--format', 'svg', '--out', svg])).toMatchObject({
      code: 0,
      stdout: `${svg}\n`,
    });
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [^]*<\/svg>\n$/);
    const { stdout } = await runCube(['flow', 'lineage', 'ingest', '--down', 'files', '--up', 'sites', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      flow: 'ingest',
      nodes: [{ name: 'files' }, { name: 'rows', reads: ['files'] }, { name: 'sites', reads: ['rows'] }],
    });
    const tagged = await runCube(['flow', 'lineage', 'ingest', '--tag', 'layer=curated']);
    expect(tagged.stdout).toMatch(/^value {3}models {2}\(.*\nvalue {3}report <- models/);
  });

  it('runs the example over files, and reads again only those that have changed', async () => {
    const text = readFileSync(join(ROOT, 'fixtures/sample/label-areas.mjs'), 'utf8');
    const flow = writeModule('label-areas.mjs', text);
    const files = [writeLabels('a.geojson', [0.001, 0.002]), writeLabels('b.geojson', [0.001])];
    const parameters = [
      'flow',
      'run',
      flow,
      '--input',
      `files=${JSON.stringify(files)}`,
      '--cache',
      join(folder, 'cache'),
      '--json',
    ];
    const first = await runCube(parameters);
    expect(first.code, first.stderr).toBe(0);
    const { values } = JSON.parse(first.stdout) as { values: { total: { hectares: number } } };
    expect(values).toEqual({ total: { files: 2, labels: 3, hectares: expect.any(Number) } });
    // 0.001 degrees are 111.3 m; at 45 degrees north 78.8 m from east to west; 6 such squares.
    expect(values.total.hectares).toBeCloseTo((6 * 111.1 * 78.8) / 10_000, 1);
    expect(statuses(first.stdout).filter((one) => one.startsWith('areas'))).toEqual(['areas ran', 'areas ran']);
    writeLabels('b.geojson', [0.003]);
    const second = await runCube(parameters);
    expect(
      statuses(second.stdout)
        .filter((one) => one.startsWith('areas'))
        .toSorted(),
    ).toEqual(['areas cached', 'areas ran']);
    expect(JSON.parse(second.stdout)).toMatchObject({ values: { total: { labels: 3 } } });
    const gc = ['flow', 'gc', '--older-than', '2020-01-01', '--cache', join(folder, 'cache'), '--dry-run'];
    expect((await runCube(gc)).stdout).toMatch(/^would go 0 values, 0 files, 0 B\nkept {5}3 values, 0 files/);
  });

  it('goes on without elements that fail where it is told to, and says so', async () => {
    const flow = writeModule(
      'fails.mjs',
      `import { CubeError, collectNode, defineFlow, inputNode, mapNode } from 'heliocube';
       const numbers = inputNode('numbers');
       const halves = mapNode('halves', { over: numbers, key: String, run: (one) => {
         if (one % 2 === 1) throw new CubeError({ kind: 'no-data', what: one + ' is odd' });
         return one / 2;
       } });
       export default defineFlow('halves', [collectNode('list', { from: halves, run: (all) => all.map((one) => one.ok ? one.value : null) })]);`,
    );
    const parameters = ['flow', 'run', flow, '-i', 'numbers=[2,3,4]'];
    expect(await runCube(parameters)).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('no-data: 3 is odd'),
    });
    const run = await runCube([...parameters, '--keep-going', '--json', '--quiet']);
    expect(run.code).toBe(7);
    expect(JSON.parse(run.stdout)).toMatchObject({ values: { list: [1, null, 2] } });
    expect(run.stderr).toBe('cube: incomplete: elements: 1 failed\n');
    const one = await runCube([...parameters.slice(0, 3), '-i', 'numbers=[8]', '--target', 'halves', '--json']);
    expect(JSON.parse(one.stdout)).toMatchObject({ values: { halves: { 8: 4 } } });
  });

  it('ingests', async () => {
    const manifest = join(folder, 'manifest.json');
    writeLabels('c.geojson', [0.001]);
    writeFileSync(manifest, JSON.stringify({ c: { doi: 'c.geojson', repo: 'local' } }));
    const lake = join(folder, 'flow.ducklake');
    const run = await runCube([
      'flow',
      'run',
      'ingest',
      '-i',
      `manifest=${manifest}`,
      '-i',
      `lake=${lake}`,
      '-t',
      'sites',
      '--json',
    ]);
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      values: { sites: { reports: [{ dataset: 'c', status: 'added', features: 1 }] } },
    });
    expect(existsSync(lake)).toBe(true);
  });

  it.each([
    ['an absent module', ['show', 'nowhere.mjs'], 3, /not-found.*nowhere\.mjs.*there is ingest/],
    ['TypeScript', ['show', 'flow.ts'], 4, /unsupported: .*compile it/],
    ['an unknown format', ['show', 'ingest', '--format', 'png'], 2, /Allowed choices are text/],
    ['an unknown node', ['lineage', 'ingest', '--up', 'row'], 2, /did you mean "rows"/],
    ['an input without a value', ['run', 'ingest', '-i', 'manifest'], 2, /--input manifest is not NAME=VALUE/],
    ['an input that is given twice', ['run', 'ingest', '-i', 'lake=a', '-i', 'lake=b'], 2, /lake is given twice/],
    ['absent inputs', ['run', 'ingest'], 2, /needs manifest, lake/],
    ['jobs', ['run', 'ingest', '--jobs', 'many'], 2, /--jobs is no number/],
  ])('tells of %s', async (_what, parameters, code, words) => {
    const run = await runCube(['flow', ...parameters], { cwd: folder });
    expect(run.stderr).toMatch(words);
    expect(run.code).toBe(code);
  });

  it('tells of modules that fail or export no flow', async () => {
    for (const [text, words] of [
      ['export default 1;', /its default export is no flow/],
      ["import './absent.mjs';", /cannot be loaded: .*absent\.mjs/],
      ["throw new Error('early');", /cannot be loaded: Error: early/],
      ['this is nothing', /cannot be loaded: SyntaxError/],
    ] as const) {
      const run = await runCube(['flow', 'show', writeModule('wrong.mjs', text)]);
      expect(run).toMatchObject({ code: 5, stderr: expect.stringMatching(words) });
    }
  });
});
