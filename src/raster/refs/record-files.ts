import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CubeError, isCubeError } from '../../errors.js';
import type { SourceFactory } from '../../io/byte-source.js';
import { isLocal, joinUrl, pathOfUrl } from '../../io/location.js';
import { runLanes } from '../../io/run-lanes.js';
import { codeOf } from '../../io/system-error.js';

/** A local file with the rows of `record`. */
export type RecordFile = { readonly path: string; readonly record: number };

/** Where the files are: below `url`, at most `limit` of them. */
export type RecordPlace = { readonly url: string; readonly limit: number; readonly signal?: AbortSignal | undefined };

/** Requests under way; the origin's limit may take fewer. */
const LANES = 16;
/** Of a remote folder, which cannot be listed: each is a request, whatever its metadata claims. */
const MOST_REMOTE = 100_000;

/**
 * Use the `refs.N.parq` of an array, in the order of N. Those of a remote folder are copied into a temporary one, which is
 * gone afterwards; one that is not there holds missing chunks. Errors: `io`, `unsupported` for too many, those of the sources.
 */
export async function withRecordFiles<T>(
  sources: SourceFactory,
  place: RecordPlace,
  use: (files: readonly RecordFile[]) => Promise<T>,
): Promise<T> {
  if (isLocal(place.url)) return use(await listFiles(pathOfUrl(place.url), place.limit));
  const folder = await mkdtemp(join(tmpdir(), 'heliocube-refs-'));
  try {
    return await use(await copyFiles(sources, place, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyFiles(
  sources: SourceFactory,
  { url, limit, signal }: RecordPlace,
  folder: string,
): Promise<RecordFile[]> {
  if (limit > MOST_REMOTE) {
    const feature = `kerchunk Parquet of ${limit} files an array that is not local`;
    throw new CubeError({ kind: 'unsupported', url, feature, fix: 'copy the folder, or write larger records' });
  }
  const files: RecordFile[] = [];
  const copy = async (record: number, either: AbortSignal) => {
    const name = `refs.${record}.parq`;
    try {
      const { bytes } = await sources.open(joinUrl(url, name)).read('all', { signal: either });
      await writeFile(join(folder, name), bytes);
      files.push({ path: join(folder, name), record });
    } catch (error) {
      if (!isCubeError(error, 'not-found')) throw error;
    }
  };
  await runLanes(
    Array.from({ length: limit }, (_, record) => record),
    LANES,
    copy,
    signal,
  );
  return files.sort((a, b) => a.record - b.record);
}

async function listFiles(folder: string, limit: number): Promise<RecordFile[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const code = codeOf(error) ?? 'EIO';
    // An array without any chunk needs no folder.
    if (code === 'ENOENT') return [];
    throw new CubeError({ kind: 'io', path: folder, code, what: 'the folder cannot be listed' }, { cause: error });
  }
  return names
    .flatMap((name) => {
      const record = /^refs\.(\d{1,9})\.parq$/.exec(name)?.[1];
      return record === undefined ? [] : [{ path: join(folder, name), record: Number(record) }];
    })
    .filter(({ record }) => record < limit)
    .sort((a, b) => a.record - b.record);
}
