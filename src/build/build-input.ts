import type { SourceFactory } from '../io/byte-source.js';
import { createSources, type SourceOptions } from '../io/sources.js';
import type { SpecInput } from './prepare.js';
import type { Progress } from './progress.js';

/** How a build is run; nothing here changes a pixel. */
export type BuildInput = SpecInput & {
  /** Folder for cube and lake, instead of the places in the specification. */
  readonly out?: string;
  /** Worker threads; 0 runs in the calling thread. Default: one a core. */
  readonly workers?: number;
  /** Bytes for decoded tiles and planes of all workers together; Node and its libraries come on top. */
  readonly maxMemory?: number;
  /** Go on with an interrupted build. */
  readonly resume?: boolean;
  /** Replace what is there. */
  readonly overwrite?: boolean;
  /** Go on past reads that fail for good. */
  readonly allowIncomplete?: boolean;
  /** How bytes are read: time-outs, limits, credentials, `sign`. */
  readonly sources?: SourceOptions;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
};

/** Run with byte sources that are closed in the end. */
export async function withSources<T>(
  { sources: options = {}, progress = () => {} }: Pick<BuildInput, 'sources' | 'progress'>,
  run: (sources: SourceFactory, progress: Progress) => Promise<T>,
): Promise<T> {
  const sources = createSources(options);
  try {
    return await run(sources, progress);
  } finally {
    await sources.close();
  }
}
