import type { HttpHeaders } from '../../io/http-request.js';
import type { RetryOptions } from '../../io/with-retries.js';
import type { UnpackLimits } from './unpack-budget.js';

/** How far a fetch is. */
export type FetchProgress = {
  /** Bytes of the record's files that are here. */
  readonly doneBytes: number;
  /** Null where the size of a file is not known. */
  readonly totalBytes: number | null;
};

/** How a dataset is fetched. */
export type FetchOptions = {
  /** Default: `$XDG_CACHE_HOME/heliocube`, else `~/.cache/heliocube`. */
  readonly cacheDir?: string;
  readonly onProgress?: (progress: FetchProgress) => void;
  /** Files that are downloaded at a time. Default 4. */
  readonly concurrency?: number;
  /** Use nothing but the cache. */
  readonly offline?: boolean;
  /** Download what the cache has, too. */
  readonly force?: boolean;
  /** Sent to the API's own origin and to no other, such as `{ authorization: 'Bearer …' }`. Stored and told nowhere. */
  readonly headers?: HttpHeaders;
  /** Origins (`http://10.0.0.7:9000`) that answers and redirects may name although their addresses are private. */
  readonly allowedOrigins?: readonly string[];
  readonly retries?: RetryOptions;
  readonly limits?: UnpackLimits;
  readonly signal?: AbortSignal;
};
