import { formatProblem, isCubeError, type CubeError } from '../errors.js';
import { parseManifestText } from '../ingest/parse-manifest.js';
import { readManifestText } from '../ingest/read-manifest-text.js';
import { printError, printResult, type CommonOptions } from './output.js';

/** Options of the commands that check a manifest, as they were typed. */
export type ValidateOptions = CommonOptions & { readonly schema?: boolean };

/** What a manifest lists, and what is wrong with it. */
export type Checked = {
  readonly listed: readonly object[];
  readonly faults: readonly CubeError[];
  readonly warnings: readonly string[];
};

/** One kind of manifest: what it lists, under which key and in which words. */
export type ManifestKind = {
  readonly jsonSchema: () => object;
  readonly check: (data: unknown) => Checked | Promise<Checked>;
  readonly key: string;
  readonly words: string;
};

/** Tell every fault of a manifest, or print the schema of its kind. Never throws: the problem is printed and the exit code set. */
export async function validateManifest(kind: ManifestKind, path: string, options: ValidateOptions): Promise<void> {
  try {
    if (options.schema === true) {
      process.stdout.write(`${JSON.stringify(kind.jsonSchema(), null, 2)}\n`);
      return;
    }
    const { listed, faults, warnings } = await checkText(kind, await readManifestText(path));
    const problems = faults.map(({ problem }) => problem);
    printResult(options, { [kind.key]: listed, faults: problems, warnings }, () =>
      [
        `${listed.length} ${kind.words}, ${faults.length} faults`,
        ...problems.map((problem) => `fault   ${formatProblem(problem)}`),
        ...warnings.map((warning) => `warning ${warning}`),
      ].join('\n'),
    );
    if (faults.length > 0) process.exitCode = 2;
  } catch (error) {
    printError(options, error);
  }
}

/** A text that is no data at all is one fault. */
async function checkText(kind: ManifestKind, text: string): Promise<Checked> {
  try {
    return await kind.check(parseManifestText(text));
  } catch (error) {
    if (!isCubeError(error)) throw error;
    return { listed: [], faults: [error], warnings: [] };
  }
}
