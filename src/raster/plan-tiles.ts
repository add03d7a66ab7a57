import type { Window } from '../grid/affine.js';
import { chunkPart, type ChunkPart } from './chunk-part.js';
import type { RasterLevel } from './level.js';

/** Which samples: one plane, given by an index in every dimension but x and y, and a window of it inside the raster. */
export type PlaneWindow = { readonly at: readonly number[]; readonly window: Window };

/** A part of a tile, and the number of the plane window that it belongs to. */
export type WantedPart = ChunkPart & { readonly plane: number };

/** A tile that some windows touch: its place in the chunk grid and what each of them takes. */
export type WantedTile = { readonly index: readonly number[]; readonly parts: readonly WantedPart[] };

/** The part of a level that decides which tiles are wanted. */
export type TileLayout = Pick<RasterLevel, 'shape' | 'chunkShape' | 'edge' | 'axes'>;

/**
 * The tiles that windows touch, each once however many need it, in the order in which the windows do. Pure; the windows
 * lie inside the level, which has axes.
 */
export function planTiles(level: TileLayout, planes: readonly PlaneWindow[]): WantedTile[] {
  const tiles = new Map<string, { readonly index: readonly number[]; readonly parts: WantedPart[] }>();
  planes.forEach(({ at, window }, plane) => {
    for (const index of tilesUnder(level, at, window)) {
      const part = chunkPart(level, index, at, window);
      if (part === null) continue;
      const key = index.join();
      const known = tiles.get(key);
      if (known === undefined) tiles.set(key, { index, parts: [{ ...part, plane }] });
      else known.parts.push({ ...part, plane });
    }
  });
  return [...tiles.values()];
}

/** Places in the chunk grid of the chunks that a window of a plane touches, in C order. */
function* tilesUnder({ chunkShape, axes }: TileLayout, at: readonly number[], window: Window): Generator<number[]> {
  const { x, y } = axes!;
  const [width, height] = [chunkShape[x]!, chunkShape[y]!];
  const fixed = chunkShape.map((size, d) => (d === x || d === y ? 0 : Math.floor(at[d]! / size)));
  for (let row = Math.floor(window.row / height); row * height < window.row + window.height; row++) {
    for (let col = Math.floor(window.col / width); col * width < window.col + window.width; col++) {
      yield fixed.map((value, d) => (d === x ? col : d === y ? row : value));
    }
  }
}
