import { buildReferences, type ReferencesSummary } from '../build/build-references.js';
import { progressLine } from '../build/progress-line.js';
import { interruptible } from './interrupt.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { signOption } from './sign-option.js';
import type { SignOptions } from './with-sign-option.js';

/** Options of `cube refs build`, as they were typed. */
export type RefsBuildOptions = CommonOptions &
  SignOptions & {
    readonly kerchunk?: string;
    readonly zarr?: string;
    readonly icechunk?: string;
    readonly set: readonly string[];
    readonly overwrite?: boolean;
    readonly allowIncomplete?: boolean;
  };

/** What `cube refs build` does. Never throws: the problem is printed and the exit code set. */
export async function runRefsBuild(spec: string, options: RefsBuildOptions): Promise<void> {
  const progress = progressLine(options.quiet === true);
  const { kerchunk, zarr, icechunk, set, overwrite = false, allowIncomplete = false } = options;
  const places = {
    ...(kerchunk === undefined ? {} : { kerchunk }),
    ...(zarr === undefined ? {} : { zarr }),
    ...(icechunk === undefined ? {} : { icechunk }),
  };
  try {
    const sources = signOption(options);
    const summary = await interruptible('nothing was written', (signal) =>
      buildReferences({ spec, set, overwrite, allowIncomplete, progress, sources, signal, ...places }),
    );
    progress.done();
    printResult(options, summary, () => describe(summary));
  } catch (error) {
    progress.done();
    printError(options, error);
  }
}

function describe(summary: ReferencesSummary): string {
  const lines = summary.outputs.map((output) => `store   ${output}`);
  if (summary.snapshot !== null) lines.push(`commit  ${summary.snapshot}`);
  lines.push(`items   ${summary.items} (${summary.dropped} not used), ${summary.references} references`);
  for (const { path, times, arrays } of summary.groups) {
    if (arrays.length === 0) continue;
    lines.push(`group   ${path === '' ? '/' : `/${path}`}, ${times} time steps`);
    for (const { name, shape, chunkShape, dtype, codecs } of arrays) {
      lines.push(`array   ${name}: ${dtype} ${shape.join('×')}, chunks ${chunkShape.join('×')}, ${codecs.join(' → ')}`);
    }
  }
  for (const { item, band, property, what } of summary.refused) {
    lines.push(`REFUSED ${item}, ${band}: ${property}: ${what}`);
  }
  if (summary.ignored.length > 0) lines.push(`ignored ${summary.ignored.join(', ')} (references are whole arrays)`);
  for (const note of summary.notes) lines.push(`note    ${note}`);
  for (const warning of summary.warnings) lines.push(`warning ${warning}`);
  return lines.join('\n');
}
