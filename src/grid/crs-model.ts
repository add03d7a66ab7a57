/** A unit of an axis: metres per unit for lengths, radians per unit for angles. */
export type AxisUnit = { readonly name: string; readonly factor: number };

/** Semi-major axis in metres; `inverseFlattening` 0 means a sphere. */
export type Ellipsoid = { readonly name: string; readonly semiMajor: number; readonly inverseFlattening: number };

/** How coordinates of a datum become coordinates of WGS 84. */
export type DatumShift =
  /** WGS 84 itself, or a frame that agrees with it to a metre or two: nothing is shifted, as in PROJ. */
  | { readonly kind: 'none' }
  /** No place on the Earth is stated (a sphere, "not specified"): latitude and longitude pass unchanged, as in PROJ. */
  | { readonly kind: 'unstated' }
  /** Position vector transformation: metres, arc seconds, parts per million. */
  | {
      readonly kind: 'helmert';
      readonly parameters: readonly [dx: number, dy: number, dz: number, rx: number, ry: number, rz: number, s: number];
    }
  /** Only a grid file says it. */
  | { readonly kind: 'grid'; readonly grid: string }
  /** A real datum for which we know no shift. */
  | { readonly kind: 'unknown' };

/** `stated`: the definition itself gives the shift; else it is what the datum's name (and area) implies. */
export type Datum = {
  readonly name: string;
  readonly ellipsoid: Ellipsoid;
  readonly shift: DatumShift;
  readonly stated: boolean;
};

/** Order and direction of the axes as the definition states them; our coordinates are always x east, y north. */
export type AxisOrder = 'en' | 'ne' | 'nn' | 'ss';

/** A geographic system. `meridian.longitude` is in degrees east of Greenwich. */
export type GeographicModel = {
  readonly kind: 'geographic';
  readonly name: string;
  readonly code: number | null;
  readonly datum: Datum;
  readonly meridian: { readonly name: string; readonly longitude: number };
  readonly unit: AxisUnit;
  readonly axes: AxisOrder;
};

/** A projected system; `values` are in the order of the method's parameters, degrees and metres. */
export type ProjectedModel = {
  readonly kind: 'projected';
  readonly name: string;
  readonly code: number | null;
  readonly base: GeographicModel;
  readonly conversion: { readonly name: string; readonly method: string; readonly values: readonly number[] };
  readonly unit: AxisUnit;
  readonly axes: AxisOrder;
};

/** A horizontal reference system taken apart. `code` is its EPSG code. */
export type CrsModel = GeographicModel | ProjectedModel;

/** The unit of most geographic systems. */
export const DEGREE: AxisUnit = { name: 'degree', factor: Math.PI / 180 };
/** The unit of most projected systems. */
export const METRE: AxisUnit = { name: 'metre', factor: 1 };

/** The geographic system under a model (the model itself when it is one). */
export function baseOf(model: CrsModel): GeographicModel {
  return model.kind === 'geographic' ? model : model.base;
}

/** A number in its shortest form, never with an exponent: neither PROJ strings nor every WKT reader takes one. */
export function formatNumber(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/\.?0+$/, '') : text;
}
