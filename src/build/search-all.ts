import { CubeError } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { resolveLocation } from '../io/location.js';
import type { DroppedItem, StacItem } from '../stac/item.js';
import { parseInterval, type Interval } from '../stac/interval.js';
import { searchItems } from '../stac/search.js';
import type { BuildSpec } from '../cube/spec.js';
import { withoutUndefined } from './without-undefined.js';

/** What a search takes beside the specification. */
export type SearchAllOptions = {
  readonly sources: SourceFactory;
  readonly signal?: AbortSignal;
  /** HTTP headers of STAC API requests. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** The items that a specification's sources give. */
export type SearchResult = {
  readonly items: readonly StacItem[];
  readonly dropped: readonly DroppedItem[];
  readonly warnings: readonly string[];
  /** The requested interval of the source that an item came from. */
  readonly interval: (item: StacItem) => Interval;
};

const EVER: Interval = { fromMs: -Infinity, toMs: Infinity };

/** The items of all sources form one list; an item that two sources give counts once. */
export async function searchAll(spec: BuildSpec, folder: string, options: SearchAllOptions): Promise<SearchResult> {
  const items = new Map<string, StacItem>();
  const dropped: DroppedItem[] = [];
  const warnings: string[] = [];
  const intervals = new Map<StacItem, Interval>();
  for (const source of spec.source) {
    const stac = resolveLocation(source.stac, `${folder}/`);
    const { signal, headers } = options;
    const found = await searchItems({ ...withoutUndefined(source), stac }, options.sources, {
      ...(signal === undefined ? {} : { signal }),
      ...(headers === undefined ? {} : { headers }),
    });
    const interval = source.datetime === undefined ? EVER : parseInterval(source.datetime);
    for (const item of found.items) {
      const key = `${item.collection ?? ''}\n${item.id}`;
      const known = items.get(key);
      if (known === undefined) items.set(key, item);
      intervals.set(known ?? item, hull(intervals.get(known ?? item), interval));
    }
    dropped.push(...found.dropped);
    warnings.push(...found.warnings);
  }
  if (items.size === 0) {
    throw new CubeError({
      kind: 'no-data',
      what: 'no item matches source',
      fix: 'check collections, datetime, bbox and query',
    });
  }
  const sorted = [...items.values()].sort((a, b) => a.timeMs - b.timeMs || (a.id < b.id ? -1 : 1));
  return { items: sorted, dropped, warnings, interval: (item) => intervals.get(item) ?? EVER };
}

/** An item that two sources give is wanted for both their times. */
function hull(a: Interval | undefined, b: Interval): Interval {
  if (a === undefined) return b;
  return { fromMs: Math.min(a.fromMs, b.fromMs), toMs: Math.max(a.toMs, b.toMs) };
}
