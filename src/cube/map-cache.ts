import { LRUCache } from 'lru-cache';
import type { Window } from '../grid/affine.js';
import { buildPixelMap, type PixelMap } from '../grid/pixel-map.js';
import { sameCrs } from '../grid/crs-definition.js';
import { createTransform, type CrsTransform } from '../grid/transform.js';
import { canonicalHash } from './canonical-hash.js';
import type { LevelHeader, PlanContext } from './task.js';

/** Enough for the bands and dates of the chunks that a worker has at hand; a map is a few kilobytes. */
const KEPT_MAPS = 256;

/** Coordinate maps of one worker: bands and dates of the same geometry share one map a window. */
export class MapCache {
  readonly #grid: PlanContext['grid'];
  readonly #maps = new LRUCache<string, PixelMap>({ max: KEPT_MAPS });
  readonly #transforms = new Map<string, CrsTransform>();
  readonly #keys = new WeakMap<LevelHeader, string>();

  constructor(grid: PlanContext['grid']) {
    this.#grid = grid;
  }

  /** The map from target pixels of `window` to fractional pixels of the level's whole plane. */
  get(level: LevelHeader, window: Window): PixelMap {
    const geometry = this.#geometryKey(level);
    const key = `${geometry}|${window.col},${window.row},${window.width},${window.height}`;
    let map = this.#maps.get(key);
    if (map === undefined) {
      map = this.#build(level, window);
      this.#maps.set(key, map);
    }
    return map;
  }

  #geometryKey(level: LevelHeader): string {
    let key = this.#keys.get(level);
    if (key === undefined) {
      key = canonicalHash([level.crs, level.transform]);
      this.#keys.set(level, key);
    }
    return key;
  }

  #build(level: LevelHeader, window: Window): PixelMap {
    return buildPixelMap({
      target: { transform: this.#grid.transform, ...window },
      source: { transform: level.transform! },
      toSource: this.#transform(level),
    });
  }

  /** Null where source and grid share their CRS: then the map is affine and exact. */
  #transform(level: LevelHeader): CrsTransform | null {
    if (sameCrs(this.#grid.crs, level.crs!)) return null;
    const key = canonicalHash(level.crs);
    let transform = this.#transforms.get(key);
    if (transform === undefined) {
      transform = createTransform(this.#grid.crs, level.crs!);
      this.#transforms.set(key, transform);
    }
    return transform;
  }
}
