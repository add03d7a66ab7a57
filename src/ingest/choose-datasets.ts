import { dirname, resolve } from 'node:path';
import { CubeError } from '../errors.js';
import type { IngestInput } from './ingest-report.js';
import { checkManifest, parseManifestText, type Manifest, type ManifestDataset } from './parse-manifest.js';
import { whereFaults } from './check-where.js';
import { readManifestText } from './read-manifest-text.js';

/** Read a manifest, whole or not at all. */
export async function readManifest({ manifest, folder }: Pick<IngestInput, 'manifest' | 'folder'>): Promise<{
  readonly manifest: Manifest;
  readonly folder: string;
}> {
  if (typeof manifest !== 'string') return { manifest: await checked(manifest), folder: resolve(folder ?? '.') };
  const path = resolve(manifest);
  return { manifest: await checked(parseManifestText(await readManifestText(path))), folder: dirname(path) };
}

async function checked(input: unknown): Promise<Manifest> {
  const { manifest, faults } = checkManifest(input);
  const fault = faults[0] ?? (await whereFaults(manifest))[0];
  if (fault !== undefined) throw fault;
  return manifest;
}

/** The data sets of a manifest, or those that are named. Problem: `invalid-argument` for a name that it does not have. */
export function chooseDatasets({ datasets }: Manifest, only: readonly string[] | undefined): ManifestDataset[] {
  if (only === undefined) return [...datasets];
  const absent = only.filter((name) => !datasets.some((one) => one.name === name));
  if (absent.length > 0) {
    const what = `no data set ${absent.join(', ')} in the manifest`;
    throw new CubeError({
      kind: 'invalid-argument',
      what,
      fix: `one of: ${datasets.map(({ name }) => name).join(', ')}`,
    });
  }
  return datasets.filter(({ name }) => only.includes(name));
}
