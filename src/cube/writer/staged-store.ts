import { prepareCodecs } from '../../codec/prepare.js';
import { CubeError } from '../../errors.js';
import { arrayJson, metadataBytes } from './array-json.js';
import { encodeWhole, objectKey } from './encode.js';
import { coordinateArray, type CubeLayout } from './layout.js';
import { ObjectFolder } from './object-folder.js';

/** What to do with a store, or an unfinished one, that is there already. `create`: nothing, it is an error. */
export type OpenMode = 'create' | 'resume' | 'overwrite';

/** The objects of a store under construction, in a folder that nobody reads. */
export class StagedStore extends ObjectFolder {
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

  /** Remove objects that the layout does not name: an earlier build's. */
  async removeUnnamed(layout: CubeLayout): Promise<void> {
    const names = new Set([...layout.arrays, ...layout.coordinates].map(({ name }) => name));
    for (const key of await this.listObjects()) {
      if (!names.has(key.split('/')[0]!)) await this.removeObject(key);
    }
  }
}

/** The problem of mode `create` where a store, or an unfinished one, is there. */
export function alreadyThere(path: string, what: 'finished' | 'unfinished'): CubeError {
  return new CubeError({
    kind: 'exists',
    path,
    what: what === 'finished' ? 'the output is there already' : 'an unfinished build is there',
    fix: 'pass --resume to go on with it or --overwrite to replace it',
  });
}
