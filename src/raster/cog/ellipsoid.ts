import { GeoKey, keyNumber, USER_DEFINED, type GeoKeys } from './geo-keys.js';

/** Inverse flattening 0 means a sphere. The semi-major axis is in metres. */
export type Ellipsoid = { readonly name: string; readonly semiMajor: number; readonly inverseFlattening: number };

/** Defining values of the EPSG dataset, by EPSG ellipsoid code. */
const ELLIPSOIDS: Readonly<Record<number, Ellipsoid>> = {
  7001: { name: 'Airy 1830', semiMajor: 6_377_563.396, inverseFlattening: 299.3249646 },
  7002: { name: 'Airy Modified 1849', semiMajor: 6_377_340.189, inverseFlattening: 299.3249646 },
  7003: { name: 'Australian National Spheroid', semiMajor: 6_378_160, inverseFlattening: 298.25 },
  7004: { name: 'Bessel 1841', semiMajor: 6_377_397.155, inverseFlattening: 299.1528128 },
  7008: { name: 'Clarke 1866', semiMajor: 6_378_206.4, inverseFlattening: 294.978698213898 },
  7012: { name: 'Clarke 1880 (RGS)', semiMajor: 6_378_249.145, inverseFlattening: 293.465 },
  7019: { name: 'GRS 1980', semiMajor: 6_378_137, inverseFlattening: 298.257222101 },
  7022: { name: 'International 1924', semiMajor: 6_378_388, inverseFlattening: 297 },
  7024: { name: 'Krassowsky 1940', semiMajor: 6_378_245, inverseFlattening: 298.3 },
  7030: { name: 'WGS 84', semiMajor: 6_378_137, inverseFlattening: 298.257223563 },
  7035: { name: 'Sphere', semiMajor: 6_371_000, inverseFlattening: 0 },
  7036: { name: 'GRS 1967', semiMajor: 6_378_160, inverseFlattening: 298.247167427 },
  7043: { name: 'WGS 72', semiMajor: 6_378_135, inverseFlattening: 298.26 },
  7048: { name: 'GRS 1980 Authalic Sphere', semiMajor: 6_371_007, inverseFlattening: 0 },
  7050: { name: 'GRS 1967 Modified', semiMajor: 6_378_160, inverseFlattening: 298.25 },
};

/** A datum as far as WKT needs it: its name and ellipsoid code. */
type Datum = { readonly name: string; readonly ellipsoid: number };

/** Geodetic CRSs that user-defined projections of real files stand on: EPSG code → name and datum. */
const GEODETIC: Readonly<Record<number, { readonly name: string; readonly datum: Datum }>> = {
  4230: { name: 'ED50', datum: { name: 'European Datum 1950', ellipsoid: 7022 } },
  4258: { name: 'ETRS89', datum: { name: 'European Terrestrial Reference System 1989', ellipsoid: 7019 } },
  4267: { name: 'NAD27', datum: { name: 'North American Datum 1927', ellipsoid: 7008 } },
  4269: { name: 'NAD83', datum: { name: 'North American Datum 1983', ellipsoid: 7019 } },
  4277: { name: 'OSGB36', datum: { name: 'Ordnance Survey of Great Britain 1936', ellipsoid: 7001 } },
  4283: { name: 'GDA94', datum: { name: 'Geocentric Datum of Australia 1994', ellipsoid: 7019 } },
  4284: { name: 'Pulkovo 1942', datum: { name: 'Pulkovo 1942', ellipsoid: 7024 } },
  4314: { name: 'DHDN', datum: { name: 'Deutsches Hauptdreiecksnetz', ellipsoid: 7004 } },
  4322: { name: 'WGS 72', datum: { name: 'World Geodetic System 1972', ellipsoid: 7043 } },
  4326: { name: 'WGS 84', datum: { name: 'World Geodetic System 1984', ellipsoid: 7030 } },
  4490: { name: 'China Geodetic Coordinate System 2000', datum: { name: 'China 2000', ellipsoid: 7019 } },
  4612: { name: 'JGD2000', datum: { name: 'Japanese Geodetic Datum 2000', ellipsoid: 7019 } },
  4617: { name: 'NAD83(CSRS)', datum: { name: 'NAD83 Canadian Spatial Reference System', ellipsoid: 7019 } },
  4674: {
    name: 'SIRGAS 2000',
    datum: { name: 'Sistema de Referencia Geocentrico para las AmericaS 2000', ellipsoid: 7019 },
  },
  6318: { name: 'NAD83(2011)', datum: { name: 'NAD83 (National Spatial Reference System 2011)', ellipsoid: 7019 } },
  6668: { name: 'JGD2011', datum: { name: 'Japanese Geodetic Datum 2011', ellipsoid: 7019 } },
  7844: { name: 'GDA2020', datum: { name: 'Geocentric Datum of Australia 2020', ellipsoid: 7019 } },
};

/** The geodetic base of a CRS that is spelt out in GeoKeys. `code` only where the keys do not contradict it. */
export type GeodeticBase = {
  readonly code: number | null;
  readonly name: string;
  readonly datumName: string;
  readonly ellipsoid: Ellipsoid;
  /** Degrees east of Greenwich. */
  readonly primeMeridian: number;
};

/** Ellipsoids this close are the same one written with fewer digits. */
const SAME_AXIS_METRES = 0.001;
const SAME_INVERSE_FLATTENING = 1e-6;

/** The geodetic base of the keys, or null where they name no ellipsoid that we know. Spelt-out axes win over codes, as in GDAL. */
export function geodeticBase(keys: GeoKeys): GeodeticBase | null {
  const code = keyNumber(keys, [GeoKey.GeodeticCrs], USER_DEFINED);
  const known = GEODETIC[code];
  const byCode = ELLIPSOIDS[known?.datum.ellipsoid ?? keyNumber(keys, [GeoKey.Ellipsoid], USER_DEFINED)] ?? null;
  const given = givenEllipsoid(keys);
  const ellipsoid = given === null || (byCode !== null && isSame(given, byCode)) ? byCode : given;
  if (ellipsoid === null) return null;
  const citation = keys.texts.get(GeoKey.GeodeticCitation) ?? '';
  const primeMeridian = keyNumber(keys, [GeoKey.PrimeMeridianLongitude], 0);
  if (known !== undefined && ellipsoid === byCode) {
    return { code, name: known.name, datumName: known.datum.name, ellipsoid, primeMeridian: 0 };
  }
  const name = citationPart(citation, 'GCS Name') ?? (citation.includes('=') || citation === '' ? 'unknown' : citation);
  const datumName = citationPart(citation, 'Datum') ?? known?.datum.name ?? 'unknown';
  const own = code === USER_DEFINED || code <= 0 || known !== undefined ? null : code;
  return { code: own, name, datumName, ellipsoid, primeMeridian };
}

function givenEllipsoid(keys: GeoKeys): Ellipsoid | null {
  const semiMajor = keyNumber(keys, [GeoKey.SemiMajorAxis], NaN);
  if (!(semiMajor > 0)) return null;
  const name = citationPart(keys.texts.get(GeoKey.GeodeticCitation) ?? '', 'Ellipsoid') ?? 'unknown';
  const inverse = keyNumber(keys, [GeoKey.InverseFlattening], NaN);
  if (inverse >= 0 && Number.isFinite(inverse)) return { name, semiMajor, inverseFlattening: inverse };
  const semiMinor = keyNumber(keys, [GeoKey.SemiMinorAxis], NaN);
  if (!(semiMinor > 0 && semiMinor <= semiMajor)) return null;
  const inverseFlattening = semiMinor === semiMajor ? 0 : semiMajor / (semiMajor - semiMinor);
  return { name, semiMajor, inverseFlattening };
}

function isSame(a: Ellipsoid, b: Ellipsoid): boolean {
  const sameAxis = Math.abs(a.semiMajor - b.semiMajor) < SAME_AXIS_METRES;
  return sameAxis && Math.abs(a.inverseFlattening - b.inverseFlattening) < SAME_INVERSE_FLATTENING;
}

/** libgeotiff packs names into one citation: "GCS Name = …|Datum = …|Ellipsoid = …|Primem = …". */
function citationPart(citation: string, part: string): string | null {
  for (const piece of citation.split('|')) {
    const [key, ...rest] = piece.split('=');
    if (key!.trim() === part && rest.length > 0) return rest.join('=').trim();
  }
  return null;
}
