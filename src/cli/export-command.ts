import { Command } from 'commander';
import { withLakeOptions } from './with-lake-options.js';

const EXAMPLES = `
Examples:
  cube export sites --lake lake.ducklake -o sites.parquet
  cube export sites --lake lake.ducklake -o large.fgb --where "cap_ac_mw > 10"
  cube export --sql "SELECT dataset, count(*) AS sites FROM sites GROUP BY ALL ORDER BY ALL" --lake lake.ducklake -o counts.csv

Geometries are longitude and latitude (OGC:CRS84). What a format has no type for is told (docs/exports.md).
Exit codes: 0 done, 2 wrong arguments, 3 not there, 4 unsupported, 5 bad data, 8 output exists or lake error, 130 stopped.`;

/** `cube export`: a table or a query of a lake as a file. */
export function exportCommand(): Command {
  return withLakeOptions(new Command('export'))
    .description('write a table or a query of a lake as GeoParquet, FlatGeobuf, GeoJSON, CSV, Arrow or Iceberg')
    .argument('[table]', 'TABLE or SCHEMA.TABLE, such as sites')
    .option('--sql <query>', 'one SELECT in place of a table')
    .option('--where <condition>', 'SQL condition on the rows')
    .requiredOption('-o, --out <file>', 'the file; its extension names the format')
    .option('--format <name>', 'geoparquet, flatgeobuf, geojson, geojsonseq, csv, arrow or iceberg')
    .option('--csv-geometry <form>', 'wkt or lonlat: what CSV has for the geometry', 'wkt')
    .option('--snapshot <id>', 'the lake as it was at this snapshot of its own (default: the newest)')
    .option('--max-memory <size>', 'such as 2GB; sorting goes on in files beyond it', '1GB')
    .option('--stac', 'describe it in a STAC Collection beside it, FILE.stac.json')
    .option('--overwrite', 'replace the file that is there')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (table, options) => (await import('./run-export.js')).runExport(table, options));
}
