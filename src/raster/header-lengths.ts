import type { SourceFactory } from '../io/byte-source.js';
import { isLocal } from '../io/location.js';
import { FIRST_READ } from './cog/block-reader.js';

/** First reads are whole multiples of this, the unit in which sources hold small reads. */
const STEP = 16 * 1024;
/** A longer header is not read in one piece on a guess: it costs other files of the origin more than a round trip. */
const LONGEST_READ = 512 * 1024;
/** How fast a guess shrinks where headers are shorter: a directory of mixed files keeps what its longer ones need. */
const DECAY = 1 / 8;

/** By factory, then by origin: bytes from a file's start that hold its header. */
const learned = new WeakMap<SourceFactory, Map<string, number>>();

/** How many bytes to read first of a file that may be a COG: as many as the headers of this origin's others took. */
export function firstReadLength(sources: SourceFactory, url: string): number {
  const origin = originOf(url);
  const guess = origin === null ? undefined : learned.get(sources)?.get(origin);
  return guess === undefined ? FIRST_READ : Math.max(FIRST_READ, Math.ceil(guess / STEP) * STEP);
}

/** Remember where the header of a file ended; one that lies behind the pixels says nothing about the next file. */
export function learnHeaderEnd(sources: SourceFactory, url: string, end: number): void {
  const origin = originOf(url);
  if (origin === null || end > LONGEST_READ) return;
  const origins = learned.get(sources) ?? new Map<string, number>();
  learned.set(sources, origins);
  const known = origins.get(origin) ?? 0;
  origins.set(origin, end >= known ? end : known - (known - end) * DECAY);
}

/** Host or bucket; null for local files, where a second read costs nothing. */
function originOf(url: string): string | null {
  if (isLocal(url) || !URL.canParse(url)) return null;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
