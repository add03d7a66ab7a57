import { Command } from 'commander';
import { withSignOption } from './with-sign-option.js';
import { withLakeOptions } from './with-lake-options.js';

const EXAMPLES = `
Examples:
  cube stac fetch stac_manifest.json --lake lake.ducklake --sites
  cube stac fetch earth-search --lake lake.ducklake --collections sentinel-2-l2a --bbox 15,46,16,47 --datetime 2024-06
  cube stac fetch items.parquet --lake lake.ducklake
  cube stac validate stac_manifest.json
  cube stac export --lake lake.ducklake --out items.parquet
  cube stac pgstac load --lake lake.ducklake --database "host=localhost dbname=stac"
  cube stac pgstac search --database "host=localhost dbname=stac" --filter "eo:cloud_cover < 20"

Providers by name: earth-search, planetary-computer, maxar, satellogic. Items are replaced by collection and id; a second fetch of the same
items writes nothing. Exit codes: 0 done, 2 the manifest is wrong, 7 catalogues failed (with --keep-going), 130 stopped.`;

/** `cube stac`: STAC items in a lake. */
export function stacCommand(): Command {
  const command = new Command('stac')
    .description('STAC items in a lake: fetch, export, load into pgstac')
    .addHelpText('after', EXAMPLES);
  for (const subcommand of [fetchCommand(), validateCommand(), exportCommand(), pgstacCommand()])
    command.addCommand(subcommand);
  return command;
}

function fetchCommand(): Command {
  return withSignOption(withLakeOptions(new Command('fetch'), 'lake, made where it is absent'))
    .description('bring items into the tables stac_items and item_h3')
    .argument('<from...>', 'manifests (JSON, YAML), providers, APIs, catalogues, items, .parquet, .ndjson')
    .option('--only <names>', 'catalogues of a manifest, with commas between them')
    .option('--sites', 'search only around the sites of the lake')
    .option('--buffer <metres>', 'around sites', Number)
    .option('--bbox <west,south,east,north>', 'search only there')
    .option('--collections <names>', 'with commas between them')
    .option('--datetime <interval>', 'such as 2024-06 or 2024-01-01/2024-06-30')
    .option('--cloud-cover <percent>', 'at most; items that do not say stay', Number)
    .option('--max-items <count>', 'of each place: the least cloudy', Number)
    .option('--filter <cql2>', 'CQL2 text or JSON; items that lack what it asks for stay')
    .option('--s2-levels <levels>', 'of S2 cells whose tokens go into the column s2_tokens, with commas between them')
    .option('--keep-going', 'go on without the catalogues that fail')
    .option('--json', 'print the report as JSON')
    .option('--quiet', 'no progress')
    .action(async (from, options) => (await import('./run-stac.js')).runStacFetch(from, options));
}

function validateCommand(): Command {
  return new Command('validate')
    .description('check a manifest of catalogues and tell every fault')
    .argument('<manifest>', 'JSON or YAML file')
    .option('--schema', 'print the JSON Schema of manifests, and do nothing else')
    .option('--json', 'print the faults as JSON')
    .action(async (manifest, options) => (await import('./run-stac.js')).runStacValidate(manifest, options));
}

function exportCommand(): Command {
  return withLakeOptions(new Command('export'))
    .description('write the items as stac-geoparquet 1.1.0 or NDJSON')
    .requiredOption('-o, --out <file>', 'a .parquet or .ndjson file')
    .option('--collections <names>', 'with commas between them')
    .option('--overwrite', 'replace the file that is there')
    .option('--json', 'print the report as JSON')
    .action(async (options) => (await import('./run-stac.js')).runStacExport(options));
}

function pgstacCommand(): Command {
  const load = withLakeOptions(new Command('load'))
    .description('put items of the lake, or items and collections of a file, into pgstac')
    .argument('[from]', 'NDJSON, .parquet, catalogue; in place of the lake')
    .option('--collections <names>', 'with commas between them')
    .action(async (from, options) => (await import('./run-pgstac.js')).runPgstacLoad(from, options));
  const search = new Command('search')
    .description('search pgstac')
    .option('--bbox <west,south,east,north>', 'a box')
    .option('--datetime <interval>', 'such as 2024-01-01/2024-06-30')
    .option('--collections <names>', 'with commas between them')
    .option('--ids <ids>', 'with commas between them')
    .option('--filter <cql2>', 'CQL2 text or JSON')
    .option('--limit <count>', 'most items', Number, 100)
    .option('--ndjson', 'print one item a line')
    .action(async (options) => (await import('./run-pgstac.js')).runPgstacSearch(options));
  const command = new Command('pgstac').description('a Postgres database with pgstac in it');
  for (const subcommand of [load, search]) {
    subcommand
      .requiredOption('--database <connection>', 'libpq connection string or URI; PGPASSWORD holds the password')
      .option('--json', 'print the result as JSON');
    command.addCommand(subcommand);
  }
  return command;
}
