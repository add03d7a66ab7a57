import { Command } from 'commander';
import { withLakeOptions } from './with-lake-options.js';

const EXAMPLES = `
Examples:
  cube enrich --lake lake.ducklake
  cube enrich --lake lake.ducklake --borders ne_10m_admin_0_countries.shp

Without --borders the maps of the packages world-atlas and us-atlas are taken, which need no network. A table whose sites, sources and
rules have not changed is not written again.
Exit codes: 0 done, 2 a wrong option, 3 no sites, 130 stopped; others as those of cube build.`;

/** `cube enrich`: what is known of the places of a lake's sites. */
export function enrichCommand(): Command {
  return withLakeOptions(new Command('enrich'), 'lake with sites')
    .description('say of every site of a lake in which country and region it lies')
    .option('--borders <files>', 'Natural Earth, TopoJSON or another file of borders; several with commas between them')
    .option(
      '--nearest <metres>',
      'a site that touches no unit is given to the nearest one within this (default: 10000)',
    )
    .option('--again', 'write what has not changed, too')
    .option('--no-models', 'leave the SQL models (raw to curated) as they are')
    .option('--json', 'print the report as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(async (options) => (await import('./run-enrich.js')).runEnrich(options));
}
