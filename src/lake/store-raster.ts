import { createHash } from 'node:crypto';
import { CubeError, redactUrl } from '../errors.js';
import { formatCrs } from '../grid/crs-definition.js';
import { isLocal } from '../io/location.js';
import type { ChunkRefs } from '../raster/chunk-ref.js';
import type { RasterLevel } from '../raster/level.js';
import type { Raster } from '../raster/raster.js';
import { levelIdOf, type RefLists } from './level-id.js';
import { formatPlain } from './plain-json.js';
import type { LevelRow, RefsRow, StoredRaster } from './reference-rows.js';

/** A raster that was opened, and who named it. */
export type ScannedRaster = {
  readonly raster: Raster;
  /** The URL that it is looked up by (`RasterName`): of an array in a store, the store's. */
  readonly href: string;
  readonly variable: string | null;
  readonly itemId: string | null;
  readonly band: string | null;
  /** Milliseconds UTC. */
  readonly scannedAt: number;
};

/** Chunks of one row of `refs`: enough that rows cost nothing, few enough that a batch of rows fits in memory. */
export const BLOCK_CHUNKS = 4096;

/**
 * A raster as rows of `levels` and `refs`. Problems: `unsupported` by name for references that are no ranges and no rule,
 * and for URLs that are more than a place.
 */
export function storeRaster(scanned: ScannedRaster): StoredRaster {
  const { levels, masks } = scanned.raster;
  const stored = levels.flatMap((level, number) => {
    const mask = masks[number] ?? null;
    const own = storeLevel(scanned, level, { number, isMask: false });
    return mask === null ? [own] : [own, storeLevel(scanned, mask, { number, isMask: true })];
  });
  return { levels: stored.map(({ row }) => row), refs: stored.flatMap(({ refs }) => refs) };
}

type Place = { readonly number: number; readonly isMask: boolean };

function storeLevel(
  { raster, ...named }: ScannedRaster,
  level: RasterLevel,
  { number, isMask }: Place,
): { row: LevelRow; refs: RefsRow[] } {
  const { identity, dtype, codecs, shape, chunkShape, edge } = level;
  const lists = listsOf(level.refs);
  const row: Omit<LevelRow, 'levelId'> = {
    ...named,
    href: plainUrl(named.href),
    size: identity?.size ?? null,
    etag: identity?.etag ?? null,
    modifiedMs: identity?.modifiedMs ?? null,
    driver: raster.driver,
    level: number,
    isMask,
    levelHref: plainUrl(level.url),
    shape,
    chunkShape,
    edge,
    axes: formatPlain(level.axes),
    dtype,
    codecs: formatPlain(codecs),
    codecFingerprint: fingerprintOf(level),
    fill: formatPlain(level.fill),
    bands: formatPlain(raster.bands.map(({ name, dtype: type, unit }) => ({ name, dtype: type, unit }))),
    nodata: formatPlain(raster.bands.map(({ nodata }) => nodata)),
    scale: raster.bands.map(({ scale }) => scale),
    offset: raster.bands.map(({ offset }) => offset),
    crs: level.crs === null ? null : formatCrs(level.crs),
    transform: level.transform,
    dimensions: formatPlain(raster.dimensions),
    problems: formatPlain(raster.problems),
    refs: formatPlain(ruleOf(level.refs, level.url)),
    chunks: lists?.lengths.length ?? 0,
  };
  const levelId = levelIdOf(row, lists);
  return { row: { levelId, ...row }, refs: lists === null ? [] : blocksOf(levelId, lists) };
}

function fingerprintOf({ dtype, codecs, chunkShape, edge }: RasterLevel): string {
  const text = formatPlain([dtype, codecs, chunkShape, edge]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function listsOf(refs: ChunkRefs): RefLists | null {
  if (refs.kind === 'ranges') return { offsets: refs.offsets, lengths: refs.lengths, files: null };
  return refs.kind === 'files' ? { offsets: refs.offsets, lengths: refs.lengths, files: refs.file } : null;
}

/** The references without their lists. */
function ruleOf(refs: ChunkRefs, url: string): unknown {
  switch (refs.kind) {
    case 'ranges':
      return { kind: 'ranges', url: plainUrl(refs.url) };
    case 'objects':
    case 'shards':
      return { ...refs, base: plainUrl(refs.base) };
    case 'files':
      return { kind: 'files', files: refs.files.map((file) => ({ ...file, url: plainUrl(file.url) })) };
    case 'windows': {
      const feature = `references to windows that GDAL reads (${refs.source.driver}): they have no byte ranges`;
      throw new CubeError({
        kind: 'unsupported',
        url,
        feature,
        fix: 'build from the file itself, or convert it to a COG',
      });
    }
    case 'shard-refs':
    case 'list':
      throw new CubeError({ kind: 'unsupported', url, feature: 'a list of references of several kinds in a lake' });
  }
}

function blocksOf(levelId: string, { offsets, lengths, files }: RefLists): RefsRow[] {
  return Array.from({ length: Math.ceil(lengths.length / BLOCK_CHUNKS) }, (_, block) => {
    const [from, to] = [block * BLOCK_CHUNKS, (block + 1) * BLOCK_CHUNKS];
    return {
      levelId,
      firstChunk: from,
      offsets: offsets.subarray(from, to),
      lengths: lengths.subarray(from, to),
      files: files?.subarray(from, to) ?? null,
    };
  });
}

/** A signature or a password is never stored, and without it the URL is no place to read. */
function plainUrl(url: string): string {
  if (isLocal(url) || redactUrl(url) === url) return url;
  const feature = 'a URL with a query, fragment or user info in a lake of references';
  throw new CubeError({ kind: 'unsupported', url, feature, fix: 'give the plain URL, and credentials or a sign hook' });
}
