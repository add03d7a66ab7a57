import { Command } from 'commander';
import { withLakeOptions } from './with-lake-options.js';

const EXAMPLES = `
Examples:
  cube import sites.iceberg --lake lake.ducklake --table imported.sites --geometry geometry
  cube import regions.parquet --lake lake.ducklake --table regions

All rows go in, or none, in one snapshot. Files of labels are brought in by cube ingest.
Exit codes: 0 done, 2 wrong arguments, 3 not there, 4 unsupported, 5 bad data, 8 the table exists or lake error, 130 stopped.`;

/** `cube import`: an Iceberg table or a Parquet file as a table of a lake. */
export function importCommand(): Command {
  return withLakeOptions(new Command('import'), 'lake, made where it is absent')
    .description('bring an Iceberg table or a Parquet file into a lake as a table')
    .argument('<source>', 'folder of an Iceberg table, its .metadata.json, or a .parquet file')
    .requiredOption('--table <name>', 'TABLE, or SCHEMA.TABLE')
    .option('--geometry <columns...>', 'columns that hold WKB, to become geometries')
    .option('--overwrite', 'take the place of the table that is there')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (source, options) => (await import('./run-import.js')).runImport(source, options));
}
