import { mkdir } from 'node:fs/promises';
import { prepareCodecs } from '../../codec/prepare.js';
import { CubeError } from '../../errors.js';
import { removeStaleTemporaries } from '../../io/write-file.js';
import { arrayJson, metadataBytes, rootJson } from './array-json.js';
import { encodeWhole, objectKey } from './encode.js';
import { coordinateArray, type CubeLayout } from './layout.js';
import { ObjectFolder } from './object-folder.js';
import {
  exists,
  isReplaceable,
  recoverStore,
  removeFolder,
  stageCopy,
  storePlaces,
  swapIntoPlace,
  type StorePlaces,
} from './store-places.js';

/** What to do with a store, or an unfinished one, that is there already. `create`: nothing, it is an error. */
export type OpenMode = 'create' | 'resume' | 'overwrite';

/**
 * A Zarr v3 store under construction. It grows in a folder beside its place; `seal` writes the root metadata last and
 * moves the whole into place, so that readers see a whole cube or none. One process at a time may build a store; any
 * number of its threads may write objects, each key by one of them.
 */
export class ZarrStore extends ObjectFolder {
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
    if (mode === 'create' && (present || unfinished)) throw alreadyThere(places, present);
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

  /** `zarr.json` of every array; of the coordinates too. */
  async writeArrays(layout: CubeLayout): Promise<void> {
    for (const array of [...layout.arrays, ...layout.coordinates.map(coordinateArray)]) {
      await this.writeObject(`${array.name}/zarr.json`, metadataBytes(arrayJson(array)));
    }
  }

  /** The values of the coordinates, each in one chunk. */
  async writeCoordinates(layout: CubeLayout): Promise<void> {
    await prepareCodecs(layout.coordinates.map((coordinate) => coordinateArray(coordinate).codec));
    for (const coordinate of layout.coordinates) {
      const array = coordinateArray(coordinate);
      const key = objectKey(array, array.dimensions.length === 0 ? [] : [0]);
      await this.writeObject(key, encodeWhole(array, coordinate.values));
    }
  }

  /**
   * Remove objects that the layout does not name (an earlier build's), write the consolidated root metadata, and move the
   * store into its place. Nothing may be written afterwards.
   */
  async seal(layout: CubeLayout): Promise<void> {
    const names = new Set([...layout.arrays, ...layout.coordinates].map(({ name }) => name));
    for (const key of await this.listObjects()) {
      if (!names.has(key.split('/')[0]!)) await this.removeObject(key);
    }
    await this.writeObject('zarr.json', metadataBytes(rootJson(layout)));
    await swapIntoPlace(this.#places);
  }

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

function alreadyThere({ target, staging }: StorePlaces, present: boolean): CubeError {
  return new CubeError({
    kind: 'exists',
    path: present ? target : staging,
    what: present ? 'the output is there already' : 'an unfinished build is there',
    fix: 'pass --resume to go on with it or --overwrite to replace it',
  });
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
    throw new CubeError({ kind: 'io', path, code, what: 'the folder cannot be made' }, { cause: error });
  }
}
