import { OUTSIDE, VALID } from '../native/kernels.js';
import { FAILED, type Plane } from './plane.js';

/** What one candidate offers at a pixel. */
export const STATUS = { outside: 0, usable: 1, nodata: 2, masked: 3, failed: 4 } as const;

/**
 * Status of a candidate at every pixel, from all its bands at once: joint fusing, so that the spectrum of a pixel comes
 * from one acquisition. Outside where every band is; else no data where any band has none; else masked; else failed
 * where a read failed (a masked pixel could not have been decided by the missing band); else usable.
 */
export function candidateStatus(planes: readonly Plane[], masked: Uint8Array | null): Uint8Array {
  const status = new Uint8Array(planes[0]!.state.length);
  const inside = new Uint8Array(status.length);
  const bad = new Uint8Array(status.length);
  for (const { state } of planes) {
    for (let i = 0; i < status.length; i++) {
      const s = state[i]!;
      if (s !== OUTSIDE) inside[i] = 1;
      if (s !== VALID) bad[i] = bad[i]! | (s === FAILED ? 2 : 1);
    }
  }
  for (let i = 0; i < status.length; i++) {
    if (inside[i] === 0) status[i] = STATUS.outside;
    else if ((bad[i]! & 1) !== 0) status[i] = STATUS.nodata;
    else if (masked !== null && masked[i] === 1) status[i] = STATUS.masked;
    else status[i] = bad[i] === 0 ? STATUS.usable : STATUS.failed;
  }
  return status;
}
