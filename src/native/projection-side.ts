/** One end of a transform of coordinates. */
export type ProjectionSide = {
  /**
   * PROJ string of the bare map projection: method, angles, scale and `+a +rf` (or `+a +b`), without false origin,
   * units, prime meridian and datum. Empty: a geographic system.
   */
  readonly projection: string;
  /** Metres (projected) or radians (geographic) in one CRS unit. */
  readonly unit: number;
  /** Metres. */
  readonly falseEast: number;
  readonly falseNorth: number;
  /** Prime meridian, radians east of Greenwich. */
  readonly meridian: number;
  /** Central meridian of the map, radians from the prime meridian. */
  readonly centre: number;
  /** False: longitudes beyond half a turn from `centre` lie outside the map and become NaN. */
  readonly wraps: boolean;
  /** Semi-major axis in metres, inverse flattening (0: sphere). */
  readonly ellipsoid: { readonly semiMajor: number; readonly inverseFlattening: number };
  /** Position vector parameters to WGS 84 (metres, arc seconds, parts per million), or null: nothing is shifted. */
  readonly shift: readonly [number, number, number, number, number, number, number] | null;
};

/** Transforms x0, y0, x1, y1, … in place; the status says which side could not be set up. */
export type ProjectPoints = (
  xy: Float64Array,
  from: ProjectionSide,
  to: ProjectionSide,
) => 'ok' | 'bad-source' | 'bad-target' | 'bad-length';
