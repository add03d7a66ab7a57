import { Command } from 'commander';
import { withLakeOptions } from './with-lake-options.js';

const EXAMPLES = `
Examples:
  cube search --lake lake.ducklake --site 4f1c… --cloud-cover 20 --covers
  cube search --lake lake.ducklake --cell 841e15dffffffff --datetime 2024-06
  cube search --lake lake.ducklake --label roofs.gpkg --collections sentinel-2-l2a --ndjson
  cube search --lake lake.ducklake --filter "eo:cloud_cover < 20 AND platform = 'sentinel-2a'"

One place at most: --cell, --s2-cell, --site, --label, --bbox or --intersects. Items come newest first. With --cloud-cover items that do not say stay; a filter
leaves out what lacks the property that it asks for. Exit codes: 0 done (also where nothing matches), 2 usage, 3 no items or no such site.`;

/** `cube search`: STAC items of a lake. */
export function searchCommand(): Command {
  return withLakeOptions(new Command('search'))
    .description('search the STAC items of a lake by place, time, cloud cover and CQL2')
    .option('--cell <h3...>', 'H3 cells: items that touch any')
    .option('--s2-cell <token...>', 'tokens of S2 cells: items that touch any')
    .option('--site <uid...>', 'sites of the lake: items that touch any')
    .option('--label <file>', 'label file: items that touch any label')
    .option('--bbox <west,south,east,north>', 'west > east crosses the antimeridian')
    .option('--intersects <geojson>', 'GeoJSON text, or a file that holds it')
    .option('--covers', 'the footprint covers a whole site, label, cell or geometry')
    .option('--datetime <interval>', 'such as 2024-06 or 2024-01-01/2024-06-30')
    .option('--cloud-cover <percent>', 'at most', Number)
    .option('--collections <names>', 'with commas between them')
    .option('--ids <ids>', 'with commas between them')
    .option('--filter <cql2>', 'CQL2 text or JSON')
    .option('--limit <count>', 'most items to print', Number, 100)
    .option('--json', 'print a GeoJSON feature collection')
    .option('--ndjson', 'print one item a line')
    .addHelpText('after', EXAMPLES)
    .action(async (options) => (await import('./run-search.js')).runSearch(options));
}
