import { CubeError } from '../../errors.js';
import { removeStaleTemporaries } from '../../io/write-file.js';
import { metadataBytes, rootJson } from './array-json.js';
import type { CubeOutput } from './cube-output.js';
import type { CubeLayout } from './layout.js';
import { ObjectFolder } from './object-folder.js';
import { alreadyThere, StagedStore, type OpenMode } from './staged-store.js';
import {
  exists,
  isReplaceable,
  makeFolder,
  recoverStore,
  removeFolder,
  stageCopy,
  storePlaces,
  swapIntoPlace,
  type StorePlaces,
} from './store-places.js';

/**
 * A Zarr v3 store under construction. It grows in a folder beside its place; `seal` writes the root metadata last and
 * moves the whole into place, so that readers see a whole cube or none. One process at a time may build a store; any
 * number of its threads may write objects, each key by one of them.
 */
export class ZarrStore extends StagedStore {
  readonly parent = null;
  readonly #places: StorePlaces;

  private constructor(places: StorePlaces) {
    super(places.staging);
    this.#places = places;
  }

  /**
   * Open the store at `path`. Mode `overwrite` starts anew and leaves the old store in place until `seal`; `resume` goes
   * on with an unfinished store, else with a copy of the finished one, else starts anew. Problem: `exists` for mode
   * `create` where a store or an unfinished one is there, and for whatever is no Zarr store.
   */
  static async open(path: string, mode: OpenMode): Promise<ZarrStore> {
    const places = storePlaces(path);
    await recoverStore(places);
    const present = await exists(places.target);
    const unfinished = await exists(places.staging);
    if (mode === 'create' && present) throw alreadyThere(places.target, 'finished');
    if (mode === 'create' && unfinished) throw alreadyThere(places.staging, 'unfinished');
    if (present && !(await isReplaceable(places.target))) {
      const what = 'something that is no Zarr store is there';
      throw new CubeError({
        kind: 'exists',
        path: places.target,
        what,
        fix: 'choose another path or remove it yourself',
      });
    }
    if (mode === 'overwrite') await removeFolder(places.staging);
    if (mode === 'resume' && unfinished) await removeStaleTemporaries(places.staging);
    else if (mode === 'resume' && present) await stageCopy(places);
    await makeFolder(places.staging);
    return new ZarrStore(places);
  }

  /** Where readers find the store once it is sealed. */
  get target(): string {
    return this.#places.target;
  }

  /**
   * Remove objects that the layout does not name (an earlier build's), write the consolidated root metadata, and move the
   * store into its place. Nothing may be written afterwards. A folder has no version to give.
   */
  async seal(layout: CubeLayout): Promise<null> {
    await this.removeUnnamed(layout);
    await this.writeObject('zarr.json', metadataBytes(rootJson(layout)));
    await swapIntoPlace(this.#places);
    return null;
  }

  /** A folder has no versions. */
  async assertParent(): Promise<void> {}

  /** Nothing is open between calls. */
  close(): void {}

  /** Give up an unfinished store. What is at the target stays. */
  async discard(): Promise<void> {
    await removeFolder(this.#places.staging);
  }
}

/** True where a sealed store is at `path`, after finishing what a crash left half done. */
export async function isStoreSealed(path: string): Promise<boolean> {
  const places = storePlaces(path);
  await recoverStore(places);
  return exists(`${places.target}/zarr.json`);
}

/** True where an unfinished store lies beside `path`. */
export async function isStoreUnfinished(path: string): Promise<boolean> {
  return exists(storePlaces(path).staging);
}

/** Zarr stores at a path, as an output of builds. */
export function zarrOutput(path: string): CubeOutput {
  return {
    find: async () => {
      const sealed = await isStoreSealed(path);
      const unfinished = await isStoreUnfinished(path);
      const { target, staging } = storePlaces(path);
      const folder = new ObjectFolder(unfinished ? staging : target);
      return { sealed, unfinished, sizeOf: (key) => folder.sizeOf(key) };
    },
    open: (mode) => ZarrStore.open(path, mode),
  };
}
