import { formatCrs } from '../grid/crs-definition.js';
import type { PlanEstimate } from '../cube/plan.js';
import { withSources, type BuildInput } from './build-input.js';
import { prepareFor } from './prepare-for.js';
import type { PreparedBuild } from './prepare.js';

/** What a build would do; nothing is written. */
export type PlannedCube = {
  readonly name: string;
  readonly hash: string;
  readonly grid: {
    readonly crs: string;
    readonly transform: readonly number[];
    readonly width: number;
    readonly height: number;
    readonly resolution: readonly [number, number];
    readonly chunk: number;
  };
  readonly bands: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly fill: number | null;
    readonly resampling: string;
  }[];
  readonly times: readonly { readonly time: string; readonly items: readonly string[] }[];
  readonly items: number;
  readonly dropped: number;
  readonly estimate: PlanEstimate;
  readonly labelsOutside: number;
  readonly quarantined: number;
  readonly warnings: readonly string[];
};

/** Search, read headers and labels, and plan. */
export function planCube(input: BuildInput): Promise<PlannedCube> {
  return withSources(input, async ({ factory }, read) => describe(await prepareFor(input, factory, read)));
}

function describe({ spec, grid, context, times, items, dropped, plan, labels, warnings }: PreparedBuild): PlannedCube {
  const { transform, size } = grid;
  return {
    name: spec.name,
    hash: plan.hash,
    grid: {
      crs: formatCrs(grid.crs),
      transform,
      ...size,
      resolution: [transform[0], -transform[4]],
      chunk: spec.grid.chunk,
    },
    bands: context.bands.map(({ name, dtype, fill, resampling }) => ({ name, dtype, fill, resampling })),
    times: times.map(({ timeMs, members }) => ({
      time: new Date(timeMs).toISOString(),
      items: members.map(({ id }) => id),
    })),
    items: items.length,
    dropped: dropped.length,
    estimate: plan.estimate,
    labelsOutside: (labels?.labels.length ?? 0) - plan.estimate.labels,
    quarantined: labels?.quarantine.length ?? 0,
    warnings,
  };
}
