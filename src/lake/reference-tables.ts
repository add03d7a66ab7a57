import { flag, json, manyWholes, reals, text, time, whole, wholes } from './column.js';
import type { LevelRow, RefsRow } from './reference-rows.js';
import type { Table } from './tables.js';

/** `run_id` is that of the commit. Rows of one catalogue lie together. */
export const LEVELS: Table<LevelRow> = {
  name: 'levels',
  comment: 'One row is one resolution of a raster that was scanned, or its mask; run_id is that of the commit',
  sortedBy: ['href', 'variable', 'is_mask', 'level'],
  columns: [
    text('level_id', (row) => row.levelId),
    time('scanned_at', (row) => row.scannedAt),
    text('href', (row) => row.href),
    text('variable', (row) => row.variable),
    text('item_id', (row) => row.itemId),
    text('band', (row) => row.band),
    whole('size', 'BIGINT', (row) => row.size),
    text('etag', (row) => row.etag),
    time('last_modified', (row) => row.modifiedMs),
    text('driver', (row) => row.driver),
    whole('level', 'INTEGER', (row) => row.level),
    flag('is_mask', (row) => row.isMask),
    text('level_href', (row) => row.levelHref),
    wholes('shape', (row) => row.shape),
    wholes('chunk_shape', (row) => row.chunkShape),
    text('edge', (row) => row.edge),
    json('axes', (row) => row.axes),
    text('dtype', (row) => row.dtype),
    json('codecs', (row) => row.codecs),
    text('codec_fingerprint', (row) => row.codecFingerprint),
    json('fill', (row) => row.fill),
    json('bands', (row) => row.bands),
    json('nodata', (row) => row.nodata),
    reals('scale', (row) => row.scale),
    reals('offset', (row) => row.offset),
    text('crs', (row) => row.crs),
    reals('transform', (row) => row.transform),
    json('dimensions', (row) => row.dimensions),
    json('problems', (row) => row.problems),
    json('refs', (row) => row.refs),
    whole('chunks', 'BIGINT', (row) => row.chunks),
  ],
};

/** Lists instead of a row a chunk: a level is one row, and unnest() gives the chunks. */
export const REFS: Table<RefsRow> = {
  name: 'refs',
  comment: 'One row is where up to 4096 chunks of a level are, in C order from first_chunk on; length 0: missing',
  sortedBy: ['level_id', 'first_chunk'],
  columns: [
    text('level_id', (row) => row.levelId),
    whole('first_chunk', 'BIGINT', (row) => row.firstChunk),
    manyWholes('offsets', (row) => row.offsets),
    manyWholes('lengths', (row) => row.lengths),
    manyWholes('files', (row) => row.files),
  ],
};
