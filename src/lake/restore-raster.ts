import { z } from 'zod';
import { CubeError } from '../errors.js';
import type { Affine } from '../grid/affine.js';
import type { Crs } from '../grid/crs.js';
import { DATA_TYPES, storedBytes, type DataType } from '../grid/dtype.js';
import type { ObjectIdentity } from '../io/byte-source.js';
import type { ChunkRefs } from '../raster/chunk-ref.js';
import { chunkGrid, type PlaneAxes, type RasterLevel } from '../raster/level.js';
import type { Raster, RasterBand, RasterDimension } from '../raster/raster.js';
import { parsePlain } from './plain-json.js';
import type { LevelRow } from './reference-rows.js';
import { codecChain } from './stored-codecs.js';
import { levelIdOf, type RefLists } from './store-raster.js';

/** As in the readers of files: what is larger cannot be one unit of work. */
const MAX_CHUNK_BYTES = 2 ** 31;
/** References cost 16 bytes each. */
export const MAX_CHUNKS = 2 ** 24;
const MAX_RANK = 32;

const dtype = z.enum(DATA_TYPES as readonly [DataType, ...DataType[]]);
const place = z.int().min(0);
/** NaN and infinities too. */
const anyNumber = z.custom<number>((value) => typeof value === 'number', 'not a number');
const url = z.string();
const separator = z.enum(['/', '.']);
const keys = { base: url, prefix: z.string(), separator };
const identity = z.strictObject({ size: place, etag: z.string().nullable(), modifiedMs: z.int().exactOptional() });
const layout = z.strictObject({
  innerChunks: z.int().min(1).max(MAX_CHUNKS),
  indexLocation: z.enum(['start', 'end']),
  indexChecksum: z.boolean(),
});

const SCHEMAS = {
  driver: z.enum(['geotiff', 'zarr', 'kerchunk', 'icechunk', 'hdf5']) satisfies z.ZodType<Raster['driver']>,
  edge: z.enum(['padded', 'clipped']),
  axes: z.strictObject({ y: place, x: place, band: place.nullable() }).nullable() satisfies z.ZodType<PlaneAxes | null>,
  fill: z.union([anyNumber, z.bigint()]),
  bands: z.array(z.strictObject({ name: z.string().nullable(), dtype, unit: z.string().nullable() })),
  nodata: z.array(z.array(anyNumber)),
  dimensions: z.array(
    z.strictObject({ name: z.string(), size: place, timesMs: z.array(z.number()).nullable() }),
  ) satisfies z.ZodType<RasterDimension[]>,
  problems: z.array(z.string()),
  transform: z.array(anyNumber).length(6),
  refs: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('ranges'), url }),
    z.strictObject({ kind: z.literal('objects'), ...keys }),
    z.strictObject({ kind: z.literal('shards'), ...keys, shardShape: z.array(z.int().min(1)), layout }),
    z.strictObject({
      kind: z.literal('files'),
      files: z.array(z.strictObject({ url, identity: identity.nullable() })),
    }),
  ]),
};

/** References of a level without their lists. */
export type RefsRule = z.output<(typeof SCHEMAS)['refs']>;

/** The error of a row that does not hold together: somebody changed it, or another version of us wrote it. */
export function damagedRows(href: string, what: string): CubeError {
  return new CubeError({
    kind: 'lake',
    what: `the rows of ${href} in cube.levels and cube.refs are not what was stored: ${what}`,
    fix: 'scan it anew: `cube refs scan HREF --lake LAKE --again`',
  });
}

/** The rule of a row's references. Problem: `lake`. */
export function rulesOf(row: LevelRow): RefsRule {
  return parsed(row, 'refs', SCHEMAS.refs);
}

/**
 * The raster that rows of `levels` hold, with the lists of its references by `levelId`. Whatever the rows say is checked,
 * and that all of it is what was stored. Problem: `lake`.
 */
export function restoreRaster(rows: readonly LevelRow[], lists: ReadonlyMap<string, RefLists>): Raster {
  const href = rows[0]?.href ?? '';
  const levels = rows.filter(({ isMask }) => !isMask).sort((a, b) => a.level - b.level);
  const masks = new Map(rows.filter(({ isMask }) => isMask).map((row) => [row.level, row]));
  const [first] = levels;
  if (first === undefined || levels.some((row, number) => row.level !== number)) {
    throw damagedRows(href, `levels ${levels.map(({ level }) => level).join(', ')}`);
  }
  if (levels.length + masks.size !== rows.length || [...masks.keys()].some((number) => number >= levels.length)) {
    throw damagedRows(href, 'masks without their levels');
  }
  const restore = (row: LevelRow) => restoreLevel(row, lists.get(row.levelId) ?? null);
  return {
    url: href,
    driver: checked(first, 'driver', SCHEMAS.driver, first.driver),
    levels: levels.map(restore),
    masks: levels.map((_, number) => {
      const mask = masks.get(number);
      return mask === undefined ? null : restore(mask);
    }),
    bands: bandsOf(first),
    dimensions: parsed(first, 'dimensions', SCHEMAS.dimensions),
    problems: parsed(first, 'problems', SCHEMAS.problems),
  };
}

function bandsOf(row: LevelRow): RasterBand[] {
  const bands = parsed(row, 'bands', SCHEMAS.bands);
  const nodata = parsed(row, 'nodata', SCHEMAS.nodata);
  const { scale, offset } = row;
  if ([nodata, scale, offset].some((list) => list.length !== bands.length)) {
    throw damagedRows(row.href, `${bands.length} bands, ${nodata.length} times nodata`);
  }
  return bands.map((band, i) => ({ ...band, nodata: nodata[i]!, scale: scale[i]!, offset: offset[i]! }));
}

function restoreLevel(row: LevelRow, lists: RefLists | null): RasterLevel {
  const level: RasterLevel = {
    url: row.levelHref,
    identity: identityOf(row),
    dtype: checked(row, 'dtype', dtype, row.dtype),
    shape: row.shape,
    chunkShape: row.chunkShape,
    edge: checked(row, 'edge', SCHEMAS.edge, row.edge),
    codecs: parsed(row, 'codecs', codecChain),
    fill: parsed(row, 'fill', SCHEMAS.fill),
    axes: parsed(row, 'axes', SCHEMAS.axes),
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
  const [a, b, c, d, e, f] = checked(row, 'transform', SCHEMAS.transform, row.transform);
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

function parsed<T>(row: LevelRow, field: keyof LevelRow, schema: z.ZodType<T>): T {
  try {
    return checked(row, field, schema, parsePlain(String(row[field])));
  } catch (error) {
    if (error instanceof SyntaxError) throw damagedRows(row.href, `${field} is not JSON`);
    throw error;
  }
}

function checked<T>(row: LevelRow, field: keyof LevelRow, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw damagedRows(row.href, `${[field, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'wrong'}`);
}
