import type { MethodParameter, ParameterRole } from './projection-methods.js';

/**
 * Every name that WKT 1, WKT 2, ESRI and PROJJSON have for a parameter, without case and punctuation. Which of them can
 * occur together is the method's affair.
 */
const NAMES: Readonly<Record<ParameterRole, readonly string[]>> = {
  lat0: [
    'latitudeofnaturalorigin',
    'latitudeoforigin',
    'latitudeoffalseorigin',
    'latitudeofcenter',
    'latitudeofcentre',
    'latitudeofprojectioncentre',
    'centralparallel',
  ],
  lon0: [
    'longitudeofnaturalorigin',
    'centralmeridian',
    'longitudeoforigin',
    'longitudeoffalseorigin',
    'longitudeofcenter',
    'longitudeofcentre',
    'longitudeofprojectioncentre',
    'straightverticallongitudefrompole',
  ],
  lat1: ['standardparallel1', 'latitudeof1ststandardparallel', 'latitudeofstandardparallel', 'standardparallel'],
  lat2: ['standardparallel2', 'latitudeof2ndstandardparallel'],
  k: [
    'scalefactor',
    'scalefactoratnaturalorigin',
    'scalefactoratprojectioncentre',
    'scalefactoronpseudostandardparallel',
    'scalefactoratcenter',
  ],
  x0: ['falseeasting', 'eastingatfalseorigin', 'eastingatprojectioncentre'],
  y0: ['falsenorthing', 'northingatfalseorigin', 'northingatprojectioncentre'],
  azimuth: ['azimuth', 'azimuthatprojectioncentre', 'azimuthofinitialline'],
  gamma: ['rectifiedgridangle', 'xyplanerotation', 'anglefromrectifiedtoskewgrid'],
  colatitude: ['colatitudeofconeaxis', 'azimuth'],
  pseudoParallel: ['pseudostandardparallel1', 'latitudeofpseudostandardparallel'],
  height: ['satelliteheight', 'height'],
};

/** Lengths and scales; all other roles are angles. */
const LENGTHS: readonly ParameterRole[] = ['x0', 'y0', 'height'];

/** What a parameter of a method is measured in. */
export function parameterKind(role: ParameterRole): 'length' | 'scale' | 'angle' {
  return role === 'k' ? 'scale' : LENGTHS.includes(role) ? 'length' : 'angle';
}

/** Whether a (normalised) name or an EPSG code of a file means this parameter. */
export function isParameter(
  { role, name, epsg }: MethodParameter,
  found: { name: string; epsg: number | null },
): boolean {
  if (found.epsg !== null && found.epsg === epsg) return true;
  return NAMES[role].includes(found.name) || name.toLowerCase().replace(/[^a-z0-9]/g, '') === found.name;
}
