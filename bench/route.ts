import type { Measure } from './measure.js';
import type { Job, JobKind } from './protocol.js';

/** The bytes of a result in order, little endian; asked for when the clock has stopped. */
export type Result = () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Where a round works. */
export type Place = { readonly round: number; readonly scratch: string };

/** What a job gave; `measure` where the work was done by another process, which measured itself. */
export type Outcome = { readonly result: Result; readonly measure?: Measure };

/** Work that is prepared; only running it is measured. */
export type Work = () => Promise<Outcome>;

/** One program, set up one way, that does jobs. */
export type Route = {
  /** Names and versions of what does the work. */
  readonly versions: string;
  /** Called before every round; what it does itself (labels to memory, threads to start) is not counted. */
  prepare(job: Job, place: Place): Promise<Work>;
};

/** A program that is not installed here; `what` says how to get it. */
export class RouteAbsent extends Error {}

/** For jobs that a route does not do. */
export function notCompared(route: string, kind: JobKind): Error {
  return new Error(`${route} is not compared on ${kind}`);
}

/** Memory of samples as bytes, without a copy. */
export function bytesOf(samples: {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
}): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
