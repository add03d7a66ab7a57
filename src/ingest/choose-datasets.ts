import { dirname, resolve } from 'node:path';
import { CubeError } from '../errors.js';
import type { IngestInput } from './ingest-report.js';
import { checkManifest, parseManifest, type Manifest, type ManifestDataset } from './parse-manifest.js';
import { readManifestText } from './read-manifest-text.js';

/** Read a manifest, whole or not at all. */
export async function readManifest({ manifest, folder }: Pick<IngestInput, 'manifest' | 'folder'>): Promise<{
  readonly manifest: Manifest;
  readonly folder: string;
}> {
  if (typeof manifest !== 'string') {
    const checked = checkManifest(manifest);
    if (checked.faults.length > 0) throw checked.faults[0]!;
    return { manifest: checked.manifest, folder: resolve(folder ?? '.') };
  }
  const path = resolve(manifest);
  const text = await readManifestText(path);
  return { manifest: parseManifest(text), folder: dirname(path) };
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
