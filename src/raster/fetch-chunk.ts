import { CubeError, isCubeError } from '../errors.js';
import { throwIfAborted } from '../io/abort.js';
import type { ByteSource, ObjectIdentity, ReadOptions, SourceFactory } from '../io/byte-source.js';
import { identityOf } from '../io/with-identity.js';
import { assertGuard, assertSame } from './assert-version.js';
import type { ChunkRef, RangeRef, ShardRef, WindowRef } from './chunk-ref.js';
import { readWindow } from './gdal/read-window.js';
import { partSource } from './part-source.js';
import { readShardChunk } from './shard.js';

/** What fetching a chunk takes. */
export type FetchChunkOptions = {
  /** The version of the file that the references are true of; null where chunks are objects of their own. */
  readonly identity: ObjectIdentity | null;
  readonly signal?: AbortSignal;
  /** Told which version of an object of its own (a Zarr chunk or shard) the bytes came from; null where it is absent. */
  readonly onObject?: OnObject;
};

type OnObject = (identity: ObjectIdentity | null) => void;

/**
 * The encoded bytes of one chunk, or null where it is missing: a sparse tile, an absent object, an empty shard entry.
 * The bytes may be a view of a cache; the caller must not change them. Errors: `changed` when the object is another
 * version than planned (E6), `invalid-data` when the range reaches past its end, and those of the source.
 */
export async function fetchChunk(
  ref: ChunkRef,
  sources: SourceFactory,
  { identity, signal, onObject = () => {} }: FetchChunkOptions,
): Promise<Uint8Array | null> {
  const options = signal === undefined ? {} : { signal };
  switch (ref.kind) {
    case 'missing':
      return null;
    case 'inline':
      return ref.bytes;
    case 'object':
      return readObject(sources.open(ref.url), options, onObject);
    case 'shard':
      return readInner(sources.open(ref.url), ref, signal, onObject);
    case 'window':
      return readFileWindow(sources.open(ref.url), ref, identity, signal);
    case 'range':
      return readRange(sources.open(ref.url), ref, ref.identity ?? identity, options);
  }
}

/** A part of an object is guarded by its reference, and no object of its own. */
function readInner(
  source: ByteSource,
  { part, index, layout }: ShardRef,
  signal: AbortSignal | undefined,
  onObject: OnObject,
): Promise<Uint8Array | null> {
  if (part === undefined) return readShardChunk(source, index, layout, { signal, onObject });
  return readShardChunk(partSource(source, part), index, layout, { signal });
}

async function readObject(source: ByteSource, options: ReadOptions, onObject: OnObject): Promise<Uint8Array | null> {
  try {
    const result = await source.read('all', options);
    onObject(identityOf(result));
    return result.bytes;
  } catch (error) {
    if (!isCubeError(error, 'not-found')) throw error;
    onObject(null);
    return null;
  }
}

/** Samples in the machine's byte order. The file is looked at before and after, since GDAL opens it by its name. */
async function readFileWindow(
  source: ByteSource,
  ref: WindowRef,
  identity: ObjectIdentity | null,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  throwIfAborted(signal);
  const { url } = source;
  if (source.lend === undefined)
    throw new CubeError({ kind: 'unsupported', url, feature: 'reading what is no local file by GDAL' });
  return source.lend(async (file) => {
    const expected = identity ?? file.identity;
    assertSame(url, expected, file.identity);
    const bytes = await readWindow(ref, expected);
    assertSame(url, expected, await file.check());
    throwIfAborted(signal);
    return bytes;
  });
}

async function readRange(
  source: ByteSource,
  { offset, length, guard }: RangeRef,
  identity: ObjectIdentity | null,
  options: ReadOptions,
): Promise<Uint8Array> {
  const result = await source.read({ offset, length }, options);
  if (identity !== null) assertSame(source.url, identity, result);
  if (guard !== undefined) assertGuard(source.url, guard, result);
  if (result.bytes.length === length) return result.bytes;
  const what = `chunk of ${length} bytes reaches past the end of the file (${result.size} bytes)`;
  throw new CubeError({ kind: 'invalid-data', url: source.url, offset, what });
}
