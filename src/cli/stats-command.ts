import { Command } from 'commander';
import { COVERAGE_RULES, STATISTICS } from '../build/statistic.js';
import { withSignOption } from './with-sign-option.js';
import { withVersionOptions } from './version-options.js';

const EXAMPLES = `
Examples:
  cube stats plants.geojson red.tif nir.tif
  cube stats plants.shp scene.tif --stats count,mean,median -o stats.parquet
  cube stats plants.gpkg ndvi.tif --rule center --where "area_geod_m2 > 1000"
  cube stats plants.gpkg cube.zarr/red cube.zarr/nir --layer roofs
  cube stats points.csv scene.tif --x east --y north --label-crs EPSG:32633

Statistics: ${STATISTICS.join(', ')}.
They are weighted by the covered fraction of each pixel; count is the sum of the fractions of pixels with data,
coverage of all pixels; stdev and variance are the population's.`;

/** `cube stats`: statistics of rasters under labels. */
export function statsCommand(): Command {
  const command = new Command('stats')
    .description('statistics of rasters under labels: one row a label, raster and band')
    .argument(
      '<labels>',
      'shapefile, GeoJSON, GeoPackage, FlatGeobuf, GeoParquet, CSV, COCO, YOLO or a mask, in any CRS',
    )
    .argument('<raster...>', 'GeoTIFFs, Zarr, Icechunk or kerchunk arrays, NetCDF-4/HDF5 files; paths or URLs')
    .option('--rule <rule>', COVERAGE_RULES.join(' | '), 'exact')
    .option('--stats <list>', 'which statistics', 'count,sum,mean,stdev,min,max,median,coverage')
    .option('--where <sql>', 'which labels')
    .option('--layer <name>', 'layer of a label file that has several')
    .option('--label-crs <crs>', 'CRS of the labels, such as EPSG:32633, where their file does not say or is wrong')
    .option('--x <column>', 'column of a CSV with longitudes or eastings; with --y')
    .option('--y <column>', 'column of a CSV with latitudes or northings; with --x')
    .option('--variable <name>', 'array of the Zarr groups or HDF5 files; GROUP.zarr/NAME names it too');
  return withSignOption(withVersionOptions(command))
    .option('-o, --output <file>', '.csv, .parquet or .geojson (default: CSV on stdout)')
    .option('--json', 'print the rows as JSON; with -o, what was written')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(async (labels, rasters, options) => (await import('./run-stats.js')).runStats(labels, rasters, options));
}
