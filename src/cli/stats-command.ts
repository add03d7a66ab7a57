import { Command } from 'commander';
import { COVERAGE_RULES, STATISTICS } from '../build/statistic.js';

const EXAMPLES = `
Examples:
  cube stats plants.geojson red.tif nir.tif
  cube stats plants.shp scene.tif --stats count,mean,median -o stats.parquet
  cube stats plants.gpkg ndvi.tif --rule center --where "area_geod_m2 > 1000"

Statistics: ${STATISTICS.join(', ')}.
They are weighted by the covered fraction of each pixel; count is the sum of the fractions of pixels with data,
coverage of all pixels; stdev and variance are the population's.`;

/** `cube stats`: statistics of rasters under labels. */
export function statsCommand(): Command {
  return new Command('stats')
    .description('statistics of rasters under labels: one row a label, raster and band')
    .argument('<labels>', 'shapefile, GeoJSON, GeoPackage, FlatGeobuf, GeoParquet or CSV, in any CRS')
    .argument('<raster...>', 'GeoTIFFs or Zarr arrays, paths or URLs')
    .option('--rule <rule>', COVERAGE_RULES.join(' | '), 'exact')
    .option('--stats <list>', 'which statistics', 'count,sum,mean,stdev,min,max,median,coverage')
    .option('--where <sql>', 'which labels')
    .option('-o, --output <file>', '.csv, .parquet or .geojson (default: CSV on stdout)')
    .option('--json', 'print the rows as JSON; with -o, what was written')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(async (labels, rasters, options) => (await import('./run-stats.js')).runStats(labels, rasters, options));
}
