import { canonicalHash } from '../canonical-hash.js';
import { chainText } from '../tile-chain.js';
import type { ArrayLayout, CubeLayout } from './layout.js';

/** The parts of a layout in words, so that two layouts can be told apart; `hash` covers all of it. */
export type LayoutParts = {
  readonly grid: string;
  readonly arrays: string;
  readonly times: string;
  readonly storage: string;
  readonly hash: string;
};

/** Between the descriptions of two arrays. */
const ARRAY_END = /(?<=\)), /;

/** Words for what a store is laid out as. */
export function describeLayout(layout: CubeLayout): LayoutParts {
  const { arrays, coordinates, attributes } = layout;
  const first = arrays[0]!;
  const [height, width] = first.shape.slice(-2) as [number, number];
  const place = `${shown(attributes['proj:code'])} at ${shown(attributes['spatial:transform'])}`;
  const times = coordinates.find(({ name }) => name === 'time')?.values ?? [];
  const shard = first.shard === null ? '' : `, shards of ${first.shard.at(-1)}`;
  return {
    grid: `${width}×${height} pixels, ${place}`,
    arrays: arrays.map(arrayText).join(', '),
    times: times.length === 0 ? 'none' : `${times.length} from ${dateOf(times[0]!)} to ${dateOf(times.at(-1)!)}`,
    storage: `chunks of ${first.chunk.at(-1)}${shard}, ${Object.values(first.codec).join(' ')}`,
    hash: canonicalHash(layout),
  };
}

function arrayText({ name, dtype, fill, chain }: ArrayLayout): string {
  return `${name} ${dtype} (fill ${fill}${chain === undefined ? '' : `; tiles of ${chainText(chain)}`})`;
}

/** Where two layouts differ, in words; null where they do not. */
export function layoutDifference(before: LayoutParts, now: LayoutParts): string | null {
  if (before.hash === now.hash) return null;
  const parts = (['grid', 'arrays', 'times', 'storage'] as const).filter((part) => before[part] !== now[part]);
  if (parts.length === 0) return 'other items, time steps or attributes';
  return parts.map((part) => `${part}: ${change(part, before[part], now[part])}`).join(' | ');
}

/** Of arrays only those that are not in both: a cube may have dozens. */
function change(part: keyof LayoutParts, before: string, now: string): string {
  if (part !== 'arrays') return `${before}; now ${now}`;
  const [old, own] = [before, now].map((list) => list.split(ARRAY_END)) as [string[], string[]];
  const gone = old.filter((array) => !own.includes(array));
  const added = own.filter((array) => !old.includes(array));
  if (gone.length === 0 && added.length === 0) return 'in another order';
  const lines = [
    gone.length === 0 ? '' : `no ${gone.join(', ')}`,
    added.length === 0 ? '' : `also ${added.join(', ')}`,
  ];
  return `now ${lines.filter((line) => line !== '').join('; ')}`;
}

/** A CRS without a code is told by its place alone. */
function shown(value: unknown): string {
  return typeof value === 'string' ? value : Array.isArray(value) ? `[${value.join(', ')}]` : 'own CRS';
}

function dateOf(timeMs: number | bigint): string {
  return new Date(Number(timeMs)).toISOString();
}
