import { CubeError, isCubeError } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { createSources, type SourceOptions } from '../io/sources.js';
import { resolveLocation } from '../io/location.js';
import type { LakeInput } from './lake-input.js';
import { readSpec, type ReadSpec, type SpecInput } from './read-spec.js';
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
  /** A lake that `cube refs scan` has filled: headers of the rasters that it knows are not read. */
  readonly refs?: LakeInput;
  /** Ask every raster that it knows whether it has changed since, and read the headers of those that have. */
  readonly refsCheck?: boolean;
  /** How bytes are read: time-outs, limits, credentials, `sign`. */
  readonly sources?: SourceOptions;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
};

/** The sources of a build, opened for what its catalogues name, and the options that workers open theirs with. */
export type OpenedSources = { readonly factory: SourceFactory; readonly options: SourceOptions };

/**
 * Run with byte sources that are closed in the end. What a remote catalogue names is read under its rules: no local
 * files, no private addresses but its own origin.
 */
export async function withSources<T>(
  input: BuildInput,
  run: (sources: OpenedSources, read: ReadSpec) => Promise<T>,
): Promise<T> {
  const read = await readSpec(input);
  const declaredBy = read.spec.source.map(({ stac }) => resolveLocation(stac, `${read.folder}/`));
  const options: SourceOptions = { declaredBy, ...input.sources };
  const factory = createSources(options);
  try {
    return await run({ factory, options }, read);
  } catch (error) {
    // Whatever an abort breaks first, and whatever reason the caller gave, it is one problem.
    if (input.signal?.aborted !== true || isCubeError(error, 'aborted')) throw error;
    throw new CubeError({ kind: 'aborted', what: 'the build was stopped' }, { cause: error });
  } finally {
    await factory.close();
  }
}
