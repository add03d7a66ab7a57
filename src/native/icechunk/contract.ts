import type { IcechunkRefs, VirtualRefs } from './refs.js';
import type {
  CommitOptions,
  ExpireOptions,
  ExpireResult,
  GarbageOptions,
  GarbageResult,
  IcechunkDiff,
  IcechunkVersion,
  SnapshotInfo,
  VirtualContainer,
} from './types.js';

/** A branch or tag, and the snapshot that it names. */
export type NamedSnapshot = { readonly name: string; readonly snapshot: string };

/**
 * A repository's handle. It belongs to the thread that opened it; another thread opens its own from the storage. Failures
 * are `CubeError`s. `close` may be called twice; sessions that are open go on.
 */
export interface IcechunkRepository {
  /** 1 or 2. */
  readonly specVersion: number;
  /** As stored in the repository. */
  readonly containers: readonly VirtualContainer[];
  branches(): Promise<readonly NamedSnapshot[]>;
  tags(): Promise<readonly NamedSnapshot[]>;
  /** `exists` where the name is taken. */
  createBranch(name: string, snapshot: string): Promise<void>;
  deleteBranch(name: string): Promise<void>;
  /** Moves the branch; `from` is where it must be, else `conflict`. */
  resetBranch(name: string, snapshot: string, from?: string): Promise<void>;
  /** `exists` where the name is taken, or was: a deleted tag's name stays taken. */
  createTag(name: string, snapshot: string): Promise<void>;
  deleteTag(name: string): Promise<void>;
  /** Id of the snapshot; `not-found` where there is none. */
  resolve(version: IcechunkVersion): Promise<string>;
  /** Newest first, down to the first snapshot or `limit` of them. */
  ancestry(version: IcechunkVersion, limit?: number): Promise<readonly SnapshotInfo[]>;
  /** From an ancestor to a later version of the same history. */
  diff(from: IcechunkVersion, to: IcechunkVersion): Promise<IcechunkDiff>;
  readonly(version: IcechunkVersion): Promise<IcechunkSession>;
  writable(branch: string): Promise<IcechunkSession>;
  /** Adds or replaces containers by prefix and stores them; sessions opened afterwards know them. */
  setContainers(containers: readonly VirtualContainer[]): Promise<void>;
  expire(options: ExpireOptions): Promise<ExpireResult>;
  collectGarbage(options: GarbageOptions): Promise<GarbageResult>;
  close(): void;
}

/**
 * One version of a repository, to read or to change. Keys are those of Zarr v3 without leading slash: `zarr.json`,
 * `group/array/zarr.json`, `group/array/c/0/1`. Nothing is visible to others before `commit`.
 */
export interface IcechunkSession {
  readonly readOnly: boolean;
  /** Null for read-only sessions and forks. */
  readonly branch: string | null;
  /** The snapshot that it shows, or stands on. */
  readonly snapshot: string;
  /** Whether there is anything to commit. */
  hasChanges(): Promise<boolean>;
  /** Null where nothing is stored under the key. */
  get(key: string): Promise<Uint8Array | null>;
  /** `offset` negative: the last bytes, and `length` must not be given. A range that reaches over the end is `invalid-argument`. */
  getRange(key: string, range: { readonly offset: number; readonly length?: number }): Promise<Uint8Array | null>;
  exists(key: string): Promise<boolean>;
  /** Keys under a prefix that is a whole path, `''` for all; sorted. */
  list(prefix: string): Promise<readonly string[]>;
  /** Names directly under a path: keys and folders alike, sorted. */
  listDir(path: string): Promise<readonly string[]>;
  /**
   * The bytes are copied before the call returns, so the buffer may be used again at once. Groups above an array are not
   * made; an array's `zarr.json` must be there before its chunks.
   */
  set(key: string, bytes: Uint8Array): Promise<void>;
  delete(key: string): Promise<void>;
  /** A group or array with all below it, or the chunks under a prefix. */
  deleteDir(path: string): Promise<void>;
  /**
   * All or nothing. A location that no container of the repository covers is `invalid-argument` unless `validate` is false.
   * The arrays are copied before the call returns.
   */
  setVirtualRefs(arrayPath: string, refs: VirtualRefs, options?: { readonly validate?: boolean }): Promise<void>;
  /** Every stored chunk of an array, those that this session has changed included. */
  chunkRefs(arrayPath: string): Promise<IcechunkRefs>;
  /** What this session has changed. */
  status(): Promise<IcechunkDiff>;
  discard(): Promise<void>;
  /**
   * Id of the new snapshot, on which the session then stands read-only: the next change needs a new session. Where another
   * commit came first and `rebase` does not resolve it: `conflict`, which names paths and chunks; the changes stay in the session.
   * On local storage commits and changes of refs wait for each other by a lock on `heliocube.lock` in the repository, which a
   * process that dies gives free. Writers of other programs do not know it.
   */
  commit(options: CommitOptions): Promise<string>;
  /**
   * A copy for another thread or process, as bytes for `icechunkFork`. It shows this session's changes, takes its own, and
   * cannot commit. **The bytes hold the storage's credentials.**
   */
  fork(): Promise<Uint8Array>;
  /** This fork with its changes, as bytes for `merge`. */
  toBytes(): Promise<Uint8Array>;
  /** Takes over the changes of a fork; where both changed a chunk, the fork's stays. */
  merge(fork: Uint8Array): Promise<void>;
  close(): void;
}
