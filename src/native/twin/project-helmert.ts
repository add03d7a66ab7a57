/** Longitude and latitude in radians. */
export type LonLatRadians = { readonly lon: number; readonly lat: number };

/** A datum that is shifted to WGS 84 by seven position vector parameters (metres, arc seconds, parts per million). */
export type ShiftedDatum = {
  readonly semiMajor: number;
  /** First eccentricity squared. */
  readonly eccentricity2: number;
  readonly shift: readonly [number, number, number, number, number, number, number];
};

type Geocentric = readonly [x: number, y: number, z: number];

const ARC_SECOND = Math.PI / 648_000;

/** Eccentricity squared of an inverse flattening; 0 means a sphere. */
export function eccentricity2(inverseFlattening: number): number {
  const f = inverseFlattening === 0 ? 0 : 1 / inverseFlattening;
  return f * (2 - f);
}

const WGS84 = { semiMajor: 6_378_137, eccentricity2: eccentricity2(298.257223563) };

/** From one datum to another by way of WGS 84, heights taken as 0; null stands for WGS 84 or what equals it. */
export function shiftDatum(point: LonLatRadians, from: ShiftedDatum | null, to: ShiftedDatum | null): LonLatRadians {
  let xyz = geocentric(point, from ?? WGS84);
  if (from !== null) xyz = toWgs84(xyz, from.shift);
  if (to !== null) xyz = fromWgs84(xyz, to.shift);
  return geographic(xyz, to ?? WGS84);
}

// EPSG Guidance Note 7-2, method 9606.
function toWgs84([x, y, z]: Geocentric, [dx, dy, dz, ax, ay, az, s]: ShiftedDatum['shift']): Geocentric {
  const [rx, ry, rz, m] = [ax * ARC_SECOND, ay * ARC_SECOND, az * ARC_SECOND, 1 + s * 1e-6];
  return [dx + m * (x - rz * y + ry * z), dy + m * (rz * x + y - rx * z), dz + m * (-ry * x + rx * y + z)];
}

/** The transposed rotation, as PROJ does it. */
function fromWgs84([x0, y0, z0]: Geocentric, [dx, dy, dz, ax, ay, az, s]: ShiftedDatum['shift']): Geocentric {
  const [rx, ry, rz, m] = [ax * ARC_SECOND, ay * ARC_SECOND, az * ARC_SECOND, 1 + s * 1e-6];
  const [x, y, z] = [(x0 - dx) / m, (y0 - dy) / m, (z0 - dz) / m];
  return [x + rz * y - ry * z, -rz * x + y + rx * z, ry * x - rx * y + z];
}

// EPSG Guidance Note 7-2, method 9602.
function geocentric({ lon, lat }: LonLatRadians, e: { semiMajor: number; eccentricity2: number }): Geocentric {
  const sin = Math.sin(lat);
  const cos = Math.cos(lat);
  const n = e.semiMajor / Math.sqrt(1 - e.eccentricity2 * sin * sin);
  return [n * cos * Math.cos(lon), n * cos * Math.sin(lon), n * (1 - e.eccentricity2) * sin];
}

/** Bowring's formula: one step is exact to a nanometre this close to the ellipsoid. */
function geographic([x, y, z]: Geocentric, e: { semiMajor: number; eccentricity2: number }): LonLatRadians {
  const b = e.semiMajor * Math.sqrt(1 - e.eccentricity2);
  const p = Math.hypot(x, y);
  const theta = Math.atan2(z * e.semiMajor, p * b);
  const second = e.eccentricity2 / (1 - e.eccentricity2);
  const lat = Math.atan2(
    z + second * b * Math.sin(theta) ** 3,
    p - e.eccentricity2 * e.semiMajor * Math.cos(theta) ** 3,
  );
  return { lon: Math.atan2(y, x), lat };
}
