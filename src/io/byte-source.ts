/** Which bytes of an object: a range, its last `suffix` bytes, or all of it. */
export type ByteRange = { readonly offset: number; readonly length: number } | { readonly suffix: number } | 'all';

/** What tells one version of an object from the next. `etag` of a local file is made of its size and mtime. */
export type ObjectIdentity = { readonly size: number; readonly etag: string | null };

export type ReadResult = ObjectIdentity & { readonly bytes: Uint8Array };

export type ReadOptions = { readonly signal?: AbortSignal };

/**
 * The one way the engine sees a file. Bytes are short only where the object ends (a range that starts at or behind the
 * end gives zero bytes). Errors: `not-found`, `denied`, `network`, `bad-response`, `io`, `aborted`.
 */
export interface ByteSource {
  /** The object's URL as it may be printed: no signature, no user info. */
  readonly url: string;
  read(range: ByteRange, options?: ReadOptions): Promise<ReadResult>;
}

/** Opens sources by URL; one per process or worker, it owns connections, limits and caches. */
export interface SourceFactory {
  open(url: string): ByteSource;
  close(): Promise<void>;
}
