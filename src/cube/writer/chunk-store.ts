import type { ChunkStore } from '../store-plane.js';
import type { ArrayLayout } from './layout.js';
import { ObjectFolder } from './object-folder.js';

/**
 * The store under construction as a worker sees it. `path` is the staging folder; nothing is opened or kept. Nobody reads
 * there before the store is sealed, and a receipt is written only behind the object: it need not appear at once.
 */
export function openChunkStore(path: string, arrays: readonly ArrayLayout[]): ChunkStore {
  const folder = new ObjectFolder(path);
  return {
    arrays: new Map(arrays.map((array) => [array.name, array])),
    writeObject: (key, bytes) => folder.stageObject(key, bytes),
    removeObject: (key) => folder.removeObject(key),
  };
}
