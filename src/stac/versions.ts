import { parseInstant } from './interval.js';
import type { DroppedItem, Json, StacItem } from './item.js';

/**
 * Of several versions of one acquisition keep the latest processing (T8). One acquisition is the same collection,
 * platform, second and tile; items without a tile id are never taken for versions of each other.
 */
export function latestVersions(items: readonly StacItem[]): { kept: StacItem[]; dropped: DroppedItem[] } {
  const best = new Map<string, StacItem>();
  const dropped: DroppedItem[] = [];
  const kept: StacItem[] = [];
  for (const item of items) {
    const key = acquisitionKey(item);
    if (key === null) kept.push(item);
    else {
      const other = best.get(key);
      if (other === undefined) best.set(key, item);
      else {
        const [newer, older] = compareVersions(item, other) > 0 ? [item, other] : [other, item];
        best.set(key, newer);
        dropped.push({ item: older, reason: `an older version of ${newer.id}` });
      }
    }
  }
  return { kept: [...kept, ...best.values()], dropped };
}

/** Names of properties that tell the tile of an acquisition. */
const TILE_PROPERTIES = ['grid:code', 's2:mgrs_tile', 'mgrs:grid_square', 'landsat:wrs_path'];

function acquisitionKey({ properties, collection, timeMs, id }: StacItem): string | null {
  const tile = tileOf(properties, id);
  if (tile === null) return null;
  const platform = typeof properties['platform'] === 'string' ? properties['platform'] : '';
  return [collection ?? '', platform, Math.floor(timeMs / 1000), tile].join('\n');
}

function tileOf(properties: StacItem['properties'], id: string): string | null {
  if (TILE_PROPERTIES.every((name) => properties[name] === undefined)) {
    // Sentinel-2 ids name the tile: S2A_33TWM_…, or …_T33TWM_….
    return /(?:^|_)T?(\d{1,2}[C-X][A-Z]{2})(?:_|$)/.exec(id)?.[1] ?? null;
  }
  const parts = [
    'grid:code',
    's2:mgrs_tile',
    'mgrs:utm_zone',
    'mgrs:latitude_band',
    'mgrs:grid_square',
    'landsat:wrs_path',
    'landsat:wrs_row',
  ];
  return parts.map((name) => String(properties[name] ?? '')).join('|');
}

/** Positive where `a` is the later processing: baseline, then sequence or version, then when it was made, then the id. */
function compareVersions(a: StacItem, b: StacItem): number {
  const keys: ((item: StacItem) => number)[] = [
    ({ properties }) => numberIn(properties['s2:processing_baseline'] ?? properties['processing:version']),
    ({ properties }) => numberIn(properties['version']),
    ({ properties }) => numberIn(properties['s2:sequence']),
    ({ properties }) => timeIn(properties['s2:generation_time'] ?? properties['processing:datetime']),
    ({ properties }) => timeIn(properties['created']),
    ({ properties }) => timeIn(properties['updated']),
  ];
  for (const key of keys) {
    const difference = key(a) - key(b);
    if (Number.isFinite(difference) && difference !== 0) return difference;
  }
  return a.id < b.id ? -1 : 1;
}

function numberIn(value: Json | undefined): number {
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
}

function timeIn(value: Json | undefined): number {
  return typeof value === 'string' ? (parseInstant(value) ?? Number.NaN) : Number.NaN;
}
