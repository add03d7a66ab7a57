import { levelSize } from '../cube/read-window.js';
import { CubeError } from '../errors.js';
import type { Window } from '../grid/affine.js';
import type { SourceFactory } from '../io/byte-source.js';
import { planTiles } from '../raster/plan-tiles.js';
import type { RasterLevel } from '../raster/level.js';
import { readTiles } from '../raster/read-tiles.js';

/** The box of the pixels of each label, by its id. */
export type LabelBoxes = ReadonlyMap<number, Window>;

/** First and last column and row; it grows while rows are read. */
type Box = { left: number; right: number; readonly top: number; bottom: number };

/** Pixels of `label` that are looked at in one go. */
const STRIP_PIXELS = 2 ** 25;

/** Some ten seconds of looking. */
const MAX_PIXELS = 2 ** 34;

/** More labels than a plan has; other numbers are no labels. */
const MAX_LABELS = 2 ** 22;

/**
 * The boxes of all labels of a cube's array `label` (uint32, 0 is none), read once from top to bottom. Problems: those of
 * reading, `unsupported` for more than four million labels or seventeen thousand million pixels.
 */
export async function readLabelBoxes(level: RasterLevel, sources: SourceFactory): Promise<LabelBoxes> {
  const { width, height } = levelSize(level);
  const { chunkShape, axes } = level;
  if (width * height > MAX_PIXELS) {
    throw new CubeError({ kind: 'unsupported', url: level.url, feature: `labels of ${width} by ${height} pixels` });
  }
  const chunkRows = chunkShape[axes!.y]!;
  const chunks = Math.floor(STRIP_PIXELS / (width * chunkRows));
  const rows = chunks > 0 ? chunks * chunkRows : Math.max(1, Math.floor(STRIP_PIXELS / width));
  const boxes = new Map<number, Box>();
  for (let row = 0; row < height; row += rows) {
    const window = { col: 0, row, width, height: Math.min(rows, height - row) };
    const data = new Uint32Array(width * window.height);
    const tiles = planTiles(level, [{ at: level.shape.map(() => 0), window }]);
    await readTiles({ level, tiles, destinations: [data] }, sources);
    for (let y = 0; y < window.height; y++) growRow(boxes, data.subarray(y * width, (y + 1) * width), row + y);
    if (boxes.size > MAX_LABELS) {
      throw new CubeError({
        kind: 'unsupported',
        url: level.url,
        feature: `more than ${MAX_LABELS} labels of one cube`,
      });
    }
  }
  return new Map([...boxes].map(([id, box]) => [id, windowOf(box)]));
}

/** Takes one row of ids into the boxes, run by run. */
function growRow(boxes: Map<number, Box>, ids: Uint32Array, row: number): void {
  for (let col = 0; col < ids.length; col++) {
    const id = ids[col]!;
    if (id === 0) continue;
    const left = col;
    while (ids[col + 1] === id) col++;
    const box = boxes.get(id);
    if (box === undefined) boxes.set(id, { left, right: col, top: row, bottom: row });
    else {
      box.left = Math.min(box.left, left);
      box.right = Math.max(box.right, col);
      box.bottom = row;
    }
  }
}

function windowOf({ left, right, top, bottom }: Box): Window {
  return { col: left, row: top, width: right - left + 1, height: bottom - top + 1 };
}
