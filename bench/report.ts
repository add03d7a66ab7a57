import type { Case } from './cases.js';
import type { Machine } from './machine.js';
import type { Row } from './run-case.js';

/** Everything that a report says. */
export type Report = {
  readonly command: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly cases: readonly Case[];
  readonly rows: readonly Row[];
  readonly versions: readonly string[];
};

const HEADER = [
  'case',
  'peer',
  'ratio',
  'ours s',
  'peer s',
  'ours CPU s',
  'peer CPU s',
  'ours MiB',
  'peer MiB',
  'result',
];

/** The table for a terminal, with the machine, versions and command. */
export function formatTable(report: Report): string {
  const lines = [HEADER, ...report.rows.map(cells)];
  const widths = HEADER.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) =>
    line
      .map((cell, i) => (i < 2 || i === 9 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
  return [...text, '', ...facts(report)].join('\n');
}

/** docs/performance.md: the same numbers, and what they mean. No dates, so that only a change of numbers changes the page. */
export function formatPage(report: Report): string {
  return `# Performance

Written by \`npm run bench\`; do not edit. Ratio is the peer's time over ours: above 1 heliocube is faster, below 1 it is slower.
All programs run in the same session on the same files, in turns, in another order each round; seconds are medians of
${report.rounds} rounds after one to warm up.

| ${HEADER.join(' | ')} |
| --- | --- | ${HEADER.slice(2, -1)
    .map(() => '---:')
    .join(' | ')} | --- |
${report.rows.map((row) => `| ${cells(row).join(' | ')} |`).join('\n')}

## Where we lose

${losses(report.rows)}

## What is measured

${report.cases.map(({ name, what }) => `- \`${name}\`: ${what}.`).join('\n')}

${NOTES}
## Where

${facts(report)
  .map((line) => `- ${line}`)
  .join('\n')}
`;
}

const NOTES = `Every program runs in a process of its own that is started once: the start of interpreters and the loading of libraries are
not counted, opening the files is. Files are in the page cache. CPU seconds are user and system time of all threads of the
process; MiB is its largest resident memory during a round, interpreter included. Checksums of a program's results must be the
same in every round. "Same" in the last column means the same bytes; a percentage is the part of the values that agree:
exactly for \`nearest\`, within one digital number for \`bilinear\`, within 1e-4 of the value for statistics.

- \`rasterio\` uses one thread, \`rasterio-threads\` GDAL's NUM_THREADS; for warps it is a WarpedVRT with GDAL's defaults, which
  approximate positions to 1/8 pixel, \`rasterio-exact\` the same without approximation (we are exact to 1e-5 pixels).
- \`geotiff.js\` decodes in the main thread, \`geotiff.js-pool\` in its worker pool. heliocube decodes a window in one thread and
  builds in several.
- \`exactextract\` goes polygon by polygon, \`exactextract-raster\` raster by raster (its two strategies).
- \`rasterio-zarr\` is a build written by hand with rasterio, zarr-python and a pool of threads; \`odc-stac\` loads with dask and
  writes with xarray. heliocube also writes a plane that says why each pixel has its value, and a journal to resume from,
  and starts its worker threads anew in every build (a quarter of a CPU second each); all of that is counted.
  All of them compress with blosc (zstd, level 1, shuffle).
- \`gdal-async\` is measured where it is installed; it is no dependency.
`;

function losses(rows: readonly Row[]): string {
  const slow = rows
    .filter(({ ratio }) => ratio < 1)
    .map((row) => `- \`${row.case}\` against ${row.peer}: ${row.ratio.toFixed(2)} of its speed.`);
  const heavy = rows
    .filter((row) => row.ratio >= 1 && row.ours_mib > row.peer_mib)
    .map(
      (row) =>
        `- \`${row.case}\` takes more memory than ${row.peer}: ${row.ours_mib.toFixed(0)} against ${row.peer_mib.toFixed(0)} MiB.`,
    );
  return slow.length + heavy.length === 0 ? 'Nowhere in this table.' : [...slow, ...heavy].join('\n');
}

function cells(row: Row): string[] {
  const seconds = (value: number) => value.toFixed(3);
  return [
    row.case,
    row.peer,
    row.ratio.toFixed(2),
    ...[row.ours_s, row.peer_s, row.ours_cpu_s, row.peer_cpu_s].map(seconds),
    row.ours_mib.toFixed(0),
    row.peer_mib.toFixed(0),
    row.equal ? 'same' : `${(100 * row.agree).toFixed(3)} %`,
  ];
}

function facts({ command, machine, rounds, versions }: Report): string[] {
  return [
    `command: ${command}`,
    `machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`,
    `load before the first case: ${machine.load}${machine.load > machine.cores / 2 ? ' (others were busy: trust CPU seconds, not seconds)' : ''}`,
    `rounds: ${rounds}, medians`,
    `versions: ${[...new Set(versions)].join('; ')}`,
  ];
}
