/** Why a pixel of the cube has or has not a value; the codes of the `reason` array. */
export const REASON = {
  valid: 0,
  /** Outside every candidate's raster. */
  outside: 1,
  /** Inside a candidate's raster, and no candidate had data. */
  nodata: 2,
  /** A candidate had data, and every one that had was masked. */
  masked: 3,
  /** A read that could have decided the pixel failed. */
  failed: 4,
  /** Clipped away. */
  notRequested: 5,
} as const;
