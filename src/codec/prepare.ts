import { addonStatus } from '../native/load.js';
import { prepareJpeg } from '../native/twin/codec-jpeg.js';
import { prepareLerc } from '../native/twin/codec-lerc.js';
import { prepareZstdEncoder } from '../native/twin/codec-zstd-encode.js';
import type { CodecSpec } from './codec-spec.js';
import type { EncodeSpec } from './encode-chunk.js';

/**
 * Load what the portable twins of the given codecs need (WebAssembly starts asynchronously, decoding does not wait). Once a
 * thread, before `decodeChunk` or `encodeBytes`; without an argument for every codec. Nothing to do with the addon.
 */
export async function prepareCodecs(codecs?: readonly (CodecSpec | EncodeSpec)[]): Promise<void> {
  if (addonStatus().kind === 'loaded') return;
  await prepareTwins(codecs);
}

/** The same, whether or not the addon is there; for comparisons of the two. */
export async function prepareTwins(codecs?: readonly (CodecSpec | EncodeSpec)[]): Promise<void> {
  const uses = (test: (codec: CodecSpec | EncodeSpec) => boolean) => codecs === undefined || codecs.some(test);
  const jobs: Promise<void>[] = [];
  if (uses(({ name }) => name === 'lerc')) jobs.push(prepareLerc());
  if (uses(({ name }) => name === 'jpeg')) jobs.push(prepareJpeg());
  // Of the codecs with this name only those of an encoder have a level.
  if (uses((codec) => 'level' in codec && codec.name !== 'gzip')) jobs.push(prepareZstdEncoder());
  await Promise.all(jobs);
}

/** What stores of ours are encoded with, at any level. */
export const WRITTEN_CODECS: readonly EncodeSpec[] = [
  { name: 'blosc', cname: 'zstd', level: 1, shuffle: 'shuffle' },
  { name: 'zstd', level: 1 },
  { name: 'gzip', level: 1 },
];
