import type { DataType } from '../grid/dtype.js';
import { bandStatistics } from './band-statistics.js';
import type { LabelStatsRow } from './records.js';
import type { BandStatistics, LabelPart, TaskResult } from './task-result.js';

/**
 * One row for every label, time step and band from the parts that tasks found. Parts of a label are joined in the order
 * of their chunks (row, then column), so that the result does not depend on which task ended first.
 */
export function reduceLabels(
  results: Iterable<TaskResult>,
  timesMs: readonly number[],
  dtypes: ReadonlyMap<string, DataType>,
): LabelStatsRow[] {
  const byLabel = new Map<number, Map<number, PlacedPart[]>>();
  for (const result of results) {
    const [time, yIndex, xIndex] = result.key.split('/').map(Number);
    if (result.labels.length === 0 || time === undefined) continue;
    for (const part of result.labels) {
      const times = byLabel.get(part.labelId) ?? new Map<number, PlacedPart[]>();
      byLabel.set(part.labelId, times);
      const parts = times.get(time) ?? [];
      times.set(time, parts);
      parts.push({ yIndex: yIndex!, xIndex: xIndex!, part });
    }
  }
  const rows: LabelStatsRow[] = [];
  for (const labelId of [...byLabel.keys()].sort((a, b) => a - b)) {
    const times = byLabel.get(labelId)!;
    for (const time of [...times.keys()].sort((a, b) => a - b)) {
      rows.push(...rowsOf({ labelId, time: timesMs[time]! }, times.get(time)!, dtypes));
    }
  }
  return rows;
}

type PlacedPart = { readonly yIndex: number; readonly xIndex: number; readonly part: LabelPart };

function rowsOf(
  ids: Pick<LabelStatsRow, 'labelId' | 'time'>,
  placed: readonly PlacedPart[],
  dtypes: ReadonlyMap<string, DataType>,
): LabelStatsRow[] {
  const parts = [...placed].sort((a, b) => a.yIndex - b.yIndex || a.xIndex - b.xIndex).map(({ part }) => part);
  const coverage = parts.reduce((sum, part) => sum + part.coverage, 0);
  return parts[0]!.bands.map(({ band }, index) => ({
    ...ids,
    band,
    coverage,
    ...joined(parts, index, dtypes.get(band)!),
  }));
}

function joined(parts: readonly LabelPart[], index: number, dtype: DataType): BandStatistics {
  const first = parts[0]!.bands[index]!;
  if (first.kind === 'statistics') return first.statistics;
  const lists = parts.flatMap((part) => {
    const one = part.bands[index]!;
    return one.kind === 'values' ? [one] : [];
  });
  const values = Float64Array.from(lists.flatMap((list) => list.values));
  const weights = Float64Array.from(lists.flatMap((list) => list.weights));
  return bandStatistics(values, weights, dtype);
}
