import type { Job } from './protocol.js';

/** The bytes of a result in order, little endian; asked for when the clock has stopped. */
export type Result = () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** One program, set up one way, that does jobs. */
export type Route = {
  /** Names and versions of what does the work. */
  readonly versions: string;
  /** What is not counted: reading labels into memory, starting threads. Called before every round. */
  prepare?(job: Job, scratch: string): Promise<void>;
  run(job: Job, scratch: string): Promise<Result>;
};

/** A program that is not installed here; `what` says how to get it. */
export class RouteAbsent extends Error {}

/** Memory of samples as bytes, without a copy. */
export function bytesOf(samples: {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
}): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
