import { CubeError } from '../errors.js';
import type { StacItem } from '../stac/item.js';
import type { OpenedBand } from './opened-band.js';

/** One time step of an item: milliseconds since 1970-01-01 UTC, and where it is. */
export type TimeStep = {
  readonly timeMs: number;
  /** Index on the time axis of each band; 0 where a band has none. */
  readonly steps: readonly number[];
};

/**
 * The time steps of an item inside a closed interval. Rasters without a time axis give the item's own time. With time
 * axes every band must have the same one; the axis wins over the item's datetime, and a contradiction is reported.
 */
export function timeSteps(
  item: StacItem,
  bands: readonly OpenedBand[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  warnings: string[],
): TimeStep[] {
  const axes = bands.map(({ raster }) => raster.dimensions.find(({ timesMs }) => timesMs !== null)?.timesMs ?? null);
  const axis = axes.find((times) => times !== null) ?? null;
  if (axis === null) return [{ timeMs: item.timeMs, steps: bands.map(() => 0) }];
  for (const [index, other] of axes.entries()) {
    if (other === null || sameTimes(axis, other)) continue;
    const what = `item ${item.id}: band "${bands[index]!.name}" has other time steps than band "${bands[0]!.name}"`;
    throw new CubeError({ kind: 'conflict', what, fix: 'build them as two cubes with two specifications' });
  }
  const first = axis[0]!;
  const last = axis.at(-1)!;
  if (typeof item.properties['datetime'] === 'string' && (item.timeMs < first || item.timeMs > last)) {
    const range = `${new Date(first).toISOString()} to ${new Date(last).toISOString()}`;
    warnings.push(
      `${item.id}: datetime ${new Date(item.timeMs).toISOString()} lies outside its time axis (${range}); the axis is used`,
    );
  }
  return axis.flatMap((timeMs, step) =>
    timeMs >= fromMs && timeMs <= toMs ? [{ timeMs, steps: axes.map((own) => (own === null ? 0 : step)) }] : [],
  );
}

function sameTimes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((time, i) => time === b[i]);
}
