import { z } from 'zod';
import { isTree, type Tree } from '../cube/apply-override.js';
import { explainIssue } from '../cube/explain-issue.js';
import { nearestKey } from '../cube/nearest-key.js';
import { parseYaml } from '../cube/parse-yaml.js';
import { specError } from '../cube/spec-error.js';
import type { CubeError } from '../errors.js';
import { entryFaults, entryWarnings } from './check-entry.js';
import { datasetSchema, type ManifestEntry } from './manifest-schema.js';

/** One data set of a manifest and its name there. */
export type ManifestDataset = ManifestEntry & { readonly name: string };

/** A manifest, checked. */
export type Manifest = {
  /** In the manifest's order; those to be skipped too. */
  readonly datasets: readonly ManifestDataset[];
  /** What is odd and no fault: keys that look like misspelt ones. */
  readonly warnings: readonly string[];
};

const manifestSchema = z.record(z.string(), datasetSchema);

/**
 * Check the text of a manifest (JSON or YAML): data sets by name, as published manifests have them, or below the key `datasets`.
 * Problem: `invalid-spec`, the first fault.
 */
export function parseManifest(text: string): Manifest {
  const { manifest, faults } = checkManifest(parseManifestText(text));
  if (faults.length > 0) throw faults[0]!;
  return manifest;
}

/** The data of a manifest's text. Published manifests in JSON have keys twice, which JSON allows (the last one counts) and YAML does not. */
export function parseManifestText(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return parseYaml(text, '(manifest)');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return parseYaml(text, '(manifest)');
  }
}

/** Every fault of a manifest given as data but those of `where`, and what of it is sound. */
export function checkManifest(input: unknown): { readonly manifest: Manifest; readonly faults: readonly CubeError[] } {
  const entries = entriesOf(input);
  if (entries === null) {
    const fault = specError('(manifest)', 'expected data sets by their names', 'write NAME: { doi: …, repo: … }');
    return { manifest: { datasets: [], warnings: [] }, faults: [fault] };
  }
  const datasets: ManifestDataset[] = [];
  const faults: CubeError[] = [];
  const warnings: string[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    if (!/^[\w.-]{1,100}$/.test(name))
      faults.push(specError(name, 'expected a name of letters, digits and _ . - only'));
    const result = manifestSchema.safeParse({ [name]: entry }, { reportInput: true });
    if (result.success) {
      const dataset = { name, ...result.data[name]! };
      datasets.push(dataset);
      faults.push(...entryFaults(name, dataset));
      warnings.push(...entryWarnings(name, dataset));
    } else faults.push(...result.error.issues.map((issue) => explainIssue(issue, manifestSchema)));
    if (isTree(entry)) warnings.push(...misspelt(name, entry));
  }
  return { manifest: { datasets, warnings }, faults };
}

/** JSON Schema of a manifest. */
export function manifestJsonSchema(): object {
  return z.toJSONSchema(manifestSchema, { io: 'input' });
}

function entriesOf(input: unknown): Tree | null {
  if (!isTree(input)) return null;
  const { datasets } = input;
  return isTree(datasets) && !('doi' in datasets) ? datasets : input;
}

/** Unknown keys are legal in published manifests; one that nearly is a known one is a slip. */
function misspelt(name: string, entry: Tree): string[] {
  const known = Object.keys(datasetSchema.shape);
  return Object.keys(entry).flatMap((key) => {
    if (known.includes(key) || PUBLISHED.has(key)) return [];
    const near = nearestKey(key, known);
    return near !== null && isClose(key, near) ? [`${name}.${key}: unknown key, did you mean "${near}"?`] : [];
  });
}

/** Fields of published manifests that nothing here needs. */
const PUBLISHED: ReadonlySet<string> = new Set([
  'has_imgs',
  'paper_doi',
  'paper_title',
  'manual_uncompress',
  'compressed_archives',
  'file_count',
  'dataset_doi',
  'data_records_descr',
  'model_arch',
  'chip_sizes',
]);

function isClose(key: string, near: string): boolean {
  return Math.abs(key.length - near.length) <= 2 && key[0]?.toLowerCase() === near[0];
}
