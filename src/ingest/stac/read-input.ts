import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CubeError } from '../../errors.js';
import { isLocal, pathOfUrl } from '../../io/location.js';
import { parseManifestText } from '../parse-manifest.js';
import { checkStacManifest, isStacManifest, type StacManifest } from './parse-manifest.js';
import { findProvider } from './providers.js';
import { sourceOfEntry, sourceOfHref, type SourceOverrides, type StacSource } from './source.js';

/** What names catalogues, and what is said for all of them. */
export type StacInput = SourceOverrides & {
  readonly from: string | object | readonly (string | object)[];
  readonly folder?: string;
  readonly only?: readonly string[];
};

/** Larger local JSON is a catalogue's, never a manifest. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

/** The catalogues that a fetch reads, in order. Problems: `invalid-spec` for a manifest, `invalid-argument` for names that it lacks. */
export async function readStacInput(
  input: StacInput,
): Promise<{ readonly sources: readonly StacSource[]; readonly warnings: readonly string[] }> {
  const folder = resolve(input.folder ?? '.');
  const overrides = overridesOf(input);
  const sources: StacSource[] = [];
  const warnings: string[] = [];
  for (const one of Array.isArray(input.from) ? input.from : [input.from]) {
    const found = typeof one === 'string' ? await readManifest(one, folder) : { manifest: checked(one), folder };
    if (found === null) sources.push(sourceOfHref(String(one), folder, overrides));
    else {
      sources.push(...found.manifest.sources.map((entry) => sourceOfEntry(entry, found.folder, overrides)));
      warnings.push(...found.manifest.warnings);
    }
  }
  return { sources: chosen(sources, input.only), warnings };
}

function chosen(sources: readonly StacSource[], only: readonly string[] | undefined): readonly StacSource[] {
  if (only === undefined) return sources;
  const absent = only.filter((name) => !sources.some((one) => one.name === name));
  if (absent.length > 0) {
    const fix = `one of: ${sources.map(({ name }) => name).join(', ')}`;
    throw new CubeError({ kind: 'invalid-argument', what: `no catalogue ${absent.join(', ')}`, fix });
  }
  return sources
    .filter(({ name }) => only.includes(name))
    .map((one) => (one.skipped === 'the manifest skips it' ? { ...one, skipped: null } : one));
}

/** A manifest and the folder of its relative paths, or null where the text names a catalogue itself. */
async function readManifest(
  named: string,
  folder: string,
): Promise<{ readonly manifest: StacManifest; readonly folder: string } | null> {
  if (findProvider(named) !== null || !isLocal(named) || !/\.(json|ya?ml)$/i.test(named)) return null;
  const path = named.startsWith('file:') ? pathOfUrl(named) : resolve(folder, named);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new CubeError({ kind: 'not-found', url: path }, { cause: error });
    throw new CubeError({ kind: 'io', path, code: error.code ?? 'EIO', what: 'cannot be read' }, { cause: error });
  });
  if (bytes.length > MAX_MANIFEST_BYTES) return null;
  const data = parseManifestText(bytes.toString('utf8'));
  const isYaml = /\.ya?ml$/i.test(named);
  return isYaml || isStacManifest(data) ? { manifest: checked(data), folder: dirname(path) } : null;
}

function checked(data: unknown): StacManifest {
  const { manifest, faults } = checkStacManifest(data);
  if (faults.length > 0) throw faults[0]!;
  return manifest;
}

function overridesOf({
  collections,
  datetime,
  maxCloudCover,
  bufferM,
  maxItems,
  filter,
  bbox,
}: StacInput): SourceOverrides {
  return {
    ...(collections === undefined ? {} : { collections }),
    ...(datetime === undefined ? {} : { datetime }),
    ...(maxCloudCover === undefined ? {} : { maxCloudCover }),
    ...(bufferM === undefined ? {} : { bufferM }),
    ...(maxItems === undefined ? {} : { maxItems }),
    ...(filter === undefined ? {} : { filter }),
    ...(bbox === undefined ? {} : { bbox }),
  };
}
