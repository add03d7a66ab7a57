import type { Affine } from '../grid/affine.js';
import type { Crs } from '../grid/crs.js';
import { storedBytes } from '../grid/dtype.js';
import type { ObjectIdentity } from '../io/byte-source.js';
import type { ChunkRefs } from '../raster/chunk-ref.js';
import { chunkGrid, type RasterLevel } from '../raster/level.js';
import type { LevelRow } from './reference-rows.js';
import { levelIdOf, type RefLists } from './level-id.js';
import { checked, damagedRows, parsed, PARTS, rulesOf, type RefsRule } from './stored-parts.js';

/** As in the readers of files: what is larger cannot be one unit of work. */
const MAX_CHUNK_BYTES = 2 ** 31;
const MAX_RANK = 32;

/** The level that a row and the lists of its references hold; checked, and equal to what was stored. Problem: `lake`. */
export function restoreLevel(row: LevelRow, lists: RefLists | null): RasterLevel {
  const level: RasterLevel = {
    url: row.levelHref,
    identity: identityOf(row),
    dtype: checked(row, 'dtype', PARTS.dtype, row.dtype),
    shape: row.shape,
    chunkShape: row.chunkShape,
    edge: checked(row, 'edge', PARTS.edge, row.edge),
    codecs: parsed(row, 'codecs', PARTS.codecs),
    fill: parsed(row, 'fill', PARTS.fill),
    axes: parsed(row, 'axes', PARTS.axes),
    crs: crsOf(row.crs),
    transform: transformOf(row),
    refs: refsOf(row, lists),
  };
  assertGeometry(row, level);
  if (levelIdOf(row, lists) !== row.levelId) throw damagedRows(row.href, `level ${row.level} has another hash`);
  return level;
}

function identityOf({ size, etag, modifiedMs }: LevelRow): ObjectIdentity | null {
  return size === null ? null : { size, etag, ...(modifiedMs === null ? {} : { modifiedMs }) };
}

function crsOf(text: string | null): Crs | null {
  if (text === null) return null;
  const code = /^EPSG:(\d{1,9})$/.exec(text)?.[1];
  return code === undefined ? { kind: 'wkt2', text } : { kind: 'epsg', code: Number(code) };
}

function transformOf(row: LevelRow): Affine | null {
  if (row.transform === null) return null;
  const [a, b, c, d, e, f] = checked(row, 'transform', PARTS.transform, row.transform);
  return [a!, b!, c!, d!, e!, f!];
}

function refsOf(row: LevelRow, lists: RefLists | null): ChunkRefs {
  const rule = rulesOf(row);
  if (rule.kind === 'objects') return rule;
  if (rule.kind === 'shards') {
    const whole = rule.shardShape.every((size, d) => size % (row.chunkShape[d] ?? 0) === 0);
    if (rule.shardShape.length !== row.shape.length || !whole) throw damagedRows(row.href, 'shards of broken chunks');
    return rule;
  }
  if (lists === null) throw damagedRows(row.href, `level ${row.level} has no references`);
  assertLists(row, lists, rule);
  const { offsets, lengths, files } = lists;
  if (rule.kind === 'ranges') return { ...rule, offsets, lengths };
  return { kind: 'files', files: rule.files, file: files ?? new Uint32Array(0), offsets, lengths };
}

/** Every chunk has its place inside its file. */
function assertLists(row: LevelRow, { offsets, lengths, files }: RefLists, rule: RefsRule): void {
  const count = chunkGrid(row).reduce((product, size) => product * size, 1);
  if (count !== lengths.length || count !== offsets.length || count !== row.chunks) {
    throw damagedRows(row.href, `${lengths.length} references to the ${count} chunks of level ${row.level}`);
  }
  const known = rule.kind === 'files' ? rule.files.length : 0;
  if ((files === null) !== (rule.kind === 'ranges')) throw damagedRows(row.href, 'references without their files');
  const end = rule.kind === 'ranges' ? (row.size ?? Number.MAX_SAFE_INTEGER) : Number.MAX_SAFE_INTEGER;
  for (let i = 0; i < count; i++) {
    const [offset, length] = [offsets[i]!, lengths[i]!];
    const sound = isPlace(offset) && isPlace(length) && (length === 0 || offset + length <= end);
    if (!sound || (files !== null && files[i]! > known)) {
      throw damagedRows(row.href, `chunk ${i} of level ${row.level} lies at ${offset}, ${length} bytes long`);
    }
  }
}

function isPlace(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function assertGeometry(row: LevelRow, { shape, chunkShape, axes, dtype: type }: RasterLevel): void {
  const fail = (what: string) => damagedRows(row.href, what);
  if (shape.length > MAX_RANK || shape.length !== chunkShape.length) throw fail(`shape ${shape.join(' × ')}`);
  const bytes = chunkShape.reduce((product, size) => product * size, storedBytes(type));
  if (bytes > MAX_CHUNK_BYTES) throw fail(`chunks of ${bytes} bytes`);
  if (axes === null) return;
  const used = [axes.y, axes.x, ...(axes.band === null ? [] : [axes.band])];
  if (new Set(used).size !== used.length || used.some((d) => d >= shape.length)) throw fail(`axes ${used.join(', ')}`);
}
