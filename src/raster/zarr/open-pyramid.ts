import { scaleAffine, type Affine } from '../../grid/affine.js';
import type { RasterLevel } from '../level.js';
import type { ZarrNode } from './hierarchy.js';
import type { ScaleEntry } from './multiscales.js';
import { joinPath } from './node-url.js';
import { openVariable, type OpenContext, type OpenedVariable } from './open-variable.js';

type Scale = { readonly entry: ScaleEntry; readonly opened: OpenedVariable };

/**
 * The arrays of a multiscales group that hold `variable` (null: the entries are arrays themselves), by entry. Entries
 * without it are left out: resolutions need not have the same variables.
 */
export async function findScales(
  group: string,
  entries: readonly ScaleEntry[],
  variable: string | null,
  { hierarchy }: Pick<OpenContext, 'hierarchy'>,
): Promise<{ entry: ScaleEntry; node: ZarrNode }[]> {
  const nodes = await Promise.all(
    entries.map((entry) => {
      const path = joinPath(group, entry.asset);
      return hierarchy.node(variable === null ? path : joinPath(path, variable));
    }),
  );
  return entries.flatMap((entry, i) => {
    const node = nodes[i] ?? null;
    return node?.kind === 'array' ? [{ entry, node }] : [];
  });
}

/**
 * Open every resolution, finest first. Levels that do not fit the finest (type, dimensions) are left out with a problem;
 * a level without own coordinates gets its transform from the group's layout, or from the finest level.
 */
export async function openPyramid(
  scales: readonly { entry: ScaleEntry; node: ZarrNode }[],
  context: OpenContext,
): Promise<{ finest: OpenedVariable; levels: readonly RasterLevel[] }> {
  const opened: Scale[] = [];
  for (const { entry, node } of scales) opened.push({ entry, opened: await openVariable(node, context) });
  opened.sort((a, b) => pixels(b.opened.level) - pixels(a.opened.level));
  const finest = opened[0]!.opened;
  const fitting = opened.filter(({ entry, opened: { level } }) => {
    if (fits(level, finest.level)) return true;
    context.problems.push(`multiscales entry ${entry.asset} does not fit the finest level: it is not used`);
    return false;
  });
  return { finest, levels: fitting.map((scale) => placeLevel(scale, fitting)) };
}

function placeLevel({ entry, opened: { level } }: Scale, all: readonly Scale[]): RasterLevel {
  const { level: base } = all[0]!.opened;
  const crs = level.crs ?? base.crs;
  const transform = level.transform ?? entry.transform ?? derivedTransform(entry, all, 0) ?? fromSizes(level, base);
  return { ...level, crs, transform };
}

/** Follow `derived_from` to a level with a transform. */
function derivedTransform(entry: ScaleEntry, all: readonly Scale[], depth: number): Affine | null {
  const parent = all.find((scale) => scale.entry.asset === entry.derivedFrom);
  if (parent === undefined || parent.entry === entry || entry.scale === null || entry.scale.length < 2 || depth > 64)
    return null;
  const base =
    parent.opened.level.transform ?? parent.entry.transform ?? derivedTransform(parent.entry, all, depth + 1);
  const [y, x] = entry.scale.slice(-2) as [number, number];
  return base === null || !(x > 0) || !(y > 0) ? null : scaleAffine(base, { x, y });
}

/** A pyramid halves with rounding up, so the step is the nearest whole number where the sizes allow it. */
function fromSizes(level: RasterLevel, base: RasterLevel): Affine | null {
  if (base.transform === null || level.axes === null || base.axes === null) return null;
  const step = (d: 'x' | 'y') => {
    const fine = base.shape[base.axes![d]]!;
    const coarse = level.shape[level.axes![d]]!;
    const whole = Math.round(fine / coarse);
    return Math.ceil(fine / whole) === coarse || Math.floor(fine / whole) === coarse ? whole : fine / coarse;
  };
  return pixels(level) === 0 ? null : scaleAffine(base.transform, { x: step('x'), y: step('y') });
}

function pixels({ shape }: RasterLevel): number {
  return shape.reduce((product, size) => product * size, 1);
}

function fits(level: RasterLevel, finest: RasterLevel): boolean {
  const { axes } = level;
  if (level.dtype !== finest.dtype || level.shape.length !== finest.shape.length) return false;
  if (axes === null || finest.axes === null) return level === finest;
  if (axes.x !== finest.axes.x || axes.y !== finest.axes.y || axes.band !== finest.axes.band) return false;
  return level.shape.every((size, d) => d === axes.x || d === axes.y || size === finest.shape[d]);
}
