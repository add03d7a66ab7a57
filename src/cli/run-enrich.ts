import { enrichSites, type EnrichedTable, type EnrichInput, type EnrichReport } from '../ingest/enrich/enrich-sites.js';
import type { NaturalEarthSource } from '../ingest/enrich/natural-earth.js';
import type { OvertureSource } from '../ingest/enrich/open-zones.js';
import { counterLine } from './counter-line.js';
import { printFailedModels } from './describe-models.js';
import { interruptible } from './interrupt.js';
import { neededLake } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import type { LakeOptions } from './with-lake-options.js';

/** Options of `cube enrich`, as they were typed. */
export type EnrichOptions = CommonOptions &
  LakeOptions & {
    readonly borders?: string;
    readonly buildings?: string;
    readonly landCover?: string;
    readonly landUse?: string;
    readonly overtureRelease?: string;
    readonly overtureCatalog?: string;
    readonly naturalEarthUrl?: string;
    readonly cache?: string;
    readonly nearest?: string;
    readonly again?: boolean;
    readonly models?: boolean;
  };

/** What `cube enrich` does. Never throws: the problem is printed and the exit code set. */
export async function runEnrich(options: EnrichOptions): Promise<void> {
  const progress = counterLine('enriching', { quiet: options.quiet === true });
  const download = counterLine('downloading Natural Earth, MB:', { quiet: options.quiet === true });
  try {
    const lake = await neededLake(options);
    const report = await interruptible('what was not written is as it was; run it again', (signal) =>
      enrichSites({
        lake,
        again: options.again === true,
        models: options.models !== false,
        ...sourcesOf(options, (bytes) => download.report(Math.round(bytes / 1e6))),
        ...(options.nearest === undefined ? {} : { nearestM: Number(options.nearest) }),
        onProgress: ({ done, total }) => {
          download.clear();
          progress.report(done, total);
        },
        signal,
      }),
    );
    progress.clear();
    for (const warning of report.warnings) process.stderr.write(`warning: ${warning}\n`);
    printResult(options, report, () => describe(report));
    printFailedModels(report.models);
  } catch (error) {
    download.clear();
    progress.clear();
    printError(options, error);
  }
}

function sourcesOf(
  options: EnrichOptions,
  onBytes: (bytes: number) => void,
): Pick<EnrichInput, 'borders' | 'buildings' | 'land'> {
  const { borders, buildings, landCover, landUse, overtureRelease: release, overtureCatalog: catalog } = options;
  const overture: OvertureSource = {
    kind: 'overture',
    ...(release === undefined ? {} : { release }),
    ...(catalog === undefined ? {} : { catalog }),
  };
  const naturalEarth: NaturalEarthSource = {
    kind: 'natural-earth',
    ...(options.naturalEarthUrl === undefined ? {} : { url: options.naturalEarthUrl }),
    ...(options.cache === undefined ? {} : { cacheDir: options.cache }),
    onProgress: ({ doneBytes }) => onBytes(doneBytes),
  };
  const source = (path: string) => (path === 'overture' ? overture : { kind: 'file' as const, path });
  return {
    ...(borders === undefined
      ? {}
      : { borders: listOf(borders).map((name) => (name === 'natural-earth' ? naturalEarth : source(name))) }),
    ...(buildings === undefined ? {} : { buildings: source(buildings) }),
    land: {
      ...(landCover === undefined ? {} : { cover: source(landCover) }),
      ...(landUse === undefined ? {} : { use: source(landUse) }),
    },
  };
}

function listOf(text: string): string[] {
  return text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}

function describe({ lake, sites, tables, models, seconds }: EnrichReport): string {
  const done = models.filter(({ status }) => status === 'success').length;
  return [
    `lake      ${lake}: ${sites} sites`,
    ...tables.map(describeTable),
    ...(models.length === 0 ? [] : [`models    ${done} of ${models.length} are current`]),
    `time      ${seconds.toFixed(1)} s`,
  ].join('\n');
}

function describeTable({ kind, status, rows, sources, counts }: EnrichedTable): string {
  const from = sources.map(({ source, release }) => `${source} ${release}`).join(', ');
  if (status === 'unchanged') return `${kind.padEnd(9)} unchanged (${from})`;
  const told = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return `${kind.padEnd(9)} ${rows} rows: ${told.join(', ')} (${from})`;
}
