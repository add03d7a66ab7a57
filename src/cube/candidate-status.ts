import { OUTSIDE, VALID } from '../native/kernels.js';
import { FAILED, type Plane } from './plane.js';

/** What one candidate offers at a pixel. */
export const STATUS = { outside: 0, usable: 1, nodata: 2, masked: 3, failed: 4 } as const;

/** Whether every pixel of a candidate is known to be usable without a look at each. */
export function allUsable(planes: readonly Plane[], masked: Uint8Array | null): boolean {
  return masked === null && planes.every(({ whole }) => whole === true);
}

/**
 * Status of a candidate at every pixel, from all its bands at once: joint fusing, so that the spectrum of a pixel comes
 * from one acquisition. Outside where every band is; else no data where any band has none; else masked; else failed
 * where a read failed (a masked pixel could not have been decided by the missing band); else usable. Written into
 * `status`, which holds zeros.
 */
export function candidateStatus(
  planes: readonly Plane[],
  masked: Uint8Array | null,
  status: Uint8Array = new Uint8Array(planes[0]!.state.length),
): Uint8Array {
  // First the set of states that the bands have at a pixel, one bit a state; then what that set means.
  for (const { state } of planes) {
    for (let i = 0; i < status.length; i++) status[i] = status[i]! | (1 << state[i]!);
  }
  for (let i = 0; i < status.length; i++) {
    const code = MEANING[status[i]!]!;
    const hidden = masked !== null && masked[i] === 1 && (code === STATUS.usable || code === STATUS.failed);
    status[i] = hidden ? STATUS.masked : code;
  }
  return status;
}

/** Status of every set of states, without a mask. */
const MEANING = Uint8Array.from({ length: 1 << (FAILED + 1) }, (_, set) => {
  if ((set & ~(1 << OUTSIDE)) === 0) return STATUS.outside;
  if ((set & ~((1 << VALID) | (1 << FAILED))) !== 0) return STATUS.nodata;
  return (set & (1 << FAILED)) === 0 ? STATUS.usable : STATUS.failed;
});
