import type { CodecSpec } from '../codec/codec-spec.js';
import type { Json } from '../stac/item.js';

/** How the chunks of an array are stored where some of them are tiles of source files. Plain data. */
export type TileChain = {
  /** In decode order. */
  readonly codecs: readonly CodecSpec[];
  /** The same as Zarr v3 names it, in encode order. */
  readonly v3: readonly { readonly [key: string]: Json }[];
};

/** Two chains are the same where readers are told the same. */
export function chainKey({ v3 }: Pick<TileChain, 'v3'>): string {
  return JSON.stringify(v3);
}

/** A chain in words: the names of its codecs, in encode order. */
export function chainText({ v3 }: Pick<TileChain, 'v3'>): string {
  return v3.map(({ name }) => String(name)).join(' → ');
}
