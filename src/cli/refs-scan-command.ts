import { Command } from 'commander';
import { withSignOption } from './with-sign-option.js';
import { withLakeOptions } from './with-lake-options.js';

const EXAMPLES = `
Examples:
  cube refs scan catalog.json --lake lake.ducklake --bands red,nir,scl
  cube refs scan https://example.com/v1 --lake lake.ducklake --collections sentinel-2-l2a --datetime 2023-08
  cube refs scan scene.tif other.tif --lake sqlite:lake.sqlite
  cube build austria.yaml --out out/austria --refs lake.ducklake

What is in the lake and has not changed is skipped, so that a scan which was stopped goes on.
Exit codes: 0 done, 7 rasters could not be read (those that no reader knows are told, and do not count), 130 stopped.`;

/** `cube refs scan`: headers of rasters into a lake. */
export function refsScanCommand(): Command {
  const command = new Command('scan')
    .description('read the headers of rasters and keep their levels and references in a lake')
    .argument('<href...>', 'rasters or STAC documents and API roots, paths or URLs');
  return withSignOption(withLakeOptions(command, 'lake, made where it is absent'))
    .option('--bands <list>', 'bands of STAC items, as in a specification (default: every raster)')
    .option('--collections <list>', 'collections of STAC items')
    .option('--datetime <interval>', 'RFC 3339 instant or interval of STAC items, open ends with ..')
    .option('--bbox <west,south,east,north>', 'degrees')
    .option('--limit <n>', 'at most so many STAC items of each document')
    .option('--variable <name>', 'array of the Zarr groups that are named')
    .option('--again', 'open every raster, known or not, and replace what is stored of it')
    .option('--concurrency <n>', 'headers read at a time (default: 128)')
    .option('--json', 'print the report as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(async (hrefs, options) => (await import('./run-refs-scan.js')).runRefsScan(hrefs, options));
}
