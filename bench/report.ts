import type { Case } from './cases/case.js';
import type { Machine } from './machine.js';
import type { Absent } from './run-case.js';
import { profileOf } from './profiles.js';
import type { Row } from './row.js';

/** Everything that a report says. */
export type Report = {
  readonly command: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly cases: readonly Case[];
  readonly rows: readonly Row[];
  readonly absent: readonly Absent[];
  readonly versions: readonly string[];
};

const HEADER = [
  'case',
  'peer',
  'ratio',
  'target',
  'ours s',
  'peer s',
  'ours CPU s',
  'peer CPU s',
  'ours MiB',
  'peer MiB',
  'agrees',
];

/** The table for a terminal, with what is absent, the machine, versions and command. */
export function formatTable(report: Report): string {
  const lines = [HEADER, ...report.rows.map(cells)];
  const widths = HEADER.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const isText = (column: number) => column < 2 || column === HEADER.length - 1;
  const text = lines.map((line) =>
    line
      .map((cell, i) => (isText(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
  return [...text, '', ...rates(report), ...report.absent.map(absence), ...facts(report)].join('\n');
}

/** The page: the same numbers, and what they mean. No dates, so that only a change of numbers changes the page. */
export function formatPage(report: Report): string {
  const dashes = HEADER.map((name) => (['case', 'peer', 'agrees'].includes(name) ? '---' : '---:'));
  return `# Performance

Written by \`${report.command}\`; do not edit. Ratio is the peer's time over ours: above 1 heliocube is faster, below 1 it is
slower; target is the ratio that is aimed at. All programs run in the same session on the same files, in turns, in another order
each round; seconds are medians of ${report.rounds} rounds after one to warm up.

| ${HEADER.join(' | ')} |
| ${dashes.join(' | ')} |
${report.rows.map((row) => `| ${cells(row).join(' | ')} |`).join('\n')}

${list('How many a second', rates(report))}## Where we fall short

${shortfalls(report.rows)}

${list('Not measured', report.absent.map(absence))}## What is measured

${report.cases.map(({ name, what }) => `- \`${name}\`: ${what}.`).join('\n')}

${NOTES}
${agreements(report.rows)}
## Where

${facts(report)
  .map((line) => `- ${line}`)
  .join('\n')}
`;
}

const NOTES = `Every program runs in a process of its own that is started once: the start of interpreters and the loading of libraries are
not counted, opening the files is. Where a case says "the whole process", ours starts anew in every round and its start is
counted. Data are generated, seeded, with the entropy of satellite scenes (DEFLATE with predictor 2 makes them 1.7 times
smaller), and in the page cache. CPU seconds are user and system time of all threads of the process; MiB is its largest
resident memory during a round, interpreter included. Checksums of a program's results must be the same in every round.
Where a program ran fewer rounds or a part of the work, its row says so. In P1 to P5 results go to the memory of the round before,
on both sides, where a program can be given memory (async-geotiff and geotiff.js cannot).

- \`rasterio\` uses one thread, \`rasterio-threads\` GDAL's NUM_THREADS, \`rasterio-pool\` a Python thread a core with datasets of its
  own; for warps it is a WarpedVRT with GDAL's default, which approximates positions to 1/8 pixel. \`gdal-warp\` is \`reproject\`
  between arrays in one thread. \`rasterio-remote\` uses eight threads and the settings that guides recommend.
- \`libdeflate\` inflates the tiles of P1 from memory to reused memory and does nothing else: what no reader can beat.
- \`exactextract\` goes polygon by polygon (its default), all files of a case in one call.
- \`odc-stac\` loads with dask and writes with xarray; \`rasterio-zarr\` is a build written by hand with rasterio, zarr-python and a pool
  of threads. heliocube also writes a plane that says why each pixel has its value, coordinates, a STAC item and a journal to
  resume from, and starts its worker threads anew in every build; all of that is counted.
- \`virtualizarr\` (R1) reads headers with virtual-tiff and obstore in 64 threads; \`icechunk\` (R2) is the Python package, which
  does not give offsets and lengths back: what its references point at is read when the clock has stopped, and ours too.
  \`zarr-icechunk\` (R3) is zarr-python with the codecs of virtual-tiff and imagecodecs. \`heliocube-files\`, \`-kerchunk\` and
  \`-icechunk\` are all ours. Chunks of R2 are never decoded.
`;

function shortfalls(rows: readonly Row[]): string {
  const missed = rows.filter(({ ratio, target }) => target !== null && ratio < target);
  const short = missed.map(
    (row) =>
      `- \`${row.case}\` against ${row.peer}: ratio ${row.ratio.toFixed(2)}, target ${row.target}; CPU seconds ours ${seconds(row.ours_cpu_s)}, theirs ${seconds(row.peer_cpu_s)}.`,
  );
  const heavy = rows
    .filter(({ ours_mib, peer_mib }) => ours_mib > peer_mib)
    .map(
      (row) =>
        `- \`${row.case}\` takes more memory than ${row.peer}: ${row.ours_mib.toFixed(0)} against ${row.peer_mib.toFixed(0)} MiB.`,
    );
  const profiles = new Map(missed.map((row) => profileOf(row.case)).filter((profile) => profile !== null));
  const why = [...profiles].map(([key, text]) => `- \`${key}\`: ${text}`);
  if (short.length + heavy.length === 0) return 'Nowhere in this table.';
  return [...short, ...heavy, ...(why.length === 0 ? [] : ['', '### What limits them', '', ...why])].join('\n');
}

function agreements(rows: readonly Row[]): string {
  const rules = new Map<string, string[]>();
  for (const { case: name, agree } of rows) {
    const rule = agree.kind === 'bytes' ? 'the same bytes as every peer' : agree.rule;
    const names = rules.get(rule) ?? [];
    rules.set(rule, names.includes(name) ? names : [...names, name]);
  }
  const lines = [...rules].map(([rule, names]) => `${names.map((name) => `\`${name}\``).join(', ')}: ${rule}`);
  return list('When results agree', lines);
}

/** Of the cases that count what they go through: how much of it a program does in a second. */
function rates({ cases, rows }: Report): string[] {
  return cases.flatMap(({ items, rows: plans }) => {
    const own = rows.filter((row) => plans.some(({ name }) => name === row.case));
    if (items === undefined || own.length === 0) return [];
    const rate = (program: string, taken: number) =>
      `${program} ${Math.round(items.count / taken).toLocaleString('en')}`;
    const programs = [rate('heliocube', own[0]!.ours_s), ...own.map((row) => rate(row.peer, row.peer_s))];
    return [`\`${own[0]!.case}\`: ${items.count.toLocaleString('en')} ${items.name}; a second: ${programs.join(', ')}`];
  });
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `## ${title}\n\n${lines.map((line) => `- ${line}`).join('\n')}\n\n`;
}

function absence({ case: name, peer, reason }: Absent): string {
  return `${name}: ${peer} is absent: ${reason}`;
}

function seconds(value: number): string {
  return value.toFixed(3);
}

function cells(row: Row): string[] {
  const few = row.rounds[1] < row.rounds[0] ? ` (${row.rounds[1]} rounds)` : '';
  return [
    row.case,
    row.peer + few,
    row.ratio.toFixed(2),
    row.target === null ? '' : String(row.target),
    ...[row.ours_s, row.peer_s, row.ours_cpu_s, row.peer_cpu_s].map(seconds),
    row.ours_mib.toFixed(0),
    row.peer_mib.toFixed(0),
    agreement(row),
  ];
}

/** "same" bytes; else the part of our values that agrees with the reference, and in brackets of the peer's. */
function agreement({ equal, agree: { kind, ours, peer } }: Row): string {
  if (kind === 'bytes') return equal ? 'same' : 'NO';
  const percent = (part: number) => `${(100 * part).toFixed(2)} %`;
  return `${equal ? '' : 'NO: '}${percent(ours)}${peer === null ? '' : ` (peer ${percent(peer)})`}`;
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
