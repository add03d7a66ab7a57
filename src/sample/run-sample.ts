import { mkdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { buildCube, type BuildSummary } from '../build/build-cube.js';
import { formatBytes } from '../build/format-bytes.js';
import { progressLine } from '../build/progress-line.js';
import { createSources } from '../io/sources.js';
import { queryLake } from '../lake/query.js';
import { makeSample } from './make-sample.js';
import { drawCube } from './picture.js';

/** Both runs in one lake, joined by the labels: sunlight and colour of the largest plants. */
const QUERY = `
SELECT l.label_id, round(l.area_geod_m2) AS area_m2,
       round(avg(s.mean) FILTER (s.band = 'nir')) AS nir, round(avg(s.mean) FILTER (s.band = 'ghi')) AS ghi_w_m2
FROM runs r
JOIN label_stats s USING (run_id)
JOIN (SELECT DISTINCT label_id, area_geod_m2 FROM labels) l USING (label_id)
WHERE r.name IN ('sample-multispectral', 'sample-irradiance')
GROUP BY ALL ORDER BY area_m2 DESC LIMIT 5`;

/** Make the sample, build both cubes into one lake, and print a summary. \`root\` is the checkout. */
export async function runSample(root: string): Promise<void> {
  const out = join(root, 'out', 'sample');
  const source = join(out, 'source');
  if (!existsSync(join(source, 'catalog.json'))) {
    process.stderr.write('generating the sample …\n');
    await rm(source, { recursive: true, force: true });
    await mkdir(source, { recursive: true });
    await makeSample(source);
  }
  const summaries: BuildSummary[] = [];
  for (const name of ['multispectral', 'irradiance']) {
    const progress = progressLine(false);
    process.stderr.write(`building ${name} …\n`);
    summaries.push(
      await buildCube({ spec: join(root, 'fixtures', 'sample', `${name}.yaml`), overwrite: true, progress }),
    );
    progress.done();
  }
  const picture = await writePicture(out, summaries[0]!);
  await printSummary(root, summaries, picture);
}

async function writePicture(out: string, { cube }: BuildSummary): Promise<string> {
  const sources = createSources();
  const path = join(out, 'multispectral.png');
  try {
    const options = {
      bands: ['red', 'green', 'blue'],
      timeIndex: 1,
      title: 'sample-multispectral 2024-06-17',
    } as const;
    await writeFile(path, await drawCube(sources, cube, options));
    return path;
  } finally {
    await sources.close();
  }
}

async function printSummary(root: string, summaries: readonly BuildSummary[], picture: string): Promise<void> {
  const show = (path: string) => relative(resolve('.'), path) || '.';
  for (const { name, counts, seconds, cube } of summaries) {
    console.log(
      `${name}: ${counts.times} times × ${counts.bands} bands × ${counts.height} × ${counts.width} pixels, ` +
        `${counts.labels} labels, ${counts.labelStats} statistics, ${formatBytes(counts.bytes)} in ${counts.objects} objects, ` +
        `${seconds.toFixed(1)} s → ${show(cube)}`,
    );
  }
  const lake = summaries[0]!.lake!;
  const { columns, rows } = await queryLake({ catalog: lake.catalog, dataPath: lake.dataPath }, QUERY);
  console.log(`lake: ${show(lake.catalog)}\npicture: ${show(picture)}\n${QUERY.trim()}`);
  console.log([columns.map(({ name }) => name), ...rows].map((row) => row.join('\t')).join('\n'));
  console.log(`open it: cd ${show(root)} && npx cube inspect ${show(summaries[0]!.cube)}`);
}
