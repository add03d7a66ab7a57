import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CubeError } from '../../errors.js';
import { isLocal, joinUrl, pathOfUrl } from '../../io/location.js';
import type { IcechunkRepository, IcechunkSession } from '../../native/icechunk/contract.js';
import { CHUNK_INLINE, type IcechunkRefs, type VirtualChecksum } from '../../native/icechunk/refs.js';
import type { IcechunkVersion } from '../../native/icechunk/types.js';
import type { ObjectGuard } from '../chunk-ref.js';
import type { Hierarchy } from '../zarr/hierarchy.js';
import { parseMetadataJson } from '../zarr/json.js';
import { joinPath } from '../zarr/node-url.js';
import { icechunkStorage } from './icechunk-place.js';
import type { PlacedReference } from './reference-columns.js';
import { referenceHierarchy } from './reference-hierarchy.js';

/** What is read where no version is named. */
const MAIN: IcechunkVersion = { branch: 'main' };

/** Groups and arrays of a repository are listed up to this many. */
const MAX_NODES = 100_000;

/**
 * Whether a folder is an Icechunk repository, by its files: of specification 2 (`repo`) or 1 (`refs` beside `snapshots`).
 * Elsewhere the name tells: it ends with `.icechunk`.
 */
export function isIcechunk(url: string): boolean {
  if (!isLocal(url)) return /\.icechunk\/?$/i.test(url);
  const has = (name: string) => existsSync(join(pathOfUrl(url), name));
  return has('snapshots') && (has('repo') || has('refs'));
}

/**
 * One version of an Icechunk repository as a Zarr hierarchy. Chunks of its own are ranges of its objects, virtual ones of the
 * files that they lie in, so that all are read as every other chunk is; what virtual chunks name is judged as named by the
 * repository. Errors: `missing-component` without the binding, `not-found` (repository, branch, tag, snapshot), `forbidden`,
 * `invalid-data`.
 */
export async function openIcechunkHierarchy(url: string, version: IcechunkVersion = MAIN): Promise<Hierarchy> {
  // Only Icechunk needs its binding.
  const { openIcechunk } = await import('../../native/icechunk.js');
  const repository = await openIcechunk(icechunkStorage(url));
  const session = await openSession(repository, version);
  return referenceHierarchy({
    url,
    documents: await readDocuments(session, url),
    locate: (location) => location,
    fill: async (node, columns) => columns.addAll(placed(await session.chunkRefs(node.path), url)),
  });
}

/** The repository's handle is needed no longer than until its version is known. */
async function openSession(repository: IcechunkRepository, version: IcechunkVersion): Promise<IcechunkSession> {
  try {
    return await repository.readonly(version);
  } finally {
    repository.close();
  }
}

/** The metadata of every group and array, level by level. */
async function readDocuments(session: IcechunkSession, url: string) {
  const documents = new Map<string, ReturnType<typeof parseMetadataJson>>();
  let paths: readonly string[] = [''];
  while (paths.length > 0) {
    const found = await Promise.all(paths.map((path) => readNode(session, path, url)));
    const next: string[] = [];
    for (const [i, json] of found.entries()) {
      if (json === null) continue;
      const path = paths[i]!;
      documents.set(joinPath(path, 'zarr.json'), json);
      if (json['node_type'] !== 'group') continue;
      const names = await session.listDir(path);
      next.push(...names.filter((name) => name !== 'zarr.json').map((name) => joinPath(path, name)));
    }
    if (documents.size + next.length > MAX_NODES) {
      throw new CubeError({ kind: 'unsupported', url, feature: `more than ${MAX_NODES} groups and arrays` });
    }
    paths = next;
  }
  return documents;
}

async function readNode(session: IcechunkSession, path: string, url: string) {
  const bytes = await session.get(joinPath(path, 'zarr.json'));
  return bytes === null ? null : parseMetadataJson(bytes, joinUrl(url, path));
}

function* placed(refs: IcechunkRefs, url: string): Generator<PlacedReference> {
  const { rank, count, indices, kinds, locations, checksums, location, offsets, lengths, inline } = refs;
  const own = locations.map((path) => (path.startsWith('chunks/') ? joinUrl(url, path) : path));
  const guards = checksums.map(guardOf);
  for (let i = 0; i < count; i++) {
    const index = Array.from(indices.subarray(i * rank, (i + 1) * rank));
    const at = location[i]!;
    const [offset, length] = [offsets[i]!, lengths[i]!];
    if (kinds[i] === CHUNK_INLINE) {
      yield { index, reference: { kind: 'bytes', bytes: inline.slice(offset, offset + length) } };
      continue;
    }
    const reference = { kind: 'range', url: own[at]!, offset, length } as const;
    const guard = guards[at] ?? null;
    yield { index, reference: guard === null ? reference : { ...reference, guard } };
  }
}

function guardOf(checksum: VirtualChecksum | null): ObjectGuard | null {
  if (checksum === null) return null;
  // Whole seconds, rounded up when it was written.
  if (checksum.kind === 'last-modified') return { notAfterMs: checksum.timeMs, etag: null };
  return { notAfterMs: null, etag: checksum.etag };
}
