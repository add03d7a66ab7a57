/** Which bytes of an object: a range, its last `suffix` bytes, or all of it. */
export type ByteRange = { readonly offset: number; readonly length: number } | { readonly suffix: number } | 'all';

/** What tells one version of an object from the next. `etag` of a local file is made of its size and mtime. */
export type ObjectIdentity = {
  readonly size: number;
  readonly etag: string | null;
  /** When it was last changed, in whole milliseconds since 1970-01-01 UTC; left out where nobody says. */
  readonly modifiedMs?: number;
};

/** `bytes` may be a view of a buffer that others hold too: never write to it, never transfer it. */
export type ReadResult = ObjectIdentity & { readonly bytes: Uint8Array };

/** What every read takes. */
export type ReadOptions = { readonly signal?: AbortSignal };

/**
 * The one way the engine sees a file. Bytes are short only where the object ends (a range that starts at or behind the
 * end gives zero bytes). Errors: `not-found`, `denied`, `network`, `bad-response`, `io`, `aborted`.
 */
export interface ByteSource {
  /** The object's URL as it may be printed: no signature, no user info. */
  readonly url: string;
  read(range: ByteRange, options?: ReadOptions): Promise<ReadResult>;
  /** Local files only: run `use` with the open file, which stays open until it ends. Errors: those of `read`. */
  lend?<T>(use: (file: LentFile) => Promise<T>): Promise<T>;
}

/** An open local file, for readers that the operating system serves directly. */
export type LentFile = {
  readonly descriptor: number;
  /** The file's state just before. */
  readonly identity: ObjectIdentity;
  /** Its state now. */
  readonly check: () => Promise<ObjectIdentity>;
};

/** What opening an object takes. */
export type OpenOptions = {
  /** URL or path of the document that named the object. A remote one may not name everything; left out: the user did. */
  readonly declaredBy?: string;
};

/** Opens sources by URL; one per process or worker, it owns connections, limits and caches. */
export interface SourceFactory {
  /** Nothing is read yet. Problems: `unsupported` (scheme), `forbidden` (what `declaredBy` may not name). */
  open(url: string, options?: OpenOptions): ByteSource;
  close(): Promise<void>;
}
