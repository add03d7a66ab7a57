import { resolve } from 'node:path';
import { Command } from 'commander';
import { STATISTICS, zonalRows, type Statistic, type ZonalRow } from '../build/zonal-rows.js';
import { toCsv, writeTable, type TableRow } from '../build/write-table.js';
import { CubeError } from '../errors.js';
import { resolveLocation } from '../io/location.js';
import { readLabels } from '../vector/read-labels.js';
import { printError, type CommonOptions } from './output.js';

type Options = CommonOptions & {
  readonly rule: string;
  readonly stats: string;
  readonly where?: string;
  readonly output?: string;
};

const RULES = ['exact', 'center', 'all-touched'] as const;
const EXAMPLES = `
Examples:
  cube stats plants.geojson red.tif nir.tif
  cube stats plants.shp scene.tif --stats count,mean,median -o stats.parquet
  cube stats plants.gpkg ndvi.tif --rule center --where "area_geod_m2 > 1000"

Statistics: ${STATISTICS.join(', ')}`;

/** `cube stats`: statistics of rasters under labels. */
export function statsCommand(): Command {
  return new Command('stats')
    .description('statistics of rasters under labels: one row a label, raster and band')
    .argument('<labels>', 'shapefile, GeoJSON, GeoPackage, FlatGeobuf, GeoParquet or CSV')
    .argument('<raster...>', 'GeoTIFFs or Zarr arrays')
    .option('--rule <rule>', RULES.join(' | '), 'exact')
    .option('--stats <list>', 'which statistics', 'count,sum,mean,stdev,min,max,median,coverage')
    .option('--where <sql>', 'which labels')
    .option('-o, --output <file>', '.csv, .parquet or .geojson (default: CSV on stdout)')
    .option('--json', 'print the rows as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(runStats);
}

async function runStats(labels: string, rasters: readonly string[], options: Options): Promise<void> {
  try {
    const rule = RULES.find((one) => one === options.rule);
    if (rule === undefined)
      throw new CubeError({ kind: 'invalid-argument', what: `--rule ${options.rule}`, fix: `use ${RULES.join(', ')}` });
    const statistics = parseStatistics(options.stats);
    const urls = rasters.map((raster) => resolveLocation(raster, `${process.cwd()}/`));
    const set = await readLabels({
      path: resolve(labels),
      h3: 0,
      ...(options.where === undefined ? {} : { where: options.where }),
    });
    for (const warning of set.warnings) process.stderr.write(`warning: ${warning}\n`);
    for (const { record, reason } of set.quarantine) process.stderr.write(`left out: record ${record}: ${reason}\n`);
    const rows = await zonalRows({ labels: set.labels, rasters: urls, rule });
    const chosen = rows.map((row) => pick(row, statistics));
    if (options.output !== undefined) {
      await writeTable(options.output, chosen, set.labels);
      process.stderr.write(`${options.output}: ${chosen.length} rows\n`);
    } else if (options.json === true) process.stdout.write(`${JSON.stringify(chosen)}\n`);
    else process.stdout.write(toCsv(chosen));
  } catch (error) {
    printError(options, error);
  }
}

function parseStatistics(text: string): Statistic[] {
  return text.split(',').map((name) => {
    const statistic = STATISTICS.find((one) => one === name.trim());
    if (statistic !== undefined) return statistic;
    throw new CubeError({
      kind: 'invalid-argument',
      what: `--stats: "${name}" is unknown`,
      fix: `use ${STATISTICS.join(', ')}`,
    });
  });
}

function pick(row: ZonalRow, statistics: readonly Statistic[]): TableRow {
  const { labelId, featureUid, raster, band } = row;
  const values = statistics.map((name) => [name, row[name]] as const);
  return { label_id: labelId, feature_uid: featureUid, raster, band, ...Object.fromEntries(values) };
}
