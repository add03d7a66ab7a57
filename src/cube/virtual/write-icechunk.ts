import { CubeError } from '../../errors.js';
import { unflatten } from '../../grid/flat-index.js';
import { openOrCreateIcechunk } from '../../native/icechunk.js';
import type { IcechunkSession } from '../../native/icechunk/contract.js';
import type { VirtualRefs } from '../../native/icechunk/refs.js';
import type { CommitMetadata } from '../../native/icechunk/types.js';
import { chunkGrid } from '../../raster/level.js';
import { icechunkStorage } from '../../raster/refs/icechunk-place.js';
import { joinPath } from '../../raster/zarr/node-url.js';
import { groupJson, metadataBytes } from '../writer/array-json.js';
import { BRANCH, isEmpty, removeTree, withSession } from '../writer/icechunk-branch.js';
import { checksumOf } from './checksum-of.js';
import { addContainers, containersOf } from './containers.js';
import type { FileRefs, VirtualArray, VirtualGroup, VirtualStore } from './virtual-store.js';
import { coordinateObjects, prepareCoordinates, virtualArrayJson } from './zarr-metadata.js';

/** How a dataset of references is committed. */
export type WriteIcechunkOptions = {
  /** Replace what the branch holds; the earlier versions stay in its history. */
  readonly overwrite: boolean;
  readonly message: string;
  readonly metadata: CommitMetadata;
};

/**
 * Commit a dataset of references to an Icechunk repository, which is made where it is not there: one commit, all or nothing.
 * Gives the id of the snapshot. Problems: `exists` where the branch holds something already, `missing-component` without the
 * binding, `conflict` where another commit came first.
 */
export async function writeIcechunk(
  store: Pick<VirtualStore, 'groups'>,
  place: string,
  { overwrite, message, metadata }: WriteIcechunkOptions,
): Promise<string> {
  const containers = containersOf(fileUrls(store));
  const repository = await openOrCreateIcechunk(icechunkStorage(place), { containers });
  try {
    await addContainers(repository, containers);
    return await withSession(repository.writable(BRANCH), async (session) => {
      await clear(session, place, overwrite);
      await prepareCoordinates(store.groups);
      for (const group of store.groups) await writeGroup(session, group);
      return session.commit({ message, metadata });
    });
  } finally {
    repository.close();
  }
}

function* fileUrls({ groups }: Pick<VirtualStore, 'groups'>): Generator<string> {
  for (const { arrays } of groups) for (const { refs } of arrays) for (const { url } of refs.files) yield url;
}

async function clear(session: IcechunkSession, place: string, overwrite: boolean): Promise<void> {
  if (await isEmpty(session)) return;
  if (!overwrite) {
    const what = `the branch ${BRANCH} of the repository holds something already`;
    const fix = 'pass --overwrite to replace it in a new version, or choose another place';
    throw new CubeError({ kind: 'exists', path: place, what, fix });
  }
  await removeTree(session);
}

async function writeGroup(session: IcechunkSession, group: VirtualGroup): Promise<void> {
  await session.set(joinPath(group.path, 'zarr.json'), metadataBytes(groupJson(group)));
  for (const coordinate of group.coordinates) {
    for (const { key, bytes } of coordinateObjects(coordinate)) await session.set(joinPath(group.path, key), bytes);
  }
  for (const array of group.arrays) {
    const path = joinPath(group.path, array.name);
    await session.set(`${path}/zarr.json`, metadataBytes(virtualArrayJson(array)));
    await session.setVirtualRefs(path, virtualRefs(array));
  }
}

/** Missing chunks have no reference: Icechunk refuses empty ones. */
function virtualRefs(array: VirtualArray): VirtualRefs {
  const { refs } = array;
  const grid = chunkGrid(array);
  const count = refs.file.reduce((sum, file) => sum + (file === 0 ? 0 : 1), 0);
  const rows = {
    indices: new Uint32Array(count * grid.length),
    location: new Uint32Array(count),
    offsets: new Float64Array(count),
    lengths: new Float64Array(count),
  };
  fillRows(rows, refs, grid);
  return { ...rows, locations: refs.files.map(({ url }) => url), checksums: refs.files.map(checksumOf) };
}

type Rows = Pick<VirtualRefs, 'indices' | 'location' | 'offsets' | 'lengths'>;

function fillRows(rows: Rows, refs: FileRefs, grid: readonly number[]): void {
  let row = 0;
  for (let i = 0; i < refs.file.length; i++) {
    if (refs.file[i] === 0) continue;
    rows.indices.set(unflatten(i, grid), row * grid.length);
    rows.location[row] = refs.file[i]! - 1;
    rows.offsets[row] = refs.offsets[i]!;
    rows.lengths[row] = refs.lengths[i]!;
    row++;
  }
}
