import { CubeError } from '../../errors.js';
import { abortedError } from '../../io/abort.js';
import { originOf } from '../../io/access.js';
import { runLanes } from '../../io/run-lanes.js';
import { removeStaleTemporaries } from '../../io/write-file.js';
import type { CacheEntry } from './cache-entry.js';
import type { CachePlace } from './cache-place.js';
import { DownloadClient } from './download-client.js';
import { downloadFile, type Downloaded, type Wanted } from './download.js';
import type { FetchOptions } from './fetch-options.js';
import type { FetchRequest, LeftOut, RemoteFile } from './remote-file.js';
import { hostsOf } from './resolve-record.js';
import { tooLong } from './select-files.js';

/** A file and its entry in the cache. */
export type Entered = { readonly file: RemoteFile; readonly entry: CacheEntry };

/** What downloads take. */
export type DownloadInput = {
  readonly place: CachePlace;
  readonly request: FetchRequest;
  readonly options: FetchOptions;
  readonly maxBytes: number;
};

/** Have files in the cache, some at a time; both lists are in the order of `taken`. Problems: those of `downloadFile`. */
export async function downloadFiles(
  taken: readonly Wanted[],
  { place, request, options, maxBytes }: DownloadInput,
): Promise<{ readonly entered: readonly Entered[]; readonly leftOut: readonly LeftOut[] }> {
  const { concurrency = 4, force = false, offline = false, retries = {}, signal } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new CubeError({ kind: 'invalid-argument', what: `concurrency ${concurrency} is no whole number from 1 on` });
  }
  const client = offline ? null : clientOf(request, options, concurrency);
  const shared = { place, client, force, maxBytes, retries, onBytes: counterOf(taken, options) };
  const results = new Map<Wanted, Downloaded>();
  try {
    await removeStaleTemporaries(place.index, { recursive: false });
    const use = async (wanted: Wanted, lane: AbortSignal) => {
      results.set(wanted, await downloadFile(wanted, { ...shared, signal: lane }));
    };
    await runLanes(taken, concurrency, use, signal);
  } catch (error) {
    throw signal?.aborted === true && !(error instanceof CubeError) ? abortedError(signal) : error;
  } finally {
    await client?.close();
  }
  const entered: Entered[] = [];
  const leftOut: LeftOut[] = [];
  for (const wanted of taken) {
    const { file } = wanted;
    const result = results.get(wanted)!;
    if (result.kind === 'entry') entered.push({ file, entry: result.entry });
    else leftOut.push({ name: file.name, reason: tooLong(result.size, maxBytes) });
  }
  return { entered, leftOut };
}

function counterOf(taken: readonly Wanted[], { onProgress }: FetchOptions): (bytes: number) => void {
  const sizes = taken.map(({ file }) => file.size);
  const totalBytes = sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  let doneBytes = 0;
  return (bytes) => {
    doneBytes += bytes;
    onProgress?.({ doneBytes, totalBytes });
  };
}

function clientOf(request: FetchRequest, options: FetchOptions, maxRequests: number): DownloadClient {
  const { allowedOrigins = [], headers = {} } = options;
  const headersOrigin = originOf(request.api ?? hostsOf(request).root);
  const trustedOrigins = new Set([headersOrigin, ...allowedOrigins]);
  return new DownloadClient({ trustedOrigins, headers, headersOrigin, maxRequests });
}
