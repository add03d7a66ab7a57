import { createHash } from 'node:crypto';
import type { LevelRow, RefsRow } from './reference-rows.js';

/** Offset, length and file of every chunk of a level; `files` is null where one file has all. */
export type RefLists = Pick<RefsRow, 'offsets' | 'lengths' | 'files'>;

/** Fields that the id of a level depends on, in this order. */
const HASHED: Readonly<Record<Exclude<keyof LevelRow, 'levelId' | 'scannedAt' | 'itemId' | 'band'>, true>> = {
  href: true,
  variable: true,
  size: true,
  etag: true,
  modifiedMs: true,
  driver: true,
  level: true,
  isMask: true,
  levelHref: true,
  shape: true,
  chunkShape: true,
  edge: true,
  axes: true,
  dtype: true,
  codecs: true,
  codecFingerprint: true,
  fill: true,
  bands: true,
  nodata: true,
  scale: true,
  offset: true,
  crs: true,
  transform: true,
  dimensions: true,
  problems: true,
  refs: true,
  chunks: true,
};
const HASHED_FIELDS = Object.keys(HASHED) as (keyof typeof HASHED)[];

/** The `level_id` that belongs to the rest of a row and to the lists of its references. */
export function levelIdOf(row: Omit<LevelRow, 'levelId'>, lists: RefLists | null): string {
  const values = HASHED_FIELDS.map((field) => {
    const value = row[field];
    return typeof value === 'object' && value !== null ? value.join(' ') : value;
  });
  // One text and the bytes of the lists (little endian machines): many small pieces take longer than all the rest.
  const hash = createHash('sha256').update(JSON.stringify(values));
  for (const list of [lists?.offsets, lists?.lengths, lists?.files]) if (list) hash.update(list);
  return hash.digest('hex').slice(0, 32);
}
