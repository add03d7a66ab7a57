import { CubeError } from '../errors.js';
import type { Json } from './item.js';
import { periodNumber } from './period.js';
import { solarDay } from './solar-day.js';

/** What can be grouped: an item, or one time step of one. */
export type Groupable = {
  readonly id: string;
  readonly timeMs: number;
  readonly properties: { readonly [key: string]: Json };
};

/** Items that become one time step. */
export type Group<T> = {
  /** The instant of the first member in (time, id) order. */
  readonly timeMs: number;
  /** Of that instant, days since 1970-01-01. */
  readonly solarDay: number;
  /** In fusing order: by `sortby`, then (time, id). */
  readonly members: readonly T[];
};

/** How items are grouped and sorted. */
export type GroupOptions = {
  /** `time` (equal instants), `solar_day`, `id` (every member alone), `dekad`, `season` or an ISO period. */
  readonly groupby: string;
  /** Property names; a leading '-' sorts descending. Members without the property come last. */
  readonly sortby: readonly string[];
  /** Longitude of the middle of the output grid. */
  readonly midLon: number;
};

/** Groups in time order; the same whatever order the members come in. Problem: `invalid-spec` for a `sortby` that none has. */
export function groupItems<T extends Groupable>(members: readonly T[], options: GroupOptions): Group<T>[] {
  assertSortable(members, options.sortby);
  const keyOf = groupKey(options);
  const groups = new Map<string | number, T[]>();
  for (const member of [...members].sort(byTimeAndId)) {
    const key = keyOf(member);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return [...groups.values()].map((group) => {
    const timeMs = group[0]!.timeMs;
    return { timeMs, solarDay: solarDay(timeMs, options.midLon), members: sortMembers(group, options.sortby) };
  });
}

function groupKey({ groupby, midLon }: GroupOptions): (member: Groupable) => string | number {
  if (groupby === 'time') return ({ timeMs }) => timeMs;
  if (groupby === 'solar_day') return ({ timeMs }) => solarDay(timeMs, midLon);
  if (groupby === 'id') return ({ id, timeMs }) => `${timeMs}\n${id}`;
  const number = periodNumber(groupby);
  return ({ timeMs }) => number(timeMs);
}

/** A property that no member has would sort nothing, which is a mistake in its name. */
function assertSortable(members: readonly Groupable[], sortby: readonly string[]): void {
  const odd = sortby.find((entry) => members.every((member) => sortValue(member, sortName(entry)) === undefined));
  if (odd === undefined || members.length === 0) return;
  const own = members.flatMap(({ properties }) => Object.keys(properties));
  const names = [...new Set(['id', 'datetime', ...own.sort()])];
  throw new CubeError({
    kind: 'invalid-spec',
    path: 'sortby',
    what: `no item has the property "${sortName(odd)}"`,
    fix: `use one of ${names.slice(0, 30).join(', ')}`,
  });
}

/** `group` is in (time, id) order already, and sorting is stable. */
function sortMembers<T extends Groupable>(group: readonly T[], sortby: readonly string[]): T[] {
  return [...group].sort((a, b) => {
    for (const entry of sortby) {
      const name = sortName(entry);
      const order = compareValues(sortValue(a, name), sortValue(b, name), entry.startsWith('-'));
      if (order !== 0) return order;
    }
    return 0;
  });
}

function sortName(entry: string): string {
  return entry.replace(/^[-+]/, '').replace(/^properties\./, '');
}

function sortValue({ id, timeMs, properties }: Groupable, name: string): Json | undefined {
  if (name === 'id') return id;
  if (name === 'datetime') return timeMs;
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** Numbers, then everything else as text, then what is missing; a mixture must not depend on who came first. */
function compareValues(a: Json | undefined, b: Json | undefined, descending: boolean): number {
  const rank = (value: Json | undefined) =>
    value === undefined || value === null ? 2 : typeof value === 'number' ? 0 : 1;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : compareText(textOf(a), textOf(b));
  return descending ? -order : order;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function byTimeAndId(a: Groupable, b: Groupable): number {
  const order = a.timeMs - b.timeMs || compareText(a.id, b.id);
  // Two collections may use one id at one time; their order must not be that of the input.
  return order !== 0 ? order : compareText(JSON.stringify(a.properties), JSON.stringify(b.properties));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
