import { storedBytes } from '../grid/dtype.js';
import { headLength } from './head-length.js';
import type { StoredLevel } from './level.js';
import { lastSample, rowsFirst, rowsOf, type LocatedTile } from './tile-reading.js';

/** Bytes from a tile's start that most likely hold what its parts take; null where all of them should be read. */
export function chunkHead(level: StoredLevel, { tile, ref, storage }: LocatedTile): number | null {
  const shape = rowsFirst(level, storage.layout.shape);
  if (ref.kind !== 'range' || level.axes === null || shape === null) return null;
  const height = shape[0]!;
  const rowBytes = shape.slice(1).reduce((product, size) => product * size, storedBytes(level.dtype));
  const filled = Math.min(height, level.shape[level.axes.y]! - tile.index[level.axes.y]! * height);
  return headLength(level.codecs, ref.length, {
    needed: rowsOf(shape, lastSample(tile.parts)) * rowBytes,
    filled: filled * rowBytes,
    total: height * rowBytes,
  });
}
