import { intersectWindows, type Window } from '../grid/affine.js';
import { takeBytes } from './arena.js';
import { allUsable, candidateStatus, STATUS } from './candidate-status.js';
import { failUnknown } from './fail-unknown.js';
import type { FuseInput } from './fuser.js';
import { maskPixels } from './mask-pixels.js';
import { cropPlane, type Plane } from './plane.js';
import type { FailedTile } from './read-window.js';
import { readTargetPlane, type PlaneReader } from './target-plane.js';
import type { CandidateRead, PlanContext } from './task.js';

/** A read of a candidate that failed, for the ledger. */
export type CandidateFailure = Omit<FailedTile, 'window'> & { readonly itemId: string; readonly band: string };

/** What one candidate offers to the fusing, and its failed reads. */
export type CandidateInput = { readonly input: FuseInput; readonly failures: readonly CandidateFailure[] };

/** Read every band of one candidate on a window of the grid and say what it offers at each pixel. */
export async function readCandidate(
  candidate: CandidateRead,
  window: Window,
  context: PlanContext,
  reader: PlaneReader,
): Promise<CandidateInput> {
  if (candidate.broken !== null) return brokenInput(candidate, window);
  const { mask, bands } = context;
  const read = await Promise.all(
    candidate.planes.map((plane) => {
      const dilated = mask !== null && plane.band === mask.band;
      const target = dilated ? growWindow(window, Math.ceil(mask.dilatePx.x), Math.ceil(mask.dilatePx.y)) : window;
      return readTargetPlane(plane, target, bands[plane.band]!.scaled, reader);
    }),
  );
  const planes = read.map(({ plane }) => cropPlane(plane, window));
  const masked = mask === null ? null : maskOf(mask, read[mask.band]!.plane, window);
  const usable = allUsable(planes, masked);
  const status = takeBytes(reader.arena, window.width * window.height);
  if (usable) status.fill(STATUS.usable);
  else candidateStatus(planes, masked, status);
  if (mask !== null) failUnknown(status, window, read[mask.band]!.plane, mask.dilatePx);
  const failures = read.flatMap(({ failed }, band) =>
    failed.map(({ problem, attempts }) => ({ itemId: candidate.itemId, band: bands[band]!.name, problem, attempts })),
  );
  const scales = candidate.planes.map(({ scale, offset }) => ({ scale, offset }));
  return { input: { status, usable, planes, scales }, failures };
}

/** The window and a rim of whole pixels around it. */
export function growWindow({ col, row, width, height }: Window, x: number, y: number): Window {
  return { col: col - x, row: row - y, width: width + 2 * x, height: height + 2 * y };
}

function maskOf(mask: NonNullable<PlanContext['mask']>, plane: Plane, window: Window): Uint8Array {
  const masked = maskPixels(mask, plane);
  return cropPlane({ window: plane.window, data: masked, state: masked }, window).state;
}

/** A candidate whose header could not be read counts as failed wherever it may have had pixels. */
function brokenInput({ itemId, broken }: CandidateRead, window: Window): CandidateInput {
  const { band, problem, attempts, window: extent } = broken!;
  const status = new Uint8Array(window.width * window.height);
  const inside = extent === null ? window : intersectWindows(extent, window);
  if (inside === null) return { input: { status, usable: false, planes: null, scales: [] }, failures: [] };
  for (let row = inside.row; row < inside.row + inside.height; row++) {
    const from = (row - window.row) * window.width + inside.col - window.col;
    status.fill(STATUS.failed, from, from + inside.width);
  }
  return {
    input: { status, usable: false, planes: null, scales: [] },
    failures: [{ itemId, band, problem, attempts }],
  };
}
