import type { Raster, RasterBand } from '../raster/raster.js';
import type { LevelRow } from './reference-rows.js';
import { restoreLevel } from './restore-level.js';
import type { RefLists } from './level-id.js';
import { checked, damagedRows, parsed, PARTS } from './stored-parts.js';

/**
 * The raster that rows of `levels` hold, with the lists of its references by `levelId`. Whatever the rows say is checked,
 * and that all of it is what was stored. Problem: `lake`.
 */
export function restoreRaster(rows: readonly LevelRow[], lists: ReadonlyMap<string, RefLists>): Raster {
  const href = rows[0]?.href ?? '';
  const levels = rows.filter(({ isMask }) => !isMask).sort((a, b) => a.level - b.level);
  const masks = new Map(rows.filter(({ isMask }) => isMask).map((row) => [row.level, row]));
  const [first] = levels;
  if (first === undefined || levels.some((row, number) => row.level !== number)) {
    throw damagedRows(href, `levels ${levels.map(({ level }) => level).join(', ')}`);
  }
  if (levels.length + masks.size !== rows.length || [...masks.keys()].some((number) => number >= levels.length)) {
    throw damagedRows(href, 'masks without their levels');
  }
  const restore = (row: LevelRow) => restoreLevel(row, lists.get(row.levelId) ?? null);
  return {
    url: href,
    driver: checked(first, 'driver', PARTS.driver, first.driver),
    levels: levels.map(restore),
    masks: levels.map((_, number) => {
      const mask = masks.get(number);
      return mask === undefined ? null : restore(mask);
    }),
    bands: bandsOf(first),
    dimensions: parsed(first, 'dimensions', PARTS.dimensions),
    problems: parsed(first, 'problems', PARTS.problems),
  };
}

function bandsOf(row: LevelRow): RasterBand[] {
  const bands = parsed(row, 'bands', PARTS.bands);
  const nodata = parsed(row, 'nodata', PARTS.nodata);
  const { scale, offset } = row;
  if ([nodata, scale, offset].some((list) => list.length !== bands.length)) {
    throw damagedRows(row.href, `${bands.length} bands, ${nodata.length} times nodata`);
  }
  return bands.map((band, i) => ({ ...band, nodata: nodata[i]!, scale: scale[i]!, offset: offset[i]! }));
}
