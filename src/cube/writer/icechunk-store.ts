import { CubeError, isCubeError } from '../../errors.js';
import { removeStaleTemporaries } from '../../io/write-file.js';
import { icechunkExists, openIcechunk, openOrCreateIcechunk } from '../../native/icechunk.js';
import type { IcechunkRepository, IcechunkSession } from '../../native/icechunk/contract.js';
import { CHUNK_VIRTUAL } from '../../native/icechunk/refs.js';
import type { IcechunkStorage, SnapshotInfo } from '../../native/icechunk/types.js';
import { icechunkStorage } from '../../raster/refs/icechunk-place.js';
import { addContainers, containersOf } from '../virtual/containers.js';
import { metadataBytes, groupJson } from './array-json.js';
import type { CubeOutput, FoundCube, SealedRun } from './cube-output.js';
import { BRANCH, headOf, isEmpty, removeTree, withSession } from './icechunk-branch.js';
import type { CubeLayout } from './layout.js';
import { moveObjects } from './move-objects.js';
import { setReferences } from './set-references.js';
import { isObjectKey, ObjectFolder } from './object-folder.js';
import { alreadyThere, StagedStore, type OpenMode } from './staged-store.js';
import { exists, makeFolder, moveFolder, removeFolder, storePlaces } from './store-places.js';

/** Where a repository is, and the local path that the folder of its staged objects is named after. */
export type IcechunkPlaces = {
  /** A folder or an s3: URL. */
  readonly repository: string;
  readonly work: string;
};

type StoreParts = { readonly repository: IcechunkRepository; readonly staging: string; readonly parent: string };

/**
 * A cube on its way into an Icechunk repository. Its objects grow in a local folder as those of a Zarr store do; `seal`
 * sets all of them in one session, whose only owner is the calling thread, and commits. Earlier versions stay in the
 * history of the branch.
 */
export class IcechunkStore extends StagedStore {
  /** The newest snapshot of the branch when the store was opened. */
  readonly parent: string;
  readonly #repository: IcechunkRepository;

  private constructor({ repository, staging, parent }: StoreParts) {
    super(staging);
    this.parent = parent;
    this.#repository = repository;
  }

  /**
   * Open or make the repository. Mode `resume` goes on with staged objects, else with a copy of snapshot `version`, else
   * starts anew. Problems: `exists` for mode `create` where the branch holds anything or objects are staged, and where the
   * folder is no repository; `missing-component` without the binding.
   */
  static async open(places: IcechunkPlaces, mode: OpenMode, version: string | null): Promise<IcechunkStore> {
    const { staging, copying } = storePlaces(places.work);
    await removeFolder(copying);
    const unfinished = await exists(staging);
    if (mode === 'create' && unfinished) throw alreadyThere(staging, 'unfinished');
    const repository = await openOrCreateIcechunk(icechunkStorage(places.repository));
    if (mode === 'create' && !(await withSession(repository.readonly({ branch: BRANCH }), isEmpty))) {
      repository.close();
      throw alreadyThere(places.repository, 'finished');
    }
    if (mode === 'overwrite') await removeFolder(staging);
    if (mode === 'resume' && unfinished) await removeStaleTemporaries(staging);
    else if (mode === 'resume' && version !== null) await stageVersion(repository, version, places.work);
    await makeFolder(staging);
    return new IcechunkStore({ repository, staging, parent: (await headOf(repository)).id });
  }

  async assertParent(run: Pick<SealedRun, 'runId' | 'parent'>): Promise<void> {
    const head = await headOf(this.#repository);
    if (head.id === run.parent || isOwn(head, run)) return;
    if (await withSession(this.#repository.readonly({ branch: BRANCH }), isEmpty)) return;
    const what = `the branch ${BRANCH} has a version that was made since this build began: ${head.id} (${head.message})`;
    const fix = 'pass --overwrite to put a version after it, or choose another place';
    throw new CubeError({ kind: 'conflict', what, fix });
  }

  /**
   * Set all staged objects and references in one session and commit it. A run whose commit is there already, because it was
   * interrupted behind it, is not committed again. The staged objects stay until `discard`. Problem: `conflict` where another
   * commit came first.
   */
  async seal(layout: CubeLayout, run: SealedRun): Promise<string> {
    await this.removeUnnamed(layout);
    await this.writeObject('zarr.json', metadataBytes(groupJson(layout)));
    const head = await headOf(this.#repository);
    if (isOwn(head, run) && head.metadata['content_hash'] === run.contentHash) return head.id;
    await this.assertParent(run);
    await addContainers(this.#repository, containersOf(run.references.map(({ url }) => url)));
    return withSession(this.#repository.writable(BRANCH), (session) => this.#commit(session, run));
  }

  discard(): Promise<void> {
    return removeFolder(this.path);
  }

  close(): void {
    this.#repository.close();
  }

  async #commit(session: IcechunkSession, run: SealedRun) {
    const { runId, name, planHash, codeVersion, contentHash } = run;
    await removeTree(session);
    await moveObjects(this, session);
    await setReferences(session, run.references);
    const metadata = { run_id: runId, name, plan_hash: planHash, content_hash: contentHash, code_version: codeVersion };
    return session.commit({ message: `build ${name}, run ${runId}, plan ${planHash}, ${codeVersion}`, metadata });
  }
}

/** Icechunk repositories as an output of builds. */
export function icechunkOutput(places: IcechunkPlaces): CubeOutput {
  return {
    find: (version) => findCube(places, version),
    open: (mode, version) => IcechunkStore.open(places, mode, version),
  };
}

async function findCube(places: IcechunkPlaces, version: string | null): Promise<FoundCube> {
  const { staging } = storePlaces(places.work);
  const unfinished = await exists(staging);
  const stored = await storedSizes(icechunkStorage(places.repository), version, unfinished);
  const folder = new ObjectFolder(staging);
  return {
    sealed: stored !== null,
    unfinished,
    sizeOf: async (key) => (unfinished ? folder.sizeOf(key) : (stored?.get(key) ?? null)),
  };
}

/** Bytes of the chunks of a version, by key; null where it holds nothing or is not there. They are not asked for where objects are staged. */
async function storedSizes(
  storage: IcechunkStorage,
  version: string | null,
  staged: boolean,
): Promise<ReadonlyMap<string, number> | null> {
  if (!(await icechunkExists(storage))) return null;
  const repository = await openIcechunk(storage);
  try {
    const session = await openVersion(repository, version);
    if (session === null) return null;
    return await withSession(Promise.resolve(session), async (open) => {
      if (await isEmpty(open)) return null;
      return staged || version === null ? new Map() : await chunkSizes(open);
    });
  } finally {
    repository.close();
  }
}

/** Of references too. */
async function chunkSizes(session: IcechunkSession): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { key, length } of chunksOf(session)) sizes.set(key, length);
  return sizes;
}

/** Keys of the chunks that are ranges of other files. */
async function referenceKeys(session: IcechunkSession): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const { key, kind } of chunksOf(session)) if (kind === CHUNK_VIRTUAL) keys.add(key);
  return keys;
}

async function* chunksOf(session: IcechunkSession): AsyncGenerator<{ key: string; kind: number; length: number }> {
  for (const name of await session.listDir('')) {
    if (name === 'zarr.json') continue;
    const { rank, count, indices, kinds, lengths } = await session.chunkRefs(name);
    for (let i = 0; i < count; i++) {
      const key = [name, 'c', ...indices.subarray(i * rank, (i + 1) * rank)].join('/');
      yield { key, kind: kinds[i]!, length: lengths[i]! };
    }
  }
}

/** Put the objects of a version into the staging folder, without its references; nothing where the version is gone. */
async function stageVersion(repository: IcechunkRepository, version: string, work: string): Promise<void> {
  const session = await openVersion(repository, version);
  if (session === null) return;
  const { copying, staging } = storePlaces(work);
  const folder = new ObjectFolder(copying);
  await makeFolder(copying);
  await withSession(Promise.resolve(session), async (open) => {
    const elsewhere = await referenceKeys(open);
    for (const key of await open.list('')) {
      const bytes = isObjectKey(key) && !elsewhere.has(key) ? await open.get(key) : null;
      if (bytes !== null) await folder.stageObject(key, bytes);
    }
  });
  await moveFolder(copying, staging);
}

/** Null where the snapshot is not there any more; without a snapshot the newest of the branch. */
async function openVersion(repository: IcechunkRepository, version: string | null): Promise<IcechunkSession | null> {
  try {
    return await repository.readonly(version === null ? { branch: BRANCH } : { snapshot: version });
  } catch (error) {
    if (isCubeError(error, 'not-found')) return null;
    throw error;
  }
}

function isOwn(head: SnapshotInfo, { runId }: Pick<SealedRun, 'runId'>): boolean {
  return head.metadata['run_id'] === runId;
}
