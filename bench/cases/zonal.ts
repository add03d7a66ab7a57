import { join } from 'node:path';
import { scenePath, scenePaths, seriesPath, type DataSize } from '../data/sizes.js';
import type { JobOf } from '../protocol.js';
import { OURS, runsOf, type Agreement, type Case } from './case.js';

const REFERENCE = 'exactextract';
const AGREEMENT: Agreement = {
  kind: 'values',
  reference: REFERENCE,
  type: 'float64',
  within: 1e-4,
  least: 0.999,
  rule: '99.9 % of the statistics within 1e-4 of exactextract’s',
};

/** P7 to P9 and P15: statistics under polygons. */
export function zonalCases(folder: string, size: DataSize): Case[] {
  const job = (labels: string, files: readonly string[], memory = false): JobOf<'zonal'> => ({
    kind: 'zonal',
    files: files.map((path) => join(folder, path)),
    labels: join(folder, `${labels}.geojson`),
    projected: join(folder, `${labels}-utm.json`),
    every: 1,
    memory,
  });
  const { polygons, series } = size;
  const dates = Array.from({ length: series.dates }, (_, date) => seriesPath(date));
  const one = (name: string, what: string, work: JobOf<'zonal'>, target: number): Case => ({
    name,
    what: `count, mean, stdev, min and max with exact coverage under ${what}`,
    runs: runsOf(work, [OURS, REFERENCE]),
    rows: [{ name, ours: OURS, peer: REFERENCE, target }],
    agreement: AGREEMENT,
  });
  const scene = [scenePath(0, 'blue')];
  return [
    one('P7', `${polygons.one} polygons, raster and polygons in memory`, job('polygons', scene, true), 14),
    one('P8', `${polygons.one} polygons, from a DEFLATE COG; polygons in memory`, job('polygons', scene), 5),
    one(
      'P9',
      `${polygons.series} polygons on ${series.dates} DEFLATE COGs of ${series.side} × ${series.side}`,
      job('series', dates),
      6,
    ),
    processCase(polygons.scenes, job('fields', scenePaths())),
  ];
}

/** rasterstats takes minutes: it gets every tenth polygon, which are spread as all are, and its time counts ten times. */
const PART = 10;

function processCase(polygons: number, job: JobOf<'zonal'>): Case {
  return {
    name: 'P15',
    what: `\`cube stats\`, the whole process, for ${polygons} polygons on ${job.files.length} scene-sized COGs, five statistics, CSV out; P15.hot is the same in a process that runs already. exactextract and P15.hot take 3 rounds. rasterstats takes pixels by their centre, and every ${PART}th polygon, its seconds times ${PART}`,
    runs: [
      { id: 'cube', route: 'cube', job },
      ...runsOf(job, [OURS, REFERENCE]).map((run) => ({ ...run, rounds: 3 })),
      { id: 'rasterstats', route: 'rasterstats', job: { ...job, every: PART }, rounds: 2, times: PART },
    ],
    rows: [
      { name: 'P15', ours: 'cube', peer: REFERENCE, target: 3.5 },
      { name: 'P15', ours: 'cube', peer: 'rasterstats', target: 60 },
      { name: 'P15.hot', ours: OURS, peer: REFERENCE, target: null },
    ],
    agreement: AGREEMENT,
  };
}
