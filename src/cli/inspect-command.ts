import { Command } from 'commander';
import { withSignOption } from './with-sign-option.js';
import { withVersionOptions } from './version-options.js';

const EXAMPLES = `
Examples:
  cube inspect scene.tif
  cube inspect item.json --json
  cube inspect cube.zarr
  cube inspect cube.zarr --variable red
  cube inspect cube.zarr/red
  cube inspect cube.nc --variable B04
  cube inspect cube.icechunk --tag v1

Of a Zarr group or a NetCDF-4 or HDF5 file every raster variable is shown.`;

/** `cube inspect`: what is in a raster, or in every raster of a STAC item. */
export function inspectCommand(): Command {
  const command = new Command('inspect')
    .description('show levels, tiles, codecs, CRS, transform and problems of a raster or of a STAC item')
    .argument('<href>', 'GeoTIFF, Zarr, Icechunk, kerchunk, NetCDF-4/HDF5 or STAC item; path or URL')
    .option('--variable <name>', 'one array of a Zarr group or HDF5 file; GROUP.zarr/NAME names it too');
  return withSignOption(withVersionOptions(command))
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (href, options) => (await import('./run-inspect.js')).runInspect(href, options));
}
