import { z } from 'zod';
import { isTree, type Tree } from '../../cube/apply-override.js';
import { explainIssue } from '../../cube/explain-issue.js';
import { nearestKey } from '../../cube/nearest-key.js';
import { specError } from '../../cube/spec-error.js';
import { isCubeError, type CubeError } from '../../errors.js';
import { parseCql2Text } from '../../stac/cql2/parse-text.js';
import { parseInterval } from '../../stac/interval.js';
import { stacSourceSchema, type StacSourceEntry } from './manifest-schema.js';

/** One catalogue of a manifest and its name there. */
export type StacManifestSource = StacSourceEntry & { readonly name: string };

/** A manifest of catalogues, checked. */
export type StacManifest = {
  /** In the manifest's order; those to be skipped too. */
  readonly sources: readonly StacManifestSource[];
  /** What is odd and no fault: keys that look like misspelt ones. */
  readonly warnings: readonly string[];
};

const manifestSchema = z.record(z.string(), stacSourceSchema);

/** Every fault of a manifest given as data, and what of it is sound. */
export function checkStacManifest(input: unknown): {
  readonly manifest: StacManifest;
  readonly faults: readonly CubeError[];
} {
  if (!isTree(input)) {
    const fault = specError('(manifest)', 'expected catalogues by their names', 'write NAME: { catalog_uri: … }');
    return { manifest: { sources: [], warnings: [] }, faults: [fault] };
  }
  const sources: StacManifestSource[] = [];
  const faults: CubeError[] = [];
  const warnings: string[] = [];
  for (const [name, entry] of Object.entries(input)) {
    const result = manifestSchema.safeParse({ [name]: entry }, { reportInput: true });
    if (result.success) {
      const source = { name, ...result.data[name]! };
      faults.push(...faultsOf(source));
      sources.push(source);
    } else faults.push(...result.error.issues.map((issue) => explainIssue(issue, manifestSchema)));
    if (isTree(entry)) warnings.push(...misspelt(name, entry));
  }
  return { manifest: { sources, warnings }, faults };
}

/** JSON Schema of a manifest of catalogues. */
export function stacManifestJsonSchema(): object {
  return z.toJSONSchema(manifestSchema, { io: 'input' });
}

/** Whether data is a manifest of catalogues, and no STAC document. */
export function isStacManifest(input: unknown): boolean {
  if (!isTree(input) || 'stac_version' in input || 'features' in input || typeof input['type'] === 'string')
    return false;
  const known = ['catalog_uri', 'parquet_uri', 'provider', 'catalog_type'];
  return Object.values(input).some((entry) => isTree(entry) && known.some((key) => key in entry));
}

/** Texts that have a grammar of their own. */
function faultsOf({ name, cql_filter: filter, search_parameters: search, bbox }: StacManifestSource): CubeError[] {
  const faults: CubeError[] = [];
  const attempt = (path: string, parse: () => unknown) => {
    try {
      parse();
    } catch (error) {
      if (!isCubeError(error)) throw error;
      const { problem } = error;
      faults.push(
        specError(`${name}.${path}`, 'what' in problem && problem.what !== undefined ? problem.what : error.message),
      );
    }
  };
  if (filter != null) attempt('cql_filter', () => parseCql2Text(filter));
  if (search?.date_range != null) attempt('search_parameters.date_range', () => parseInterval(search.date_range!));
  if (bbox != null && (bbox[1]! > bbox[3]! || bbox[1]! < -90 || bbox[3]! > 90)) {
    faults.push(specError(`${name}.bbox`, 'south and north are no latitudes in order'));
  }
  return faults;
}

function misspelt(name: string, entry: Tree): string[] {
  const known = Object.keys(stacSourceSchema.shape);
  return Object.keys(entry).flatMap((key) => {
    if (known.includes(key)) return [];
    const near = nearestKey(key, known);
    const isClose = near !== null && Math.abs(key.length - near.length) <= 2 && key[0] === near[0];
    return isClose ? [`${name}.${key}: unknown key, did you mean "${near}"?`] : [];
  });
}
