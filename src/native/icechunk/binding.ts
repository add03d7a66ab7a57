import { icechunkFunctions } from '../load.js';

/** The addon's handle of a repository. Versions, requests and answers are JSON; rejections are too, see `problem.ts`. */
export type NativeRepository = {
  specVersion(): number;
  containers(): string;
  withContainers(containers: string): Promise<NativeRepository>;
  call(request: string): Promise<string>;
  diff(from: string, to: string): Promise<NativeDiff>;
  session(request: string): Promise<NativeSession>;
  close(): void;
};

/** The addon's handle of a session. */
export type NativeSession = {
  call(request: string): Promise<string>;
  get(key: string, offset?: number, length?: number): Promise<Uint8Array | null>;
  set(key: string, bytes: Uint8Array): Promise<void>;
  setVirtualRefs(
    path: string,
    locations: string,
    indices: Uint32Array,
    location: Uint32Array,
    offsets: Float64Array,
    lengths: Float64Array,
    modified: Float64Array,
    validate: boolean,
  ): Promise<void>;
  chunkRefs(path: string): Promise<NativeRefs>;
  status(): Promise<NativeDiff>;
  fork(): Promise<Uint8Array>;
  toBytes(): Promise<Uint8Array>;
  merge(fork: Uint8Array): Promise<void>;
  close(): void;
};

/** `IcechunkDiff` in JSON, without the indices of its chunks, which follow each other in `indices`. */
export type NativeDiff = { readonly json: string; readonly indices: Uint32Array };

/** Columns of `IcechunkRefs`; the rest is JSON. */
export type NativeRefs = {
  readonly json: string;
  readonly indices: Uint32Array;
  readonly kinds: Uint8Array;
  readonly location: Uint32Array;
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
  readonly inline: Uint8Array;
  readonly modified: Float64Array;
};

type Binding = {
  readonly openRepository: (mode: string, storage: string, options: string) => Promise<NativeRepository>;
  readonly repositoryExists: (storage: string) => Promise<boolean>;
  readonly sessionFromBytes: (bytes: Uint8Array) => NativeSession;
};

/** The addon's functions; `missing-component` where it is not built. */
export function binding(): Binding {
  return icechunkFunctions<Binding>(['openRepository', 'repositoryExists', 'sessionFromBytes']);
}
