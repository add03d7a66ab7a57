import { Command } from 'commander';
import { readArray } from '../build/read-array.js';
import { CubeError } from '../errors.js';
import type { Window } from '../grid/affine.js';
import { resolveLocation } from '../io/location.js';
import { createSources } from '../io/sources.js';
import { openRaster } from '../raster/open.js';
import { printError, printResult, type CommonOptions } from './output.js';

type Options = CommonOptions & {
  readonly output: string;
  readonly level?: string;
  readonly window?: string;
  readonly bands?: string;
  readonly variable?: string;
};

const EXAMPLES = `
Examples:
  cube read scene.tif -o scene.npy
  cube read scene.tif --window 1024,2048,512,512 --bands 1,3 -o chip.npy
  cube read cube.zarr --variable red -o red.npy
  cube read https://example.com/scene.tif --level 2 -o overview.zarr`;

/** `cube read`: samples as they are stored, into a file. */
export function readCommand(): Command {
  return new Command('read')
    .description('copy the samples of a raster, as stored, to .npy or .zarr')
    .argument('<href>', 'GeoTIFF or Zarr, path or URL')
    .requiredOption('-o, --output <file>', 'FILE.npy or FILE.zarr')
    .option('--level <n>', 'resolution level, 0 is full')
    .option('--window <col,row,width,height>', 'pixels of that level')
    .option('--bands <list>', 'bands from 1 on, such as 1,2')
    .option('--variable <name>', 'array of a Zarr group')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLES)
    .action(runRead);
}

async function runRead(href: string, options: Options): Promise<void> {
  const sources = createSources();
  try {
    const url = resolveLocation(href, `${process.cwd()}/`);
    const raster = await openRaster(sources, url, options.variable === undefined ? {} : { variable: options.variable });
    const result = await readArray(sources, raster, options.output, {
      ...(options.level === undefined ? {} : { level: wholeNumbers(options.level, '--level', 1)[0]! }),
      ...(options.window === undefined ? {} : { window: parseWindow(options.window) }),
      ...(options.bands === undefined ? {} : { bands: wholeNumbers(options.bands, '--bands').map((band) => band - 1) }),
    });
    printResult(
      options,
      { output: options.output, ...result },
      () => `${options.output}: ${result.shape.join('×')} ${result.dtype}`,
    );
  } catch (error) {
    printError(options, error);
  } finally {
    await sources.close();
  }
}

function parseWindow(text: string): Window {
  const [col, row, width, height] = wholeNumbers(text, '--window', 4) as [number, number, number, number];
  return { col, row, width, height };
}

function wholeNumbers(text: string, option: string, count?: number): number[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.every((part) => /^\d{1,9}$/.test(part)) && (count === undefined || parts.length === count))
    return parts.map(Number);
  const wanted = count === undefined ? 'whole numbers' : `${count} whole number${count === 1 ? '' : 's'}`;
  throw new CubeError({
    kind: 'invalid-argument',
    what: `${option} "${text}": expected ${wanted}, separated by commas`,
  });
}
