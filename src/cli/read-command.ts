import { Command } from 'commander';
import { withSignOption } from './with-sign-option.js';
import { withVersionOptions } from './version-options.js';

const EXAMPLES = `
Examples:
  cube read scene.tif -o scene.npy
  cube read scene.tif --window 1024,2048,512,512 --bands 1,3 -o chip.npy
  cube read cube.zarr --variable red -o red.npy
  cube read cube.nc --variable B04 -o B04.npy
  cube read cube.icechunk --variable red --as-of 2024-06-01 -o red.npy
  cube read https://example.com/scene.tif --level 2 -o overview.zarr

A GeoTIFF, and whatever --window or --bands cut out, comes as (bands, height, width), any other array in its own shape.
Types stay as they are stored; YCbCr becomes RGB. A file that is there already is replaced when the new one is whole.`;

/** `cube read`: samples as they are stored, into a file. */
export function readCommand(): Command {
  const command = new Command('read')
    .description('copy the samples of a raster, as stored, to .npy or .zarr')
    .argument('<href>', 'GeoTIFF, Zarr, Icechunk, kerchunk or NetCDF-4/HDF5, path or URL')
    .requiredOption('-o, --output <file>', 'FILE.npy or FILE.zarr')
    .option('--level <n>', 'resolution level, 0 is full')
    .option('--window <col,row,width,height>', 'pixels of that level')
    .option('--bands <list>', 'bands from 1 on, such as 1,2')
    .option('--variable <name>', 'array of a Zarr group or HDF5 file; GROUP.zarr/NAME names it too');
  return withSignOption(withVersionOptions(command))
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(async (href, options) => (await import('./run-read.js')).runRead(href, options));
}
