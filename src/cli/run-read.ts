import { readArray } from '../build/read-array.js';
import { CubeError } from '../errors.js';
import type { Window } from '../grid/affine.js';
import { resolveLocation } from '../io/location.js';
import type { SourceFactory } from '../io/byte-source.js';
import { createSources } from '../io/sources.js';
import { openNamedRaster } from '../raster/open-named.js';
import { counterLine } from './counter-line.js';
import { interruptible } from './interrupt.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { signOption } from './sign-option.js';
import type { SignOptions } from './with-sign-option.js';
import { parseVersion, type VersionOptions } from './version-options.js';

/** Options of `cube read`, as they were typed. */
export type ReadOptions = CommonOptions &
  VersionOptions &
  SignOptions & {
    readonly output: string;
    readonly level?: string;
    readonly window?: string;
    readonly bands?: string;
    readonly variable?: string;
  };

/** What `cube read` does. Never throws: the problem is printed and the exit code set. */
export async function runRead(href: string, options: ReadOptions): Promise<void> {
  const progress = counterLine('reading', { quiet: options.quiet === true });
  let sources: SourceFactory | null = null;
  try {
    const opened = (sources = createSources(signOption(options)));
    const selection = parseSelection(options);
    const version = parseVersion(options);
    const url = resolveLocation(href, `${process.cwd()}/`);
    const result = await interruptible('nothing is left behind', async (signal) => {
      const raster = await openNamedRaster(opened, url, { variable: options.variable, version, signal });
      return readArray(opened, raster, options.output, { ...selection, signal, onProgress: progress.report });
    });
    progress.clear();
    const { output } = options;
    printResult(options, { output, ...result }, () => `${output}: ${result.shape.join('×')} ${result.dtype}`);
  } catch (error) {
    progress.clear();
    printError(options, error);
  } finally {
    await sources?.close();
  }
}

function parseSelection({ level, window, bands }: ReadOptions) {
  return {
    ...(level === undefined ? {} : { level: wholeNumbers(level, '--level', 1)[0]! }),
    ...(window === undefined ? {} : { window: parseWindow(window) }),
    ...(bands === undefined ? {} : { bands: wholeNumbers(bands, '--bands').map((band) => band - 1) }),
  };
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
