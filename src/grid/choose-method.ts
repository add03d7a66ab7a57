import { methodByEpsg, METHODS, type ProjectionMethod } from './projection-methods.js';

/** A parameter as a file gives it: name without case and punctuation, degrees, metres or a scale. */
export type FoundParameter = { readonly name: string; readonly epsg: number | null; readonly value: number };

/** What a file says about its projection. `swapped`: Krovak's axes turned to east and north. */
export type FoundConversion = {
  readonly name: string;
  /** Method name without case and punctuation. */
  readonly method: string;
  readonly methodEpsg: number | null;
  readonly parameters: readonly FoundParameter[];
  readonly sphere: boolean;
  readonly eastNorth: boolean;
  /** WKT 1 `EXTENSION["PROJ4", …]`, or an empty text. */
  readonly extension: string;
};

type Choice = string | ((found: FoundConversion) => string | null);

const value = (found: FoundConversion, ...names: readonly string[]): number | null =>
  found.parameters.find((entry) => names.includes(entry.name))?.value ?? null;

const hasSecondParallel = (found: FoundConversion): boolean =>
  value(found, 'standardparallel2', 'latitudeof2ndstandardparallel') !== null;

/** GDAL writes both polar variants under one name: at the pole the scale is given, elsewhere the latitude of true scale. */
function polar(found: FoundConversion): string {
  const latitude = value(found, 'latitudeoforigin', 'latitudeofnaturalorigin', 'standardparallel1') ?? 90;
  return Math.abs(latitude) > 89.9999999 ? 'stere-a' : 'stere-b';
}

/** Web Mercator in WKT 1 is an ellipsoidal Mercator with an extension that says otherwise. */
function mercator(found: FoundConversion): string {
  if (/\+nadgrids=@null/.test(found.extension) || /\+proj=webmerc/.test(found.extension)) return 'webmerc';
  // A true scale on the equator is variant A without a scale.
  return (value(found, 'standardparallel1', 'latitudeof1ststandardparallel') ?? 0) === 0 ? 'merc-a' : 'merc-b';
}

/** Krovak proper counts south and west; ESRI turns it with two of its parameters. */
function krovak(found: FoundConversion): string | null {
  const turned = value(found, 'xyplanerotation') === 90 && value(found, 'xscale') === -1;
  return turned || (found.eastNorth && found.methodEpsg !== 9819) ? 'krovak' : null;
}

const onSphere =
  (key: string): Choice =>
  (found) =>
    found.sphere ? key : null;

const BY_NAME: Readonly<Record<string, Choice>> = {
  transversemercator: 'tmerc',
  gausskruger: 'tmerc',
  lambertconformalconic: (found) => (hasSecondParallel(found) ? 'lcc' : 'lcc-1sp'),
  lambertconformalconic1sp: 'lcc-1sp',
  lambertconicconformal1sp: 'lcc-1sp',
  lambertconformalconic2sp: 'lcc',
  lambertconicconformal2sp: 'lcc',
  mercator: mercator,
  mercator1sp: mercator,
  mercator2sp: 'merc-b',
  mercatorvarianta: mercator,
  mercatorvariantb: 'merc-b',
  mercatorauxiliarysphere: 'webmerc',
  popularvisualisationpseudomercator: 'webmerc',
  lambertazimuthalequalarea: 'laea',
  lambertazimuthalequalareaspherical: onSphere('laea'),
  albers: 'aea',
  albersconicequalarea: 'aea',
  albersequalarea: 'aea',
  obliquestereographic: 'sterea',
  doublestereographic: 'sterea',
  polarstereographic: polar,
  polarstereographicvarianta: 'stere-a',
  polarstereographicvariantb: 'stere-b',
  stereographicnorthpole: polar,
  stereographicsouthpole: polar,
  stereographic: (found) =>
    Math.abs(value(found, 'latitudeoforigin', 'latitudeofnaturalorigin') ?? 0) > 89.9999999 ? 'stere-a' : 'stere',
  cylindricalequalarea: 'cea',
  behrmann: 'cea',
  lambertcylindricalequalarea: 'cea',
  lambertcylindricalequalareaspherical: onSphere('cea'),
  krovak: krovak,
  krovaknorthorientated: 'krovak',
  hotineobliquemercator: 'omerc-a',
  hotineobliquemercatorvarianta: 'omerc-a',
  hotineobliquemercatorazimuthnaturalorigin: 'omerc-a',
  hotineobliquemercatorazimuthcenter: 'omerc-b',
  hotineobliquemercatorvariantb: 'omerc-b',
  rectifiedskeworthomorphicnaturalorigin: 'omerc-a',
  rectifiedskeworthomorphiccenter: 'omerc-b',
  obliquemercator: 'omerc-b',
  swissobliquecylindrical: 'omerc-b',
  swissobliquemercator: 'omerc-b',
  cassini: 'cass',
  cassinisoldner: 'cass',
  polyconic: 'poly',
  americanpolyconic: 'poly',
  azimuthalequidistant: 'aeqd',
  modifiedazimuthalequidistant: () => null,
  equalearth: 'eqearth',
  equirectangular: 'eqc',
  equidistantcylindrical: 'eqc',
  equidistantcylindricalspherical: onSphere('eqc'),
  platecarree: 'eqc',
  equidistantconic: 'eqdc',
  orthographic: 'ortho',
  gnomonic: 'gnom',
  sinusoidal: 'sinu',
  mollweide: 'moll',
  robinson: 'robin',
  geostationarysatellite: (found) => (/\+sweep=x/.test(found.extension) ? 'geos-x' : 'geos'),
  geostationarysatellitesweepy: 'geos',
  geostationarysatellitesweepx: 'geos-x',
};

/** The method of a conversion, by its EPSG code, else by its name; null when we do not compute it. */
export function chooseMethod(found: FoundConversion): ProjectionMethod | null {
  const coded = found.methodEpsg === null ? null : methodByEpsg(found.methodEpsg);
  if (coded !== null) return coded;
  // Old writers name the zone instead of the method, and still give its parameters.
  if (/^utm\d{1,2}[ns]$/.test(found.method)) return METHODS.get('tmerc') ?? null;
  const choice = Object.hasOwn(BY_NAME, found.method) ? BY_NAME[found.method] : undefined;
  const key = typeof choice === 'function' ? choice(found) : choice;
  return key === undefined || key === null ? null : (METHODS.get(key) ?? null);
}
