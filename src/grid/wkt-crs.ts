import { CubeError } from '../errors.js';
import type { CrsModel, DatumShift } from './crs-model.js';
import { parseGeographic, shiftOf } from './wkt-geographic.js';
import { childOf, childrenOf, numberAt, textAt, type WktNode } from './wkt-node.js';
import { parseProjected } from './wkt-projected.js';
import { fault, unitOf } from './wkt-units.js';

const GEOGRAPHIC = ['GEOGCS', 'GEOGCRS', 'GEOGRAPHICCRS', 'GEODCRS', 'GEODETICCRS'];
const BASES = [...GEOGRAPHIC, 'BASEGEOGCRS', 'BASEGEODCRS'];
const PROJECTED = ['PROJCS', 'PROJCRS', 'PROJECTEDCRS'];
const COMPOUND = ['COMPD_CS', 'COMPOUNDCRS'];
const HORIZONTAL = [...GEOGRAPHIC, ...PROJECTED, ...COMPOUND, 'BOUNDCRS'];

/** The horizontal system of a WKT tree (WKT 1, ESRI's, WKT 2). Throws `unsupported` for kinds and projections that we lack. */
export function modelOfWkt(node: WktNode): CrsModel {
  return readCrs(node, null);
}

/** True for a keyword that opens a definition with a horizontal part. */
export function isCrsKeyword(keyword: string): boolean {
  return HORIZONTAL.includes(keyword.toUpperCase());
}

function readCrs(node: WktNode, bound: DatumShift | null): CrsModel {
  if (GEOGRAPHIC.includes(node.keyword)) return parseGeographic(node, bound);
  if (PROJECTED.includes(node.keyword)) {
    const base = childOf(node, ...BASES);
    if (base === null) throw fault(`"${textAt(node, 0)}" has no geographic base`);
    return parseProjected(node, parseGeographic(base, bound));
  }
  if (COMPOUND.includes(node.keyword)) {
    const part = childOf(node, ...HORIZONTAL);
    if (part === null) throw fault(`the compound system "${textAt(node, 0)}" has no horizontal part`);
    return readCrs(part, bound);
  }
  if (node.keyword === 'BOUNDCRS') return readBound(node);
  throw new CubeError({ kind: 'unsupported', feature: `a coordinate reference system of kind ${node.keyword}` });
}

/** ISO 19162 §17: a source, a hub (WGS 84) and the shift between them. */
function readBound(node: WktNode): CrsModel {
  const source = childOf(node, 'SOURCECRS');
  const inner = source === null ? null : childOf(source, ...HORIZONTAL);
  if (inner === null) throw fault('BOUNDCRS has no source');
  if (inner.keyword === 'BOUNDCRS') throw fault('BOUNDCRS in BOUNDCRS');
  const transformation = childOf(node, 'ABRIDGEDTRANSFORMATION');
  if (transformation === null) throw fault('BOUNDCRS has no transformation');
  const hub = childOf(childOf(node, 'TARGETCRS') ?? node, ...GEOGRAPHIC);
  if (hub !== null && parseGeographic(hub, null).datum.shift.kind === 'helmert') {
    throw new CubeError({ kind: 'unsupported', feature: `a datum shift to ${textAt(hub, 0)} instead of WGS 84` });
  }
  return readCrs(inner, abridgedShift(transformation));
}

/** EPSG codes of the parameters of methods 9603, 9606 and 9607, in our order. */
const SHIFT_PARAMETERS = [8605, 8606, 8607, 8608, 8609, 8610, 8611];
const SHIFT_NAMES = [/^x.*trans/, /^y.*trans/, /^z.*trans/, /^x.*rot/, /^y.*rot/, /^z.*rot/, /^scale/];

function abridgedShift(node: WktNode): DatumShift {
  const file = childOf(node, 'PARAMETERFILE');
  if (file !== null) return { kind: 'grid', grid: textAt(file, 1) };
  const method = textAt(childOf(node, 'METHOD', 'PROJECTION') ?? node, 0).toLowerCase();
  // Coordinate frame rotations turn the axes, position vector ones the point.
  const sign = method.includes('coordinate frame') ? -1 : 1;
  if (!/geocentric translation|position vector|coordinate frame/.test(method)) {
    throw new CubeError({ kind: 'unsupported', feature: `the datum transformation "${method}"` });
  }
  const values = SHIFT_PARAMETERS.map((code, i) => {
    const entry = childrenOf(node, 'PARAMETER').find((candidate) => {
      const id = childOf(candidate, 'ID', 'AUTHORITY');
      return (id !== null && numberAt(id, 1) === code) || SHIFT_NAMES[i]!.test(textAt(candidate, 0).toLowerCase());
    });
    return entry === undefined ? 0 : shiftValue(entry, i);
  });
  return shiftOf(values.map((value, i) => (i >= 3 && i <= 5 && value !== 0 ? sign * value : value)));
}

const ARC_SECOND = Math.PI / 648_000;

/** Metres, arc seconds and parts per million, in which they also stand where no unit is given. */
function shiftValue(node: WktNode, index: number): number {
  const value = numberAt(node, 1) ?? NaN;
  if (index < 3) return value * (unitOf(node, 'LENGTHUNIT')?.factor ?? 1);
  if (index < 6) return (value * (unitOf(node, 'ANGLEUNIT')?.factor ?? ARC_SECOND)) / ARC_SECOND;
  const scale = unitOf(node, 'SCALEUNIT')?.factor;
  // PROJ writes the scale itself (1.0000067), ISO's examples the difference in parts per million.
  if (scale === undefined || scale === 1)
    return Math.abs(value - 1) < 0.01 ? (value - 1) * 1e6 : value * (scale === 1 ? 1e6 : 1);
  return value * scale * 1e6;
}
