import type { ChunkReference } from '../storage.js';
import type { CubeLayout } from './layout.js';
import type { OpenMode, StagedStore } from './staged-store.js';

/** Which run makes a store, for stores that have versions. */
export type SealedRun = {
  readonly runId: string;
  /** Of the cube. */
  readonly name: string;
  readonly planHash: string;
  readonly codeVersion: string;
  /** Of all that the store holds: a run that was interrupted behind its commit knows by it that it has made it. */
  readonly contentHash: string;
  /** The version that the store had when the build began. */
  readonly parent: string | null;
  /** Chunks that are ranges of other files. */
  readonly references: readonly ChunkReference[];
};

/** What an earlier build left at an output. */
export type FoundCube = {
  /** A finished cube: the one of the version asked for, else any. */
  readonly sealed: boolean;
  /** Staged objects. */
  readonly unfinished: boolean;
  /** Bytes of an object: of the staged ones where there are any, else of the finished cube. */
  readonly sizeOf: (key: string) => Promise<number | null>;
};

/** A cube under construction, as the coordinator sees it; workers write into its folder. */
export type CubeWriter = StagedStore & {
  /** The newest version when it was opened; null where the store has no versions. */
  readonly parent: string | null;
  /** Check that nobody else has made a version since the run began. Problem: `conflict`. */
  assertParent(run: Pick<SealedRun, 'runId' | 'parent'>): Promise<void>;
  /** Make the staged objects the cube that readers find; gives its version, or null where the store has none. */
  seal(layout: CubeLayout, run: SealedRun): Promise<string | null>;
  /** Remove what is staged; a sealed cube stays. */
  discard(): Promise<void>;
  /** Let go of what the store is reached by. */
  close(): void;
};

/** Port: a place where cubes are built. `version` is what the journal knows of an earlier, sealed cube. */
export type CubeOutput = {
  readonly find: (version: string | null) => Promise<FoundCube>;
  /** Problem: `exists` for mode `create` where a cube or an unfinished one is there, and for whatever else is. */
  readonly open: (mode: OpenMode, version: string | null) => Promise<CubeWriter>;
};
